// One page as a plan reads it: what pull would take from it, and what its records say of the rows below them.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "mailchimp/stream.hpp"
#include "rows/json.hpp"
#include "rows/page.hpp"

namespace chimplift {

/// More than there can be of anything below one record: sums of such counts stay within 64 bits.
inline constexpr i64 kMostRows = 1'000'000'000'000;

/// One page: what pull would take from it, and its records with all that they hold.
struct PlanPage {
  PageContents contents;
  JsonDocument document;
  std::vector<const JsonNode*> records;  // of the document
};

/// Errors of kind temporary: those of read_page().
Result<PlanPage> parse_plan_page(std::string_view body, const PageShape& shape);

/// What a parent's record says of the rows below it; nullopt where it does not.
std::optional<i64> hinted_rows(const Stream& child, const JsonNode& record);

}  // namespace chimplift
