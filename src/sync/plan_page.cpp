#include "sync/plan_page.hpp"

#include <algorithm>
#include <string>

#include "base/text.hpp"

namespace chimplift {

Result<PlanPage> parse_plan_page(std::string_view body, const PageShape& shape) {
  TRY_ASSIGN(PageContents contents, read_page(body, shape));
  TRY_ASSIGN(JsonDocument document, JsonDocument::parse(body));
  TRY_ASSIGN(std::vector<const JsonNode*> records, records_of(document, shape.items));
  return PlanPage{std::move(contents), std::move(document), std::move(records)};
}

std::optional<i64> hinted_rows(const Stream& child, const JsonNode& record) {
  if (child.paging == Paging::object) return 1;
  if (child.rows_hint.empty()) return std::nullopt;
  i64 rows = 0;
  for (const std::string& path : split(child.rows_hint, '+')) {
    const std::optional<i64> part = count_at(record, split(path, '.'));
    if (!part) return std::nullopt;
    rows += std::min(*part, kMostRows);
  }
  return rows;
}

}  // namespace chimplift
