#include "sync/certificate_files.hpp"

#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "sync/certificate_html.hpp"

namespace chimplift {

Result<void> write_certificate(const AccountArchive& archive, const KnownSums& known, Certificate& certificate) {
  const AccountLayout& layout = archive.layout();
  TRY_ASSIGN(const ContentList content, list_content(layout, known));
  certificate.content = content.sum;
  TRY(write_file(layout.content_list(), content.text));
  TRY(write_file(layout.certificate_page(), to_html(certificate)));
  return write_file(layout.certificate(), to_json(certificate));
}

Result<void> write_partial_certificate(const AccountArchive& archive, const Certificate& certificate) {
  if (certificate.gaps.empty()) return {};
  TRY(write_file(archive.layout().certificate_page(), to_html(certificate)));
  return write_file(archive.layout().certificate(), to_json(certificate));
}

std::string standing_certificate(const AccountArchive& archive) { return read_file(archive.layout().certificate()).value_or(""); }

std::string verdict_in(const std::string& json) {
  const nlohmann::json document = nlohmann::json::parse(json, nullptr, false);
  if (!document.is_object() || !document.contains("verdict") || !document["verdict"].is_string()) return {};
  return document["verdict"].get<std::string>();
}

}  // namespace chimplift
