#include "sync/certificate_files.hpp"

#include <nlohmann/json.hpp>

#include "sync/certificate_html.hpp"

namespace chimplift {

namespace {

Result<void> write_both(Tree& account, const Certificate& certificate) {
  TRY(account.write(std::string(kCertificatePage), to_html(certificate)));
  return account.write(std::string(kCertificate), to_json(certificate));
}

}  // namespace

Result<void> write_certificate(const Settings& settings, const AccountArchive& archive, const KnownSums& known, Certificate& certificate) {
  Tree& account = archive.tree();
  TRY_ASSIGN(const ContentList content, list_content(settings, account, known));
  certificate.content = content.sum;
  TRY(account.write(std::string(kContentList), content.text));
  return write_both(account, certificate);
}

Result<void> write_partial_certificate(const AccountArchive& archive, const Certificate& certificate) {
  if (certificate.gaps.empty()) return {};
  return write_both(archive.tree(), certificate);
}

std::string standing_certificate(const AccountArchive& archive) {
  const Result<std::optional<std::string>> text = archive.tree().read(std::string(kCertificate));
  return text ? text->value_or("") : "";
}

std::string verdict_in(const std::string& json) {
  const nlohmann::json document = nlohmann::json::parse(json, nullptr, false);
  if (!document.is_object() || !document.contains("verdict") || !document["verdict"].is_string()) return {};
  return document["verdict"].get<std::string>();
}

}  // namespace chimplift
