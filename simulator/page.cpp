// See page.hpp.
#include "simulator/page.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "simulator/json_text.hpp"

namespace mailchimp_sim {

namespace {

bool is_one_of(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// True where the row is left out unless somebody asks for its kind.
bool is_hidden(const Collection& collection, const Row& row) { return is_one_of(collection.hidden_statuses, row.status); }

bool passes(const Collection& collection, const Row& row, const Target& target) {
  const std::string status = target.parameter("status");
  if (!status.empty() && !collection.include_flags) {
    if (row.status != status) return false;
  } else if (is_hidden(collection, row)) {
    if (!collection.include_flags || !target.is_true("include_" + row.status)) return false;
  }
  const std::string type = target.parameter("type");
  if (!type.empty() && row.type != type) return false;
  for (std::size_t i = 0; i < collection.sort_names.size(); ++i) {
    // `since` is exclusive, `before` inclusive, at whole seconds (docs/mailchimp.md, "Filters").
    const std::string since = target.parameter("since_" + collection.sort_names[i]);
    const std::string before = target.parameter("before_" + collection.sort_names[i]);
    if (!since.empty() && row.sort_keys[i].substr(0, 19) <= since.substr(0, 19)) return false;
    if (!before.empty() && row.sort_keys[i].substr(0, 19) > before.substr(0, 19)) return false;
  }
  return true;
}

bool wants_full(const Collection& collection, const Target& target) {
  return std::all_of(collection.full_when.begin(), collection.full_when.end(),
                     [&](const std::string& name) { return target.is_true(name); });
}

}  // namespace

std::string links_of(std::string_view path) {
  return "[{\"rel\":\"self\",\"href\":" + json::text("https://us12.api.mailchimp.com/3.0" + std::string(path)) +
         ",\"method\":\"GET\",\"targetSchema\":\"https://us12.api.mailchimp.com/schema/3.0/Definitions/Response.json\"}]";
}

Pages::Order Pages::order(const Collection& collection, const Target& target) {
  std::string key = collection.path;
  for (const auto& [name, value] : target.parameters)
    if (name != "count" && name != "offset" && name != "fields" && name != "exclude_fields") key += '\n' + name + '=' + value;
  if (collection.version == 0) {
    const std::lock_guard lock(mutex_);
    if (const auto found = orders_.find(key); found != orders_.end()) return found->second;
  }
  auto rows = std::make_shared<std::vector<std::size_t>>();
  for (std::size_t i = 0; i < collection.rows.size(); ++i)
    if (passes(collection, collection.rows[i], target)) rows->push_back(i);
  const auto sort = std::find(collection.sort_names.begin(), collection.sort_names.end(), target.parameter("sort_field"));
  if (sort != collection.sort_names.end()) {
    const auto at = static_cast<std::size_t>(sort - collection.sort_names.begin());
    const bool down = chimplift::to_lower(target.parameter("sort_dir")) == "desc";
    std::sort(rows->begin(), rows->end(), [&](std::size_t a, std::size_t b) {
      const std::string& first = collection.rows[down ? b : a].sort_keys[at];
      const std::string& second = collection.rows[down ? a : b].sort_keys[at];
      return first != second ? first < second : a < b;
    });
  }
  if (collection.version > 0) return rows;  // it may be another one at the next page
  const std::lock_guard lock(mutex_);
  return orders_.insert_or_assign(key, std::move(rows)).first->second;
}

std::string Pages::render(const Collection& collection, const Target& target, i64 count, i64 offset, const PageTwist& twist) {
  Order rows = order(collection, target);
  if (twist.lose >= 0 && twist.lose < static_cast<i64>(rows->size())) {
    auto fewer = std::make_shared<std::vector<std::size_t>>(*rows);
    fewer->erase(fewer->begin() + twist.lose);
    rows = std::move(fewer);
  }
  const auto size = static_cast<i64>(rows->size());
  if (twist.ignore_offset || collection.paging == Paging::count_only) offset = 0;
  if (twist.ignore_count) count = kDefaultCount;
  if (collection.paging == Paging::all) {
    offset = 0;
    count = size;
  }
  i64 cursor = 0;
  if (collection.paging == Paging::cursor) {
    const std::string text = target.parameter("cursor");
    offset = text.starts_with("after-") ? std::atoll(text.c_str() + 6) : 0;
  }
  i64 end = std::min(size, offset + count);
  if (twist.half) end = offset + (end - offset) / 2;
  if (twist.empty) end = std::min(end, offset);
  if (twist.early && offset > 0) --offset, --end;
  cursor = end;
  std::vector<std::size_t> given;
  for (i64 i = offset; i < end; ++i) given.push_back((*rows)[static_cast<std::size_t>(i)]);
  if (twist.twice && !given.empty()) given.insert(given.begin(), given.front());
  if (twist.turned) std::reverse(given.begin(), given.end());

  const auto only = comma_list(target.parameter("fields"));
  auto without = left_out(target);
  // The two that nearly every client asks for are cheap: the links are just not written.
  const std::string item_links = collection.items_key + "._links";
  const bool page_links = !is_one_of(without, "_links");
  const bool row_links = !is_one_of(without, item_links);
  std::erase_if(without, [&](const std::string& name) { return name == "_links" || name == item_links; });

  const bool full = wants_full(collection, target);
  std::string body = "{\"" + collection.items_key + "\":[";
  for (std::size_t i = 0; i < given.size(); ++i) {
    const Row& row = collection.rows[given[i]];
    const std::string& record = full || row.json_without_full.empty() ? row.json : row.json_without_full;
    if (i > 0) body += ',';
    if (row_links) {
      body.append(record, 0, record.size() - 1);
      body += record.size() > 2 ? ",\"_links\":" : "\"_links\":";
      body += links_of(row.id.empty() ? collection.path : collection.path + '/' + chimplift::percent_encode(row.id));
      body += '}';
    } else {
      body += record;
    }
  }
  body += ']';
  body += collection.also;
  if (collection.has_total && !twist.no_total) {
    // Segment members count without those that only the flags show (docs/mailchimp.md, "Segment members").
    i64 total = size;
    if (collection.include_flags)
      total = std::count_if(rows->begin(), rows->end(), [&](std::size_t at) { return !is_hidden(collection, collection.rows[at]); });
    body += ",\"total_items\":" + std::to_string(std::max<i64>(0, total + twist.total_shift));
  }
  if (collection.paging == Paging::cursor)
    body += cursor < size ? ",\"next_cursor\":\"after-" + std::to_string(cursor) + '"' : std::string(",\"next_cursor\":null");
  if (page_links) body += ",\"_links\":" + links_of(collection.path);
  body += '}';
  return only.empty() && without.empty() ? body : choose_fields(std::move(body), only, without);
}

}  // namespace mailchimp_sim
