#include "cli/warehouse_option.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/text.hpp"

namespace chimplift {
namespace {

constexpr std::string_view kDuckdb = "duckdb:";
constexpr std::string_view kSnowflake = "snowflake:";
constexpr std::string_view kMemory = ":memory:";  // of DuckDB; a name may follow
constexpr const char* kDefault = "duckdb:mailchimp.duckdb";

/// What may have been meant by a word that names no warehouse: a file, or one of the names without its colon.
std::string example_for(const std::string& given) {
  if (given + ":" == kSnowflake) return std::string(kSnowflake);
  if (given + ":" == kDuckdb || given.find(':') != std::string::npos) return kDefault;
  return fmt::format("{}{}", kDuckdb, given);
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// "s3://bucket/x" and "s3:/bucket/x", and what DuckDB's extensions open: "sqlite:x", "md:x".
bool is_address(std::string_view file) {
  const std::size_t colon = file.find(':');
  if (colon == std::string_view::npos || colon == 0 || !is_letter(file.front())) return false;
  const auto fits = [](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '+' || c == '-' || c == '.'; };
  // One letter alone is a scheme of nobody's.
  return std::ranges::all_of(file.substr(0, colon), fits) && (colon > 1 || file.substr(colon).starts_with(":/"));
}

/// Tables would be made, verified and certified in a place that is gone with the run, or in a folder called "s3:".
Result<void> check_is_file(const std::string& file, const std::string& where) {
  if (file.starts_with(kMemory)) {
    return fail(ErrorKind::usage, fmt::format("{} is a file, and {} is none: the tables would be gone with the run", where, file),
                fmt::format("Without tables: --warehouse none. Otherwise name a file, as in: --warehouse {}", kDefault));
  }
  if (!is_address(file)) return {};
  return fail(ErrorKind::usage, fmt::format("{} is a file on this machine, and {} looks like an address", where, file),
              fmt::format("DuckDB's tables can be written nowhere else. A file of that name is --warehouse {}./{}", kDuckdb, file));
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
  const std::string file = given.substr(kDuckdb.size());
  TRY(check_is_file(file, where));
  return WarehouseOption{Kind::duckdb, file, {}};
}

}  // namespace chimplift
