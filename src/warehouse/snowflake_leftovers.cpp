#include "warehouse/snowflake_leftovers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/clock.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "warehouse/snowflake_sql.hpp"

namespace chimplift::snowflake {
namespace {

constexpr std::string_view kPrefix = "CHIMPLIFT_STAGE_";
constexpr std::size_t kDigitsOfTime = 14;
constexpr std::chrono::days kLongestRun{14};

struct Run {
  std::string owner;
  std::string time;  // 20261123192205, UTC
};

std::chrono::sys_days day_of(const std::string& time) {
  using namespace std::chrono;
  return year_month_day(year(std::stoi(time.substr(0, 4))), month(static_cast<unsigned>(std::stoi(time.substr(4, 2)))),
                        day(static_cast<unsigned>(std::stoi(time.substr(6, 2)))));
}

/// Parts of a run's name; empty ones where it is none.
Run take_apart(std::string_view name) {
  const std::vector<std::string> parts = split(name, '_');
  if (parts.size() != 3 || parts[1].size() != kDigitsOfTime || parts[1].find_first_not_of("0123456789") != std::string::npos) return {};
  return {parts[0], parts[1]};
}

}  // namespace

std::string name_of_run(std::string_view owner) {
  std::string time = format_utc(system_clock().now_micros());
  std::erase_if(time, [](char c) { return c < '0' || c > '9'; });
  return upper(owner) + "_" + time.substr(0, kDigitsOfTime) + "_" + upper(random_id().substr(0, 8));
}

std::string stage_table_of(std::string_view run) { return std::string(kPrefix) + std::string(run); }

std::string run_of_stage_table(std::string_view table) {
  return table.starts_with(kPrefix) ? std::string(table.substr(kPrefix.size())) : std::string();
}

Listing listing_of(const ResultSet& listed) {
  Listing listing;
  for (const TextRow& row : listed.rows) {
    const std::string table = row.at(0).value_or("");
    if (table.starts_with(kPrefix)) {
      listing.stage_tables.insert(table);
    } else {
      listing.columns[to_lower(table)].push_back(
          {column_of(row.at(1).value_or(""), row.at(3).value_or("")), type_of(row.at(2).value_or(""))});
    }
  }
  return listing;
}

bool is_left_behind(std::string_view run, std::string_view own) {
  const Run theirs = take_apart(run);
  const Run ours = take_apart(own);
  if (run == own || theirs.time.empty()) return false;
  if (theirs.owner == ours.owner) return true;
  return day_of(ours.time) - day_of(theirs.time) > kLongestRun;
}

Result<std::string> folder_below_stage(const ResultSet& described, std::string_view uri, std::string_view stage) {
  const i64 property = described.find("property");
  const i64 value = described.find("property_value");
  std::string url;
  for (const auto& row : described.rows) {
    if (property < 0 || value < 0 || row[static_cast<std::size_t>(property)].value_or("") != "URL") continue;
    url = row[static_cast<std::size_t>(value)].value_or("");  // ["s3://bucket/folder/"]
  }
  // Only what stands around it: a folder may be named "old [2019]".
  if (url.starts_with("[\"") && url.ends_with("\"]")) url = url.substr(2, url.size() - 4);
  if (!url.empty() && !url.ends_with('/')) url += '/';
  if (!url.empty() && uri.starts_with(url)) return std::string(uri.substr(url.size()));
  return fail(ErrorKind::usage,
              fmt::format("the stage {} points to {}, and the files for it go to {}", stage, url.empty() ? "nothing" : url, uri),
              "Let the stage's URL be that folder or one above it, or name another stage with --snowflake-stage.");
}

bool says_all_loaded(const ResultSet& result, std::span<const StagedFile> files) {
  const i64 file = result.find("file");
  const i64 status = result.find("status");
  const i64 loaded = result.find("rows_loaded");
  if (file < 0 || status < 0 || loaded < 0) return false;
  return std::ranges::all_of(files, [&](const StagedFile& each) {
    return std::ranges::any_of(result.rows, [&](const auto& row) {
      const std::string name = row[static_cast<std::size_t>(file)].value_or("");
      return (name == each.name || name.ends_with("/" + each.name)) && row[static_cast<std::size_t>(status)].value_or("") == "LOADED" &&
             row[static_cast<std::size_t>(loaded)].value_or("") == std::to_string(each.rows);
    });
  });
}

}  // namespace chimplift::snowflake
