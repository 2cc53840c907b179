#include "cli/ca_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/files.hpp"

namespace chimplift {
namespace {

// The three headings under which OpenSSL reads a certificate.
constexpr std::string_view kHeadings[] = {"-----BEGIN CERTIFICATE-----", "-----BEGIN TRUSTED CERTIFICATE-----",
                                          "-----BEGIN X509 CERTIFICATE-----"};

}  // namespace

Result<std::string> ca_file_of(const Values& values) {
  const std::string name = values.text("ca-file");
  if (name.empty()) return name;
  const std::string advice = fmt::format("{} names a PEM file with certificate authorities.", values.where("ca-file"));
  const Result<std::string> text = read_file(name);
  if (!text) return fail(ErrorKind::usage, text.error().message, advice);
  const auto is_in_it = [&text](std::string_view heading) { return text->find(heading) != std::string::npos; };
  if (std::ranges::any_of(kHeadings, is_in_it)) return name;
  return fail(ErrorKind::usage, fmt::format("{} holds no certificate", name),
              advice + fmt::format(" Such a file has lines {}; a DER file becomes one with: openssl x509 -inform der.", kHeadings[0]));
}

}  // namespace chimplift
