#include "sync/certificate.hpp"

#include <nlohmann/json.hpp>

namespace chimplift {
namespace {

using Json = nlohmann::ordered_json;

Json optional_number(const std::optional<i64>& number) { return number ? Json(*number) : Json(nullptr); }

Json to_json(const Finding& finding, const std::string& account_name) {
  Json parent = Json::object();
  for (const auto& [column, id] : finding.parent) parent[column] = id;
  Json object = {{"account", account_name}, {"stream", finding.stream}, {"parent", parent}, {"reason", finding.reason}};
  if (!finding.file.empty()) object["file"] = finding.file;
  if (!finding.command.empty()) object["command"] = finding.command;
  return object;
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::safe:
      return "safe to close";
    case Verdict::safe_with_exceptions:
      return "safe to close, with exceptions";
    case Verdict::not_safe:
      return "not safe";
    case Verdict::test_run:
      return "test run";
  }
  return "not safe";
}

std::optional<ErrorKind> failure_of(const Certificate& certificate) {
  return certificate.verdict == Verdict::not_safe ? std::optional(ErrorKind::gaps) : std::nullopt;
}

std::string to_json(const Certificate& c) {
  Json document = {{"format", "chimplift certificate"},
                   {"version", 1},
                   {"account_name", c.account_name},
                   {"verdict", name_of(c.verdict)},
                   {"created_at", c.created_at},
                   {"written_by", "chimplift " CHIMPLIFT_VERSION},
                   {"archive_id", c.archive_id},
                   {"pulled", {{"from", c.pulled_from}, {"to", c.pulled_to}, {"pages", c.pages}, {"bytes", c.page_bytes}}},
                   {"streams", Json::array()},
                   {"files", Json::array()},
                   {"gaps", Json::array()},
                   {"exceptions", Json::array()}};
  for (const StreamLine& line : c.streams) {
    document["streams"].push_back({{"table", line.table},
                                   {"step", line.step},
                                   {"state", line.state},
                                   {"collections", line.units},
                                   {"expected", optional_number(line.expected)},
                                   {"pulled", line.pulled},
                                   {"duplicates", line.duplicates},
                                   {"archived", line.archived},
                                   {"loaded", optional_number(line.loaded)},
                                   {"misfits", line.misfits}});
  }
  for (const FileLine& line : c.files) {
    document["files"].push_back({{"kind", line.kind},
                                 {"expected", line.expected},
                                 {"fetched", line.fetched},
                                 {"bytes", line.bytes},
                                 {"missing", line.missing},
                                 {"skipped", line.skipped}});
  }
  for (const Finding& gap : c.gaps) document["gaps"].push_back(to_json(gap, c.account_name));
  for (const Finding& exception : c.exceptions) document["exceptions"].push_back(to_json(exception, c.account_name));
  return document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace chimplift
