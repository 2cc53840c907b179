#include "cli/warehouse_option.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/text.hpp"

namespace chimplift {
namespace {

constexpr std::string_view kDuckdb = "duckdb:";
constexpr std::string_view kSnowflake = "snowflake:";
constexpr const char* kDefault = "duckdb:mailchimp.duckdb";

/// What may have been meant by a word that names no warehouse: a file, or one of the names without its colon.
std::string example_for(const std::string& given) {
  if (given + ":" == kSnowflake) return std::string(kSnowflake);
  if (given + ":" == kDuckdb || given.find(':') != std::string::npos) return kDefault;
  return fmt::format("{}{}", kDuckdb, given);
}

}  // namespace

Result<WarehouseOption> parse_warehouse(const std::string& given, const std::string& where) {
  using Kind = WarehouseOption::Kind;
  if (given.empty()) return WarehouseOption{Kind::absent, {}, {}};
  if (given == "none") return WarehouseOption{Kind::none, {}, {}};
  if (given.starts_with(kSnowflake)) {
    std::vector<std::string> address = split(std::string_view(given).substr(kSnowflake.size()), '/');
    if (address.size() > 3 || std::ranges::any_of(address, [](const std::string& part) { return part.empty(); })) {
      return fail(ErrorKind::usage, fmt::format("{} is snowflake: or snowflake:ACCOUNT/DATABASE/SCHEMA", where),
                  "As in: --warehouse snowflake:myorg-myaccount/marketing/mailchimp");
    }
    return WarehouseOption{Kind::snowflake, {}, std::move(address)};
  }
  if (!given.starts_with(kDuckdb)) {
    return fail(ErrorKind::usage, fmt::format("{} is duckdb:FILE, snowflake: or none, not {}", where, given),
                fmt::format("As in: --warehouse {}", example_for(given)));
  }
  if (given.size() == kDuckdb.size())
    return fail(ErrorKind::usage, fmt::format("{} names no file", where), fmt::format("As in: --warehouse {}", kDefault));
  return WarehouseOption{Kind::duckdb, given.substr(kDuckdb.size()), {}};
}

}  // namespace chimplift
