#include "mailchimp/stream.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "mailchimp/assets.hpp"
#include "mailchimp/catalogue.hpp"

namespace chimplift {
namespace {

std::vector<std::string> words(std::string_view text) { return split(text, ' '); }

std::vector<Column> declared_columns(const Stream& stream) {
  std::vector<Column> columns;
  for (const std::string& word : words(stream.columns)) {
    const std::size_t colon = word.find(':');
    columns.push_back({word.substr(0, colon), column_type(word.substr(colon + 1)).value_or(ColumnType::text)});
  }
  return columns;
}

/// A parent's id has the type of the column that it comes from.
ColumnType parent_type(const Stream& stream, std::size_t index) {
  const Stream* parent = find_stream(stream.parent);
  if (parent == nullptr) return ColumnType::text;
  if (index + 1 < parent_columns(stream).size()) return parent_type(*parent, index);
  for (const Column& column : declared_columns(*parent)) {
    if (column.name == stream.parent_field) return column.type;
  }
  return ColumnType::text;
}

}  // namespace

std::string_view name_of(Paging paging) {
  switch (paging) {
    case Paging::offset:
      return "offset";
    case Paging::undocumented:
      return "undocumented";
    case Paging::count:
      return "count";
    case Paging::cursor:
      return "cursor";
    case Paging::object:
      return "object";
  }
  return "offset";
}

std::string_view name_of(Total total) {
  switch (total) {
    case Total::exact:
      return "exact";
    case Total::at_least:
      return "at least";
    case Total::absent:
      return "absent";
  }
  return "exact";
}

std::vector<std::string> parent_columns(const Stream& stream) {
  std::vector<std::string> columns;
  for (std::size_t at = stream.path.find('{'); at != std::string_view::npos; at = stream.path.find('{', at + 1)) {
    columns.emplace_back(stream.path.substr(at + 1, stream.path.find('}', at) - at - 1));
  }
  return columns;
}

Table table_of(const Stream& stream) {
  Table table;
  table.name = stream.table;
  table.parents = parent_columns(stream);
  table.key = {"account_name"};
  for (std::string& name : words(stream.key)) table.key.push_back(std::move(name));
  table.explode = stream.explode;
  table.columns = {{"account_name", ColumnType::text}, {"synced_at", ColumnType::timestamp}};
  for (std::size_t i = 0; i < table.parents.size(); ++i) table.columns.push_back({table.parents[i], parent_type(stream, i)});
  if (has_storage_columns(stream)) {
    for (const Column& column : storage_columns()) table.own.push_back(column.name);
  }
  for (Column& column : declared_columns(stream)) {
    if (std::ranges::find(table.own, column.name) != table.own.end()) column.name += "__api";
    if (table.find(column.name) < 0) table.columns.push_back(std::move(column));
  }
  if (!table.own.empty()) table.columns.insert(table.columns.end(), storage_columns().begin(), storage_columns().end());
  return table;
}

PageShape shape_of(const Stream& stream) {
  PageShape shape;
  shape.items = stream.items;
  const std::vector<std::string> parents = parent_columns(stream);
  for (std::string& name : words(stream.record_key.empty() ? stream.key : stream.record_key)) {
    if (name == "row_hash" || std::find(parents.begin(), parents.end(), name) != parents.end()) continue;
    shape.key.push_back(std::move(name));
  }
  if (stream.paging == Paging::object) {
    // What a problem document (RFC 7807) has as well does not tell the record from one that came with status 200.
    static const std::set<std::string> kProblem = {"type", "title", "status", "detail", "instance"};
    for (const std::string& column : words(stream.columns)) {
      std::string name = column.substr(0, column.find(':'));
      if (!kProblem.contains(name)) shape.known.push_back(std::move(name));
    }
  }
  return shape;
}

std::string path_of(const Stream& stream, std::span<const std::string> parents) {
  std::string path;
  std::string_view rest = stream.path;
  for (const std::string& parent : parents) {
    const std::size_t open = rest.find('{');
    // "." and ".." would be taken for steps within the path, and lead to another collection.
    const bool is_step = parent == "." || parent == "..";
    path.append(rest.substr(0, open)).append(is_step ? (parent == "." ? "%2E" : "%2E%2E") : percent_encode(parent));
    rest.remove_prefix(rest.find('}') + 1);
  }
  return path.append(rest);
}

bool pages_by_offset(const Stream& stream) { return stream.paging == Paging::offset || stream.paging == Paging::undocumented; }

std::string query_of(const Stream& stream, int sweep, const PageAt& at) {
  // Links to other endpoints are most of an answer's bytes and say nothing about the account (docs/mailchimp.md, "Choice of fields").
  const std::string record = stream.items.empty() ? std::string() : fmt::format("{}.", stream.items);
  std::string query = "exclude_fields=_links";
  if (!record.empty()) query += fmt::format(",{}_links", record);
  for (const std::string_view field : stream.linked) query += fmt::format(",{}{}._links", record, field);
  const auto add = [&query](std::string_view part) {
    if (!part.empty()) query.append("&").append(part);
  };
  add(stream.sweeps[static_cast<std::size_t>(sweep)]);
  add(stream.query);
  add(stream.sort);
  if (at.count > 0) add(fmt::format("count={}", at.count));
  if (!at.cursor.empty()) add("cursor=" + percent_encode(at.cursor));
  if (pages_by_offset(stream) && at.count > 0) add(fmt::format("offset={}", at.offset));
  return query;
}

bool is_whole_when_embedded(i64 elements) { return elements >= 0 && elements < kMostEmbedded; }

}  // namespace chimplift
