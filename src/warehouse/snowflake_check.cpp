#include <fmt/format.h>

#include "base/hash.hpp"
#include "warehouse/snowflake_client.hpp"
#include "warehouse/snowflake_warehouse.hpp"

namespace chimplift {

std::vector<SnowflakeCheck> check_snowflake(SnowflakeSettings settings, std::shared_ptr<StageFiles> files) {
  // A run of its own: it must not take the staging tables of one that is at work for leftovers.
  settings.owner = "DOCTOR" + snowflake::upper(random_id().substr(0, 8));
  const std::string scratch = "chimplift_trial_" + random_id().substr(0, 8);
  std::vector<SnowflakeCheck> checks;
  const auto passes = [&checks](const std::string& what, const Result<std::string>& result) {
    checks.push_back({what, result.value_or(""), result ? std::nullopt : std::optional(result.error())});
    return result.has_value();
  };
  Result<std::unique_ptr<snowflake::Client>> client = snowflake::Client::open(settings);
  const auto login = [&]() -> Result<std::string> {
    if (!client) return tl::unexpected(client.error());
    TRY_ASSIGN(const snowflake::ResultSet who, (*client)->run({.sql = "SELECT CURRENT_USER(), CURRENT_ROLE(), CURRENT_WAREHOUSE()"}));
    if (who.rows.size() != 1 || who.rows[0].size() != 3) return fail(ErrorKind::internal, "Snowflake does not say who we are");
    return fmt::format("user {}, role {}, virtual warehouse {}", who.rows[0][0].value_or("none"), who.rows[0][1].value_or("none"),
                       who.rows[0][2].value_or("none"));
  };
  if (!passes("login", login())) return checks;

  std::vector<Table> tables{{scratch,
                             {{"account_name", ColumnType::text}, {"id", ColumnType::integer}, {"record", ColumnType::json}},
                             {},
                             {"account_name", "id"},
                             ""}};
  Result<std::unique_ptr<Warehouse>> warehouse = open_snowflake(settings, files);
  const auto make = [&]() -> Result<std::string> {
    if (!warehouse) return tl::unexpected(warehouse.error());
    TRY((*warehouse)->prepare(tables));
    TRY((*warehouse)->settle());
    return fmt::format("tables can be made in {}.{}", settings.place.database, settings.place.schema);
  };
  const auto load = [&]() -> Result<std::string> {
    const std::vector<Row> rows{{"doctor", i64{1}, Json{"{}"}}, {"doctor", i64{1}, Json{"[]"}}};
    TRY((*warehouse)->append(tables[0], rows));
    tables[0].columns.push_back({"added", ColumnType::timestamp});
    TRY((*warehouse)->append(tables[0], {}));
    TRY((*warehouse)->commit({}));
    TRY_ASSIGN(const i64 count, (*warehouse)->count_rows(tables[0], "doctor"));
    if (count != 1) return fail(ErrorKind::destination, fmt::format("two rows of one key became {} rows", count), "");
    return fmt::format("files come from {} through the stage {}; tables can be changed", files->uri(), settings.stage);
  };
  const bool is_made = passes("tables", make());
  if (is_made) passes("load", load());
  const auto clear = [&]() -> Result<std::string> {
    TRY((*client)->run({.sql = snowflake::drop_table(settings.place, snowflake::upper(scratch))}));
    return std::string("the scratch table is gone again");
  };
  const Result<std::string> cleared = clear();  // a table that was made before another step failed has to go too
  if (is_made) passes("clearing", cleared);
  return checks;
}

}  // namespace chimplift
