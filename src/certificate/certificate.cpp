#include "certificate/certificate.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace chimplift {
namespace {

using Json = nlohmann::ordered_json;

Json optional_number(const std::optional<i64>& number) { return number ? Json(*number) : Json(nullptr); }

Json ids(const std::vector<std::pair<std::string, std::string>>& by_column) {
  Json object = Json::object();
  for (const auto& [column, id] : by_column) object[column] = id;
  return object;
}

/// The one of these whose name is `text`.
template <typename Word, std::size_t N>
std::optional<Word> word_named(std::string_view text, const std::array<Word, N>& words) {
  const auto found = std::find_if(words.begin(), words.end(), [text](Word word) { return name_of(word) == text; });
  return found == words.end() ? std::nullopt : std::optional(*found);
}

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json to_json(const MailchimpAccount& account) {
  return {{"account_id", text_or_null(account.id)}, {"account_name", text_or_null(account.name)}, {"login", text_or_null(account.login)}};
}

Json to_json(const std::optional<ContentSum>& content) {
  if (!content) return nullptr;
  return {{"sha256", content->sha256}, {"of", "content.sha256"}, {"files", content->files}, {"bytes", content->bytes}};
}

Json to_json(const std::optional<PartialReading>& partial) {
  if (!partial) return nullptr;
  return {{"part", partial->part},
          {"pages", partial->pages},
          {"pages_read", partial->pages_read},
          {"files", partial->files},
          {"files_read", partial->files_read},
          {"bytes", partial->bytes},
          {"bytes_read", partial->bytes_read}};
}

Json to_json(const CrossCheckLine& line) {
  Json examples = Json::array();
  for (const CrossCheckLine::Example& example : line.examples)
    examples.push_back({{"group", ids(example.group)}, {"said", example.said}, {"read", example.read}});
  return {{"name", line.name},         {"tables", line.streams}, {"relation", line.relation},       {"outcome", name_of(line.outcome)},
          {"compared", line.compared}, {"equal", line.equal},    {"differing", line.differing},     {"not_made", line.not_made},
          {"said", line.said},         {"read", line.read},      {"examples", std::move(examples)}, {"explanation", line.explanation},
          {"reason", line.reason}};
}

Json to_json(const Finding& finding, const std::string& account_name) {
  Json object = {{"account", account_name}, {"stream", finding.stream}, {"parent", ids(finding.parent)}, {"reason", said_reason(finding)}};
  if (!finding.file.empty()) object["file"] = finding.file;
  if (!finding.command.empty()) object["command"] = finding.command;
  if (!finding.below.empty()) object["below"] = finding.below;
  if (finding.more > 0) object["more"] = finding.more;
  return object;
}

Json to_json(const std::optional<SourceCheck>& source, const std::string& account_name) {
  if (!source) return nullptr;
  Json not_asked = Json::array();
  for (const SourceCheck::NotAsked& one : source->not_asked)
    not_asked.push_back({{"reason", one.reason}, {"collections", one.collections}, {"tables", one.tables}});
  Json remarks = Json::array();
  for (const Finding& remark : source->remarks) remarks.push_back(to_json(remark, account_name));
  return {{"asked_at", source->asked_at}, {"asked", source->asked},   {"agreed", source->agreed}, {"grown", source->grown},
          {"fewer", source->fewer},       {"failed", source->failed}, {"not_asked", not_asked},   {"remarks", remarks}};
}

}  // namespace

std::string said_reason(const Finding& finding) {
  return finding.more == 0 ? finding.reason : fmt::format("and {} more like this: {}", format_count(finding.more), finding.reason);
}

i64 count_of(const std::vector<Finding>& findings) {
  i64 count = 0;
  for (const Finding& finding : findings) count += std::max<i64>(finding.more, 1);
  return count;
}

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

std::optional<Verdict> parse_verdict(std::string_view text) {
  static constexpr std::array kAll = {Verdict::safe, Verdict::safe_with_exceptions, Verdict::not_safe, Verdict::test_run};
  return word_named(text, kAll);
}

bool is_safe(Verdict verdict) { return verdict == Verdict::safe || verdict == Verdict::safe_with_exceptions; }

std::string_view name_of(StreamState state) {
  switch (state) {
    case StreamState::complete:
      return "complete";
    case StreamState::excluded:
      return "excluded";
    case StreamState::not_permitted:
      return "not permitted";
    case StreamState::gone:
      return "gone";
    case StreamState::incomplete:
      return "incomplete";
  }
  return "incomplete";
}

std::optional<StreamState> parse_stream_state(std::string_view text) {
  static constexpr std::array kAll = {StreamState::complete, StreamState::excluded, StreamState::not_permitted, StreamState::gone,
                                      StreamState::incomplete};
  return word_named(text, kAll);
}

bool is_well(StreamState state) { return state == StreamState::complete || state == StreamState::gone; }

std::string_view name_of(CheckOutcome outcome) {
  switch (outcome) {
    case CheckOutcome::holds:
      return "holds";
    case CheckOutcome::differs_explained:
      return "differs, explained";
    case CheckOutcome::fails:
      return "fails";
    case CheckOutcome::not_made:
      return "not made";
  }
  return "not made";
}

bool is_of_some_steps(const Certificate& certificate) {
  return std::ranges::any_of(certificate.limited_by, [](const std::string& limit) { return limit.starts_with(kOnlySteps); });
}

std::optional<ErrorKind> failure_of(const Certificate& certificate) {
  return certificate.verdict == Verdict::not_safe ? std::optional(ErrorKind::gaps) : std::nullopt;
}

std::string to_json(const Certificate& c) {
  Json document = {{"format", "chimplift certificate"},
                   {"version", 1},
                   {"account_name", c.account_name},
                   {"mailchimp", to_json(c.mailchimp)},
                   {"verdict", name_of(c.verdict)},
                   {"created_at", c.created_at},
                   {"written_by", "chimplift " CHIMPLIFT_VERSION},
                   {"archive_id", c.archive_id},
                   {"pulled",
                    {{"from", c.pulled_from},
                     {"to", c.pulled_to},
                     {"current_from", text_or_null(c.current_from)},
                     {"pages", c.pages},
                     {"bytes", c.page_bytes},
                     {"ledger_bytes", c.ledger_bytes}}},
                   {"content", to_json(c.content)},
                   {"partial", to_json(c.partial)},
                   {"limited_by", c.limited_by},
                   {"replaced", c.replaced},
                   {"streams", Json::array()},
                   {"files", Json::array()},
                   {"cross_checks", Json::array()},
                   {"source", to_json(c.source, c.account_name)},
                   {"gaps", Json::array()},
                   {"exceptions", Json::array()}};
  for (const StreamLine& line : c.streams) {
    document["streams"].push_back({{"table", line.table},
                                   {"step", line.step},
                                   {"state", name_of(line.state)},
                                   {"collections", line.units},
                                   {"gone", line.gone},
                                   {"expected", optional_number(line.expected)},
                                   {"pulled", line.pulled},
                                   {"duplicates", line.duplicates},
                                   {"archived", line.loaded ? Json(line.archived) : Json(nullptr)},
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
  for (const CrossCheckLine& line : c.cross_checks) document["cross_checks"].push_back(to_json(line));
  for (const Finding& gap : c.gaps) document["gaps"].push_back(to_json(gap, c.account_name));
  for (const Finding& exception : c.exceptions) document["exceptions"].push_back(to_json(exception, c.account_name));
  return document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace chimplift
