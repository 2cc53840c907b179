// See e2e_compare.hpp.
#include "e2e_compare.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <set>
#include <utility>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "mailchimp/assets.hpp"
#include "mailchimp/catalogue.hpp"
#include "simulator/truth.hpp"
#include "warehouse/duckdb_raii.hpp"
#include "warehouse/duckdb_sql.hpp"

namespace chimplift::e2e {

namespace {

constexpr const char* kTime = "TIMESTAMP WITH TIME ZONE";

using Types = std::map<std::string, std::string>;

std::vector<TextRow> query(const duck::Database& database, const std::string& sql) {
  auto found = database.query(sql);
  EXPECT_TRUE(found) << sql << "\n" << found.error().message;
  return found ? std::move(*found) : std::vector<TextRow>();
}

duck::Database open(const std::filesystem::path& file) {
  auto database = duck::Database::open(file, {{"threads", "1"}});  // many tests at once have few processors
  if (!database) throw std::runtime_error(database.error().message);
  (void)database->run("SET TimeZone = 'UTC'");
  return std::move(*database);
}

/// An open file, and what its tables look like.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& file) : database(open(file)) {
    const std::string sql = "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'mailchimp'";
    for (const TextRow& row : query(database, sql)) types_[row[0].value_or("")][row[1].value_or("")] = row[2].value_or("");
  }
  /// Column → type; empty where there is no such table.
  [[nodiscard]] const Types& types_of(const std::string& table) const {
    static const Types kNone;
    const auto found = types_.find(table);
    return found == types_.end() ? kNone : found->second;
  }
  const duck::Database database;

 private:
  std::map<std::string, Types> types_;
};

/// The one spelling of a value: JSON and numbers can be written in several ways.
std::string plain(const std::string& text, const std::string& column, const std::string& type) {
  if (type == "DOUBLE") return fmt::format("{:.17g}", std::strtod(text.c_str(), nullptr));
  const bool may_be_json = type == "JSON" || (column.ends_with("__text") && (text.starts_with('{') || text.starts_with('[')));
  if (!may_be_json) return text;
  const Json parsed = Json::parse(text, nullptr, false);
  return parsed.is_discarded() ? text : parsed.dump();
}

bool is_own(const std::string& table, const std::string& column) {
  if (column == "synced_at" || column == "row_hash") return true;
  const Stream* stream = find_stream(table);
  return stream != nullptr && has_storage_columns(*stream) &&
         std::ranges::any_of(storage_columns(), [&column](const Column& one) { return one.name == column; });
}

