#include "cli/json_output.hpp"

#include <nlohmann/json.hpp>

#include "base/secret.hpp"
#include "base/text.hpp"
#include "mailchimp/catalogue.hpp"

namespace chimplift {
namespace {

using Document = nlohmann::ordered_json;

std::string text_of(const Document& document) { return document.dump(1, ' ', false, Document::error_handler_t::replace) + "\n"; }

template <typename T>
Document or_null(const std::optional<T>& value) {
  return value ? Document(*value) : Document(nullptr);
}

Document to_json(const Error& error) {
  return {{"kind", name_of(error.kind)}, {"message", to_utf8(redact(error.message))}, {"advice", to_utf8(redact(error.advice))}};
}

Document to_json(const std::optional<Error>& error) { return error ? to_json(*error) : Document(nullptr); }

Document to_json(const PartialReading& partial) {
  return {{"part", partial.part},
          {"pages", partial.pages},
          {"pages_read", partial.pages_read},
          {"files", partial.files},
          {"files_read", partial.files_read},
          {"bytes", partial.bytes},
          {"bytes_read", partial.bytes_read}};
}

/// The certificate of this run, or the one that a partial verification left as it is.
Document certificate_of(const AccountResult& account) {
  if (account.certificate) return Document::parse(to_json(*account.certificate));
  const Document standing = Document::parse(account.standing, nullptr, false);
  return standing.is_discarded() ? Document(nullptr) : standing;
}

/// In the words of a certificate.
Document gaps_of(const AccountResult& account) {
  if (!account.gaps) return nullptr;
  Certificate certificate;
  certificate.account_name = account.account_name;
  certificate.gaps = *account.gaps;
  return Document::parse(to_json(certificate)).at("gaps");
}

Document changes_of(const AccountResult& account) {
  if (!account.changes) return nullptr;
  Document list = Document::array();
  for (const auto& [table, changes] : *account.changes) {
    if (changes.added + changes.changed > 0) list.push_back({{"table", table}, {"added", changes.added}, {"changed", changes.changed}});
  }
  return list;
}

Document to_json(const AccountResult& account) {
  return {{"account_name", account.account_name},
          {"error", to_json(account.error)},
          {"requests", account.requests},
          {"retries", account.retries},
          {"records", account.records},
          {"rows", account.rows},
          {"changes", changes_of(account)},
          {"partial", account.partial ? to_json(*account.partial) : Document(nullptr)},
          {"certificate", certificate_of(account)},
          {"certificate_written", account.certificate.has_value() && !account.is_unwritten},
          {"gaps", gaps_of(account)}};
}

Document to_json(const AccountPlan& plan) {
  Document lines = Document::array();
  for (const PlanLine& line : plan.lines) {
    lines.push_back({{"table", line.table},
                     {"step", line.step},
                     {"excluded", line.excluded},
                     {"ids_only", line.helper},
                     {"rows", or_null(line.rows)},
                     {"requests", line.requests},
                     {"reason", line.reason.empty() ? Document(nullptr) : Document(to_utf8(redact(line.reason)))}});
  }
  return {{"account_name", plan.account_name},
          {"error", to_json(plan.error)},
          {"requests", plan.requests},
          {"latency_seconds", plan.latency_seconds},
          {"estimated_seconds", plan.estimated_seconds},
          {"streams", lines}};
}

/// A certificate may hold anything by now.
Document limited_by_of(const AccountStatus& account) {
  Document limits = Document::array();
  for (const std::string& limit : account.limited_by) limits.push_back(to_utf8(redact(limit)));
  return limits;
}

Document to_json(const AccountStatus& account) {
  Document lines = Document::array();
  for (const StatusLine& line : account.lines) {
    lines.push_back({{"table", line.table},
                     {"step", line.step},
                     {"state", name_of(line.state)},
                     {"collections_ended", line.units_ended},
                     {"collections_open", line.units_open},
                     {"records", line.records},
                     {"pages", line.pages},
                     {"inside", line.inside.empty() ? Document(nullptr) : Document(line.inside)}});
  }
  Document document = {{"account_name", account.account_name},
                       {"error", to_json(account.error)},
                       {"verdict", account.verdict.empty() ? Document(nullptr) : Document(account.verdict)},
                       {"test", account.test},
                       {"last_page_at", account.last_page_at.empty() ? Document(nullptr) : Document(account.last_page_at)},
                       {"files", account.files},
                       {"file_bytes", account.file_bytes},
                       {"streams", lines}};
  if (!account.verdict.empty()) {
    document["verdict_at"] = account.verdict_at;
    document["verdict_is_current"] = account.is_current;
    document["verdict_limited_by"] = limited_by_of(account);
  }
  return document;
}

std::string_view name_of(FileRule::Source source) {
  switch (source) {
    case FileRule::Source::body:
      return "body";
    case FileRule::Source::address:
      return "address";
    case FileRule::Source::shown:
      return "shown";
  }
  return "";
}

Document to_json(const FileRule& rule) {
  return {{"source", name_of(rule.source)}, {"field", rule.field},           {"folder", rule.folder},     {"suffix", rule.suffix},
          {"size_field", rule.size_field},  {"name_field", rule.name_field}, {"id_field", rule.id_field}, {"each", rule.each},
          {"is_html", rule.is_html}};
}

Document to_json(const Stream& stream) {
  const Table table = table_of(stream);
  Document columns = Document::array();
  for (const Column& column : table.columns) columns.push_back({{"name", column.name}, {"type", name_of(column.type)}});
  Document files = Document::array();
  for (const FileRule& rule : stream.files) files.push_back(to_json(rule));
  return {{"table", stream.table},
          {"step", stream.step},
          {"about", stream.about},
          {"path", stream.path},
          {"items", stream.items},
          {"key", table.key},
          {"paging", name_of(stream.paging)},
          {"total", name_of(stream.total)},
          {"page_size", stream.page_size},
          {"sort", stream.sort},
          {"sweeps", stream.sweeps},
          {"parent", stream.parent.empty() ? Document(nullptr) : Document(stream.parent)},
          {"parent_field", stream.parent_field},
          {"explode", stream.explode},
          {"record_key", stream.record_key},
          {"personal_data", stream.personal_data},
          {"files", files},
          {"columns", columns}};
}

template <typename T>
Document list_of(const T& items) {
  Document list = Document::array();
  for (const auto& item : items) list.push_back(to_json(item));
  return list;
}

}  // namespace

std::string error_document(const Error& error, int code) { return text_of({{"error", to_json(error)}, {"exit_code", code}}); }

std::string run_document(std::string_view command, const RunResult& result, int code) {
  return text_of({{"command", command},
                  {"exit_code", code},
                  {"seconds", result.seconds},
                  {"error", to_json(result.error)},
                  {"accounts", list_of(result.accounts)}});
}

std::string plan_document(const std::vector<AccountPlan>& plans, int code) {
  return text_of({{"command", "plan"}, {"exit_code", code}, {"accounts", list_of(plans)}});
}

std::string status_document(const std::vector<AccountStatus>& accounts, int code) {
  return text_of({{"command", "status"}, {"exit_code", code}, {"accounts", list_of(accounts)}});
}

std::string doctor_document(const std::vector<Check>& checks, int code) {
  Document list = Document::array();
  for (const Check& check : checks) {
    list.push_back({{"account_name", check.account_name.empty() ? Document(nullptr) : Document(check.account_name)},
                    {"what", check.what},
                    {"ok", !check.error},
                    {"detail", to_utf8(redact(check.detail))},
                    {"error", to_json(check.error)}});
  }
  return text_of({{"command", "doctor"}, {"exit_code", code}, {"checks", list}});
}

std::string streams_document() { return text_of(list_of(catalogue())); }

std::string accounts_document(std::span<const Account> accounts) {
  Document list = Document::array();
  for (const Account& account : accounts) list.push_back({{"account_name", account.name}, {"server", account.server}});
  return text_of(list);
}

std::string sql_document(const std::string& sql) { return text_of({{"sql", sql}}); }
std::string text_document(const std::string& text) { return text_of({{"text", text}}); }

std::string version_document() { return text_of({{"name", "chimplift"}, {"version", CHIMPLIFT_VERSION}}); }

}  // namespace chimplift
