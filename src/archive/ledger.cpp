#include "archive/ledger.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

#include "base/hash.hpp"

namespace chimplift {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kSumDigits = 16;
constexpr std::string_view kSumMark = ",\"sum\":\"";
constexpr std::size_t kSumBytes = kSumMark.size() + kSumDigits + 2;  // …"}
constexpr i64 kReadBytes = 1 << 20;

constexpr std::string_view kRefresh = "refresh";
constexpr std::string_view kFinished = "finished";
constexpr std::string_view kAccount = "account";

Json optional_number(const std::optional<i64>& number) { return number ? Json(*number) : Json(nullptr); }

std::optional<i64> number_or_none(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<i64>();
}

Json unit_fields(const char* type, const UnitId& unit) {
  return {{"type", type}, {"stream", unit.stream}, {"parents", unit.parents}, {"sweep", unit.sweep}};
}

/// A whole number that is there and fits; throws as Json::at does. Json::get would take 1e99 and make something of it.
template <typename T = i64>
T number_in(const Json& object, const char* name) {
  const std::optional<i64> number = number_or_none(object, name);
  if (!number || !std::in_range<T>(*number)) throw Json::other_error::create(501, std::string(name) + " is no whole number", &object);
  return static_cast<T>(*number);
}

UnitId unit_of(const Json& object) {
  return {object.at("stream").get<std::string>(), object.at("parents").get<std::vector<std::string>>(), number_in<int>(object, "sweep")};
}

Json to_json(const ArchiveRecord& r) {
  return {{"type", "archive"}, {"version", r.version},      {"id", r.id}, {"account_name", r.account_name},
          {"test", r.test},    {"created_at", r.created_at}};
}

Json to_json(const PageRecord& r) {
  Json object = unit_fields("page", r.unit);
  object.update({{"n", r.number},
                 {"pass", r.pass},
                 {"offset", r.offset},
                 {"count", r.count},
                 {"records", r.records},
                 {"total", optional_number(r.total)},
                 {"segment", r.segment},
                 {"at", r.at},
                 {"bytes", r.bytes},
                 {"sha256", r.sha256},
                 {"received_at", r.received_at}});
  return object;
}

Json to_json(const EndRecord& r) {
  Json object = unit_fields("end", r.unit);
  object.update({{"state", name_of(r.state)},
                 {"reason", r.reason},
                 {"records", r.records},
                 {"distinct", r.distinct},
                 {"total_first", optional_number(r.total_first)},
                 {"total_last", optional_number(r.total_last)},
                 {"passes", r.passes},
                 {"capped", r.capped}});
  return object;
}

Json to_json(const FileRecord& r) {
  return {{"type", "file"},
          {"kind", r.kind},
          {"id", r.id},
          {"path", r.path},
          {"bytes", r.bytes},
          {"sha256", r.sha256},
          {"content_type", r.content_type},
          {"source_url", r.source_url},
          {"expected_bytes", optional_number(r.expected_bytes)},
          {"outcome", outcome_word(r)},
          {"reason", r.reason},
          {"at", r.at}};
}

Json to_json(const UnknownEvent& r) {
  Json object = {{"type", "event"}, {"event", r.event}, {"streams", r.streams}, {"at", r.at}};
  if (!r.parents.empty()) object["parents"] = r.parents;
  if (!r.id.empty()) object["id"] = r.id;
  return object;
}

// Events of every kind are written with the same fields, without parents and id where these are empty.
Json to_json(const RefreshEvent& r) {
  return to_json(UnknownEvent{.event = std::string(kRefresh), .streams = r.streams, .at = r.at, .parents = r.parents});
}
Json to_json(const FinishedEvent& r) { return to_json(UnknownEvent{.event = std::string(kFinished), .streams = r.streams, .at = r.at}); }
Json to_json(const AccountEvent& r) { return to_json(UnknownEvent{.event = std::string(kAccount), .streams = {}, .at = r.at, .id = r.id}); }

std::string_view name_of(FileOutcome outcome) {
  switch (outcome) {
    case FileOutcome::fetched:
      return "fetched";
    case FileOutcome::made:
      return "made";
    case FileOutcome::missing:
      return "missing";
    case FileOutcome::skipped:
      return "skipped";
    case FileOutcome::failed:
      return "failed";
    case FileOutcome::damaged:
      return "damaged";
    case FileOutcome::unknown:
      return "";
  }
  return "";
}

FileOutcome outcome_of(std::string_view word) {
  for (const FileOutcome outcome :
       {FileOutcome::fetched, FileOutcome::made, FileOutcome::missing, FileOutcome::skipped, FileOutcome::failed, FileOutcome::damaged}) {
    if (name_of(outcome) == word) return outcome;
  }
  return FileOutcome::unknown;
}

UnitState state_of(std::string_view name) {
  for (const UnitState state : {UnitState::complete, UnitState::gone, UnitState::not_permitted}) {
    if (name_of(state) == name) return state;
  }
  return UnitState::incomplete;
}

FileRecord file_of(const Json& o) {
  const auto text = [&o](const char* name) { return o.at(name).get<std::string>(); };
  FileRecord file{.kind = text("kind"),
                  .id = text("id"),
                  .path = text("path"),
                  .bytes = number_in(o, "bytes"),
                  .sha256 = text("sha256"),
                  .content_type = text("content_type"),
                  .source_url = text("source_url"),
                  .expected_bytes = number_or_none(o, "expected_bytes"),
                  .outcome = outcome_of(text("outcome")),
                  .reason = text("reason"),
                  .at = text("at")};
  if (file.outcome == FileOutcome::unknown) file.unknown_outcome = text("outcome");
  return file;
}

LedgerRecord event_of(const Json& o) {
  UnknownEvent event{.event = o.at("event").get<std::string>(),
                     .streams = o.at("streams").get<std::vector<std::string>>(),
                     .at = o.at("at").get<std::string>()};
  if (o.contains("parents")) event.parents = o.at("parents").get<std::vector<std::string>>();
  if (o.contains("id")) event.id = o.at("id").get<std::string>();
  if (event.event == kRefresh)
    return RefreshEvent{.streams = std::move(event.streams), .at = std::move(event.at), .parents = std::move(event.parents)};
  if (event.event == kFinished) return FinishedEvent{.streams = std::move(event.streams), .at = std::move(event.at)};
  if (event.event == kAccount) return AccountEvent{.id = std::move(event.id), .at = std::move(event.at)};
  return event;
}

LedgerRecord from_json(const Json& o) {
  const std::string type = o.at("type").get<std::string>();
  const auto text = [&o](const char* name) { return o.at(name).get<std::string>(); };
  const auto number = [&o](const char* name) { return number_in(o, name); };
  if (type == "archive") {
    return ArchiveRecord{.version = number_in<int>(o, "version"),
                         .id = text("id"),
                         .account_name = text("account_name"),
                         .test = o.at("test").get<bool>(),
                         .created_at = text("created_at")};
  }
  if (type == "page") {
    return PageRecord{.number = number("n"),
                      .unit = unit_of(o),
                      .pass = number_in<int>(o, "pass"),
                      .offset = number("offset"),
                      .count = number("count"),
                      .records = number("records"),
                      .total = number_or_none(o, "total"),
                      .segment = text("segment"),
                      .at = number("at"),
                      .bytes = number("bytes"),
                      .sha256 = text("sha256"),
                      .received_at = text("received_at")};
  }
  if (type == "end") {
    return EndRecord{.unit = unit_of(o),
                     .state = state_of(text("state")),
                     .reason = text("reason"),
                     .records = number("records"),
                     .distinct = number("distinct"),
                     .total_first = number_or_none(o, "total_first"),
                     .total_last = number_or_none(o, "total_last"),
                     .passes = number_in<int>(o, "passes"),
                     .capped = o.at("capped").get<bool>()};
  }
  return type == "file" ? LedgerRecord(file_of(o)) : event_of(o);
}

std::string sum_of(std::string_view previous, std::string_view text) {
  Sha256 hash;
  hash.update(previous);
  hash.update(text);
  return hash.hex().substr(0, kSumDigits);
}

}  // namespace

