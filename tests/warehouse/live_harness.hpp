// A real Snowflake account, where one is configured: the same cases as on the stand-in. Read docs/snowflake.md, "A real account", first.
#pragma once

#include <cstdlib>

#include "cli/config.hpp"
#include "cli/parse.hpp"
#include "cli/snowflake_options.hpp"
#include "warehouse/harness.hpp"
#include "warehouse/snowflake_client.hpp"
#include "warehouse/snowflake_rows.hpp"
#include "warehouse/snowflake_warehouse.hpp"

namespace chimplift {

class LiveHarness : public Harness {
 public:
  static constexpr const char* kVariable = "CHIMPLIFT_LIVE_SNOWFLAKE";

  /// nullptr where no account is configured.
  static std::unique_ptr<Harness> make() {
    const char* document = std::getenv(kVariable);
    return document == nullptr ? nullptr : std::make_unique<LiveHarness>(document);
  }

  explicit LiveHarness(const std::string& document) {
    const Environment environment = [](const std::string& name) -> std::optional<std::string> {
      const char* value = std::getenv(name.c_str());
      return value == nullptr ? std::nullopt : std::optional<std::string>(value);
    };
    const auto words = {std::string("load"), std::string("--warehouse"), std::string("snowflake:"), std::string("--snowflake-secret"),
                        document};
    const Values values = *resolve(*parse_command_line(std::vector<std::string>(words)), environment);
    target_ = snowflake_of("snowflake:", values, environment, true).value();
    if (!target_.snowflake.place.schema.ends_with("LIVE_TEST")) {
      throw std::runtime_error("the live tests drop all tables of their schema: its name has to end in LIVE_TEST");
    }
    drop_tables();
  }
  ~LiveHarness() override { drop_tables(); }
  LiveHarness(const LiveHarness&) = delete;
  LiveHarness& operator=(const LiveHarness&) = delete;

  [[nodiscard]] const SnowflakeTarget& target() const { return target_; }

  Result<std::unique_ptr<Warehouse>> open() override {
    TRY_ASSIGN(std::shared_ptr<StageFiles> files, open_stage_files(target_));
    return open_snowflake(target_.snowflake, std::move(files));
  }

  std::vector<std::vector<std::string>> read(const std::string& table, const std::vector<std::string>& columns) override {
    std::string list;
    for (const std::string& column : columns) list += (list.empty() ? "" : ", ") + quote(snowflake::upper(column));
    const snowflake::ResultSet found = ask("SELECT " + list + " FROM " + snowflake::table_name(target_.snowflake.place, table));
    std::vector<std::vector<std::string>> rows;
    for (const auto& cells : found.rows) {
      auto& row = rows.emplace_back();
      for (const auto& cell : cells) row.push_back(cell ? plain(*cell) : "NULL");
    }
    std::ranges::sort(rows);
    return rows;
  }
  [[nodiscard]] std::string kept(const std::string& json) const override { return *snowflake::variant_json(json); }

  std::vector<std::string> left_behind() {
    std::vector<std::string> names = open_stage_files(target_).value()->list().value();
    for (const std::string& table : tables()) {
      if (snowflake::upper(table).find("CHIMPLIFT_STAGE_") != std::string::npos) names.push_back(table);
    }
    return names;
  }

 private:
  snowflake::ResultSet ask(const std::string& sql, const std::vector<std::string>& binds = {}) {
    auto client = snowflake::Client::open(target_.snowflake);
    auto result = client ? (*client)->run({.sql = sql, .binds = binds}) : tl::unexpected(client.error());
    EXPECT_TRUE(result) << sql << "\n" << result.error().message;
    return result ? std::move(*result) : snowflake::ResultSet{};
  }
  std::set<std::string> tables() {
    std::set<std::string> names;
    for (const auto& row : ask(snowflake::list_columns(target_.snowflake.place), {target_.snowflake.place.schema}).rows)
      names.insert(row.at(0).value_or(""));
    return names;
  }
  void drop_tables() {
    for (const std::string& table : tables()) ask(snowflake::drop_table(target_.snowflake.place, table));
  }

  /// A cell as other warehouses show it: times come as seconds and an offset ("1554467696.123456000 1440"), VARIANTs over several lines.
  static std::string plain(const std::string& cell) {
    if (cell.find_first_not_of("-0123456789. ") == std::string::npos && cell.ends_with(" 1440") && cell.find('.') != std::string::npos) {
      const std::size_t point = cell.find('.');
      const i64 micros = std::stoll(cell.substr(0, point)) * 1'000'000 + std::stoll(cell.substr(point + 1, 6));
      std::string time = format_utc(micros);  // "2019-04-05T12:34:56.123456+00:00"
      time[10] = ' ';
      return time.substr(0, 26) + "+00";
    }
    const bool is_json = cell.starts_with('{') || cell.starts_with('[');
    return is_json ? snowflake::variant_json(cell).value_or(cell) : cell;
  }

  SnowflakeTarget target_;
};

}  // namespace chimplift