std::vector<std::string> rows_of(const Reader& reader, const std::string& table, const std::string& account, bool with_own) {
  const Types& types = reader.types_of(table);
  std::vector<std::string> columns;
  std::string sql;
  for (const auto& [column, type] : types) {
    if (is_own(table, column) && !with_own) continue;
    columns.push_back(column);
    const std::string name = quote(column);
    sql += (sql.empty() ? "SELECT " : ", ") + (type == kTime ? "epoch_us(" + name + ")::VARCHAR" : name + "::VARCHAR");
  }
  if (columns.empty()) return {};
  sql += " FROM mailchimp." + quote(table) + " WHERE account_name = '" + account + "'";
  std::vector<std::string> rows;
  for (const TextRow& row : query(reader.database, sql)) {
    Json texts = Json::object();
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (row[i]) texts[columns[i]] = plain(*row[i], columns[i], types.at(columns[i]));
    }
    rows.push_back(texts.dump());
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

/// Microseconds since 1970; "" where it is no time that we know.
std::string micros_of(const std::string& text) {
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int read = 0;
  char between = 'T';
  const int found = std::sscanf(text.c_str(), "%4d-%2d-%2d%c%2d:%2d:%2d%n", &year, &month, &day, &between, &hour, &minute, &second, &read);
  if (found != 3 && found != 7) return "";
  const std::string zone = found == 3 ? "" : text.substr(static_cast<std::size_t>(read));
  if (found == 3 && text.size() != 10) return "";
  int east = 0;
  if (!zone.empty() && zone != "Z") {
    int hours = 0;
    int minutes = 0;
    if (std::sscanf(zone.c_str() + 1, "%2d:%2d", &hours, &minutes) != 2) return "";
    east = (zone[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
  }
  using namespace std::chrono;
  const year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                            std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return "";
  const auto time = sys_days(date).time_since_epoch() + hours(hour) + minutes(minute - east) + seconds(second);
  return std::to_string(duration_cast<microseconds>(time).count());
}

std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

/// The value as its column holds it; nothing where the column cannot.
std::optional<std::string> fitting(const Json& value, const std::string& type) {
  if (type == "VARCHAR") return value.is_structured() ? std::nullopt : std::optional(text_of(value));
  if (type == "JSON") return value.dump();
  if (type == "BOOLEAN") return value.is_boolean() ? std::optional(value.dump()) : std::nullopt;
  if (type == "DOUBLE") return value.is_number() ? std::optional(plain(value.dump(), "", type)) : std::nullopt;
  if (type == "BIGINT") {
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    const bool fits = value.is_number_integer() && (!value.is_number_unsigned() || value.get<std::uint64_t>() <= kMost);
    return fits ? std::optional(value.dump()) : std::nullopt;
  }
  if (type != kTime || !value.is_string()) return std::nullopt;
  const std::string micros = micros_of(value.get<std::string>());
  return micros.empty() ? std::nullopt : std::optional(micros);
}

/// The rules of src/rows/decode.hpp, told a second time.
std::string expected_row(const Json& truth, const std::string& account, const Stream& stream, const Types& types) {
  const std::string explode(stream.explode);
  Json row = {{"account_name", account}};
  const Json& parents = truth.at("parents");
  for (const auto& [column, id] : parents.items()) row[column] = text_of(id);
  if (truth.contains("occurrence")) row["occurrence"] = truth.at("occurrence").dump();
  for (const auto& [field, value] : truth.at("record").items()) {
    if (value.is_null() || field == "_links" || field == explode) continue;
    if (parents.contains(field) && text_of(parents.at(field)) == text_of(value)) continue;
    const std::string column =
        parents.contains(field) || field == "account_name" || is_own(std::string(stream.table), field) ? field + "__api" : field;
    const auto type = types.find(column);
    if (type == types.end()) {
      row["no column " + column] = text_of(value);
      continue;
    }
    if (value.is_string() && value.get<std::string>().empty() && type->second != "VARCHAR") continue;
    if (const auto text = fitting(value, type->second)) {
      row[column] = plain(*text, column, type->second);
    } else {
      row[column + "__text"] = plain(text_of(value), column + "__text", "VARCHAR");
    }
  }
  return row.dump();
}

Tables tables_in(const Reader& reader, const std::string& account, bool with_own) {
  Tables tables;
  for (const Stream& stream : catalogue()) {
    const std::string table(stream.table);
    tables[table] = rows_of(reader, table, account, with_own);
  }
  if (with_own) tables[assets_table().name] = rows_of(reader, assets_table().name, account, true);
  return tables;
}

Tables expected_tables(const mailchimp_sim::Account& account, const Reader& reader) {
  const auto truth = mailchimp_sim::truth_of(account);
  Tables tables;
  for (const Stream& stream : catalogue()) {
    const std::string table(stream.table);
    const Types& types = reader.types_of(table);
    EXPECT_TRUE(truth.contains(table)) << "the simulator does not know the table " << table;
    if (!truth.contains(table)) continue;
    // Records without an id that are equal are one row: their key is what they hold.
    std::set<std::string> rows;
    for (const std::string& line : truth.at(table)) rows.insert(expected_row(Json::parse(line), account.name, stream, types));
    tables[table].assign(rows.begin(), rows.end());
  }
  return tables;
}

}  // namespace

Tables tables_in(const std::filesystem::path& duckdb, const std::string& account, bool with_own) {
  return tables_in(Reader(duckdb), account, with_own);
}

Tables expected_tables(const mailchimp_sim::Account& account, const std::filesystem::path& duckdb) {
  return expected_tables(account, Reader(duckdb));
}

std::vector<std::string> tables_without(const Words& steps) {
  std::vector<std::string> tables;
  for (const Stream& stream : catalogue()) {
    if (std::find(steps.begin(), steps.end(), stream.step) == steps.end()) tables.emplace_back(stream.table);
  }
  return tables;
}

Words steps_but(const Words& chosen) {
  Words others;
  for (const std::string& step : steps()) {
    if (std::ranges::find(chosen, step) == chosen.end()) others.push_back(step);
  }
  return others;
}

Tally classify(const Scene& scene, std::size_t at, const Words& only) {
  const std::string account = scene.account(at).name;
  const Reader reader(scene.duckdb());
  const auto truth = scene.simulator.drift_truth(at);
  std::set<std::string> excluded;
  const Json certificate = scene.certificate(at);
  for (const Json& stream : certificate.at("streams")) {
    if (stream.at("state") == "excluded") excluded.insert(stream.at("table"));
  }
  for (const std::string& table : tables_without(only)) {
    if (!only.empty()) excluded.insert(table);
  }
  Tally tally;
  for (const Stream& stream : catalogue()) {
    const std::string table(stream.table);
    const auto had = truth.find(table);
    if (had == truth.end() || excluded.contains(table)) continue;
    const Types& types = reader.types_of(table);
    const bool is_by_value = types.contains("row_hash");  // each version is a row of its own
    std::multimap<std::string, std::size_t> rows;         // every version of every row → the row
    for (std::size_t i = 0; i < had->second.size(); ++i) {
      for (const std::string& version : had->second[i].versions)
        rows.emplace(expected_row(Json::parse(version), account, stream, types), i);
    }
    std::vector<i64> found(had->second.size());
    std::string previous;
    for (const std::string& row : rows_of(reader, table, account, false)) {
      const auto [first, last] = rows.equal_range(row);
      if (first == last) tally.unexpected.push_back(table + " " + row);
      if (row == std::exchange(previous, row)) tally.duplicated.push_back(table + " " + row);
      for (auto one = first; one != last; ++one) ++found[one->second];
    }
    for (std::size_t i = 0; i < found.size(); ++i) {
      const std::string what = table + " " + had->second[i].versions[0];
      if (found[i] == 0 && had->second[i].fate == mailchimp_sim::RowStory::Fate::stayed) tally.lost.push_back(what);
      if (found[i] > 1 && !is_by_value) tally.duplicated.push_back(what);
      if (found[i] == 1) ++tally.right;
    }
  }
  return tally;
}

std::string to_text(const Tally& tally) {
  const auto part = [](const std::string& name, const Words& rows) {
    return fmt::format("{} {}{}", rows.size(), name, rows.empty() ? "" : ": " + rows[0].substr(0, 500));
  };
  return fmt::format("{} right; {}; {}; {}", tally.right, part("lost", tally.lost), part("duplicated", tally.duplicated),
                     part("unexpected", tally.unexpected));
}

void expect_equal(const Tables& expected, const Tables& got, const std::string& what) {
  for (const auto& [table, rows] : expected) {
    const std::vector<std::string>& others = got.at(table);
    if (rows == others) continue;
    std::vector<std::string> lacking;
    std::vector<std::string> surplus;
    std::set_difference(rows.begin(), rows.end(), others.begin(), others.end(), std::back_inserter(lacking));
    std::set_difference(others.begin(), others.end(), rows.begin(), rows.end(), std::back_inserter(surplus));
    ADD_FAILURE() << what << ": " << table << " has " << others.size() << " rows, must have " << rows.size() << "; " << lacking.size()
                  << " are lacking, " << surplus.size() << " are too many"
                  << (lacking.empty() ? "" : "\n  lacking: " + lacking[0].substr(0, 2000))
                  << (surplus.empty() ? "" : "\n  too many: " + surplus[0].substr(0, 2000));
  }
}

namespace {

/// Of a step that was left out; with some left out also those that several steps have.
bool is_left_out(const std::string& path, const Words& without) {
  if (without.empty()) return false;
  static const std::map<std::string, std::string> kSteps = {{"campaigns", "campaign_content"},  {"landing_pages", "landing_pages"},
                                                            {"sms_campaigns", "sms"},           {"stored_files", "stored_files"},
                                                            {"template_sections", "templates"}, {"templates", "templates"}};
  return path.starts_with("campaigns/images/") || std::ranges::find(without, kSteps.at(path.substr(0, path.find('/')))) != without.end();
}

void expect_files(const Scene& scene, std::size_t at, const Words& without) {
  const mailchimp_sim::Account& account = scene.account(at);
  const auto wanted = expected_files(account);
  const auto had = files_in(scene.account_folder(at));
  for (const auto& [path, sha256] : wanted) {
    EXPECT_TRUE(is_left_out(path, without) || (had.contains(path) && had.at(path) == sha256)) << account.name << ": " << path;
  }
  for (const auto& [path, sha256] : had) EXPECT_TRUE(wanted.contains(path)) << account.name << " must not have " << path;
}

void expect_rows(const Scene& scene, std::size_t at, const std::filesystem::path& duckdb, const Words& without) {
  const mailchimp_sim::Account& account = scene.account(at);
  const Reader reader(duckdb);
  Tables expected = expected_tables(account, reader);
  const std::vector<std::string> kept = tables_without(without);
  for (auto& [table, rows] : expected) {
    if (std::find(kept.begin(), kept.end(), table) == kept.end()) rows.clear();
  }
  expect_equal(expected, tables_in(reader, account.name, false), account.name);
}

}  // namespace

void expect_account_truth(const Scene& scene, std::size_t at, const std::filesystem::path& duckdb, const Words& without) {
  expect_rows(scene, at, duckdb, without);
  expect_files(scene, at, without);
}

void expect_truth(const Scene& scene, const std::filesystem::path& duckdb, const Words& without) {
  for (std::size_t i = 0; i < scene.simulator.world().accounts().size(); ++i) expect_account_truth(scene, i, duckdb, without);
}

void expect_truth(const Scene& scene, const Words& without) { expect_truth(scene, scene.duckdb(), without); }

void expect_truth_of(const Scene& scene, const Words& steps) {
  const Ended loaded = scene.run("load", {"--only-steps", join(steps, ",")});
  ASSERT_EQ(loaded.code, 0) << loaded.all();
  for (std::size_t i = 0; i < scene.simulator.world().accounts().size(); ++i) {
    expect_rows(scene, i, scene.duckdb(), steps_but(steps));
    expect_files(scene, i, {});
  }
}

struct Sql::Open {
  duck::Database database;
};

Sql::Sql(const std::filesystem::path& duckdb) : open_(std::make_unique<Open>(open(duckdb))) {}
Sql::~Sql() = default;

std::vector<std::string> Sql::column(const std::string& sql) const {
  std::vector<std::string> texts;
  for (const TextRow& row : query(open_->database, sql)) texts.push_back(row.at(0).value_or("NULL"));
  return texts;
}

std::vector<std::string> column_of(const std::filesystem::path& duckdb, const std::string& sql) { return Sql(duckdb).column(sql); }

void execute(const std::filesystem::path& duckdb, const std::string& sql) {
  const auto done = open(duckdb).run(sql);
  EXPECT_TRUE(done) << done.error().message;
}

}  // namespace chimplift::e2e