std::string_view name_of(UnitState state) {
  switch (state) {
    case UnitState::complete:
      return "complete";
    case UnitState::gone:
      return "gone";
    case UnitState::not_permitted:
      return "not permitted";
    case UnitState::incomplete:
      return "incomplete";
  }
  return "incomplete";
}

bool has_bytes(FileOutcome outcome) { return outcome == FileOutcome::fetched || outcome == FileOutcome::made; }

std::string_view outcome_word(const FileRecord& file) {
  return file.outcome == FileOutcome::unknown ? std::string_view(file.unknown_outcome) : name_of(file.outcome);
}

bool RefreshEvent::refreshes(const UnitId& unit) const {
  return (parents.empty() || parents == unit.parents) && std::find(streams.begin(), streams.end(), unit.stream) != streams.end();
}

std::string encode(const LedgerRecord& record, std::string& previous_sum) {
  std::string text = std::visit([](const auto& r) { return to_json(r); }, record).dump(-1, ' ', false, Json::error_handler_t::replace);
  text.pop_back();
  previous_sum = sum_of(previous_sum, text);
  text.append(kSumMark).append(previous_sum).append("\"}");
  return text;
}

Result<LedgerReader> LedgerReader::open(const std::filesystem::path& path, const std::string& name) {
  LedgerReader reader;
  TRY_ASSIGN(reader.file_, File::open(path));
  reader.name_ = name.empty() ? path.string() : name;
  return reader;
}

Error LedgerReader::damaged() const {
  return Error{ErrorKind::archive, fmt::format("the ledger {} is damaged at line {}", name_, line_),
               "Bring it back from the newest copy. Nothing was changed."};
}

/// Reads more of the file behind what the buffer holds; false where there is none.
Result<bool> LedgerReader::fill(i64 limit) {
  buffer_.erase(0, used_);
  used_ = 0;
  const i64 at = position_ + static_cast<i64>(buffer_.size());
  const i64 size = std::min(kReadBytes, limit - at);
  if (size <= 0) return false;
  TRY_ASSIGN(const std::string more, file_.read(at, size));
  buffer_ += more;
  return !more.empty();
}

Result<std::optional<LedgerRecord>> LedgerReader::next(i64 limit) {
  std::size_t end = buffer_.find('\n', used_);
  while (end == std::string::npos) {
    TRY_ASSIGN(const bool more, fill(limit));
    if (!more) return std::optional<LedgerRecord>();
    end = buffer_.find('\n', used_);
  }
  const std::string_view line(buffer_.data() + used_, end - used_);
  ++line_;
  if (line.size() < kSumBytes) return tl::unexpected(damaged());
  const std::string_view text = line.substr(0, line.size() - kSumBytes);
  const std::string expected = sum_of(sum_, text);
  if (line.substr(text.size()) != std::string(kSumMark) + expected + "\"}") return tl::unexpected(damaged());
  const Json object = Json::parse(std::string(text) + "}", nullptr, false);
  if (object.is_discarded()) return tl::unexpected(damaged());
  // The sum says that the line is whole, not who wrote it: fields that are not there are damage too.
  std::optional<LedgerRecord> record;
  try {
    record = from_json(object);
  } catch (const Json::exception&) {
    return tl::unexpected(damaged());
  }
  position_ += static_cast<i64>(line.size()) + 1;
  used_ = end + 1;
  sum_ = expected;
  return record;
}

Result<void> LedgerReader::each(i64 limit, const std::function<Result<void>(LedgerRecord&)>& visit) {
  while (true) {
    TRY_ASSIGN(std::optional<LedgerRecord> record, next(limit));
    if (!record) return {};
    TRY(visit(*record));
  }
}

}  // namespace chimplift
