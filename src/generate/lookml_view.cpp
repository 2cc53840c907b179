// A view: a dimension for each column and for the nested fields that have names, a hidden primary key, a count.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "generate/links.hpp"
#include "generate/lookml.hpp"
#include "mailchimp/column_texts.hpp"

namespace chimplift {
namespace {

// The values come from e-mail that anybody may have written: they are escaped, and only an address of the web becomes one.
constexpr std::string_view kImage =
    R"({% assign scheme = value | slice: 0, 4 %}{% if scheme == "http" %}<img src="{{ value | escape }}" style="max-height: 120px" alt="" />{% endif %})";
constexpr std::string_view kLink =
    R"({% assign scheme = value | slice: 0, 4 %}{% if scheme == "http" %}<a href="{{ value | escape }}" target="_blank" rel="noopener noreferrer">{{ value | escape }}</a>{% else %}{{ value | escape }}{% endif %})";

constexpr std::string_view kTimeframes[] = {"raw", "time", "date", "week", "month", "quarter", "year"};

struct Parameter {
  std::string_view name;
  std::string value;
};

std::string block(std::string_view kind, std::string_view name, const std::vector<Parameter>& parameters) {
  std::string text = fmt::format("\n  {}: {} {{\n", kind, name);
  for (const Parameter& parameter : parameters) text += fmt::format("    {}: {}\n", parameter.name, parameter.value);
  return text + "  }\n";
}

std::string code(std::string_view sql) { return std::string(sql) + " ;;"; }

std::string_view lookml_type(ColumnType type) {
  switch (type) {
    case ColumnType::integer:
    case ColumnType::number:
      return "number";
    case ColumnType::boolean:
      return "yesno";
    default:
      return "string";
  }
}

/// "created" for created_at: its fields are created_date, created_month. The whole name where another field has one of these.
std::string group_name(std::string_view column, const std::set<std::string>& names) {
  for (const std::string_view suffix : {"_at", "_time"}) {
    if (!column.ends_with(suffix)) continue;
    const std::string shorter(column.substr(0, column.size() - suffix.size()));
    const bool is_free = std::ranges::none_of(kTimeframes, [&](std::string_view frame) {
      const std::string field = shorter + "_" + std::string(frame);
      return field != column && names.contains(field);
    });
    if (is_free) return shorter;
  }
  return std::string(column);
}

std::string primary_key(const Table& table, Dialect dialect) {
  std::vector<std::string> parts;
  // NULL and "" are two values, and no value holds these control characters as a rule.
  for (const std::string& column : table.key)
    parts.push_back(fmt::format("COALESCE({}, CHR(30))", text_sql("${TABLE}." + column_sql(dialect, column))));
  return join(parts, " || CHR(31) || ");
}

std::string dimension(std::string_view name, ColumnType type, const std::string& sql, std::string_view about, std::vector<Parameter> more,
                      const std::set<std::string>& names) {
  if (type == ColumnType::timestamp) {
    const std::string frames = fmt::format("[{}]", join(std::vector<std::string>(std::begin(kTimeframes), std::end(kTimeframes)), ", "));
    return block(
        "dimension_group", group_name(name, names),
        {{"type", "time"}, {"timeframes", frames}, {"description", lookml_text(about)}, {"datatype", "timestamp"}, {"sql", code(sql)}});
  }
  std::vector<Parameter> parameters = {{"type", std::string(lookml_type(type))}, {"description", lookml_text(about)}};
  parameters.insert(parameters.end(), more.begin(), more.end());
  parameters.push_back({"sql", code(type == ColumnType::json ? text_sql(sql) : sql)});
  return block("dimension", name, parameters);
}

}  // namespace

std::string lookml_view(const DescribedTable& described, const LookmlSettings& settings) {
  const Table& table = described.table;
  const std::vector<NestedField> nested = nested_fields(table.name);
  std::set<std::string> names;
  for (const Column& column : table.columns) names.insert(column.name);
  for (const NestedField& field : nested) names.insert(field.name());

  std::string text = lookml_header(fmt::format("refine it in a file of your own: view: +{}", table.name));
  text += fmt::format("view: {} {{\n  sql_table_name: {} ;;\n", table.name, table_sql(settings.place, table.name));
  text += block("dimension", "primary_key",
                {{"primary_key", "yes"}, {"hidden", "yes"}, {"sql", code(primary_key(table, settings.place.dialect))}});
  for (const Column& column : table.columns) {
    std::vector<Parameter> more;
    if (holds_image(table.name, column.name)) {
      more.push_back({"html", code(kImage)});
    } else if (holds_address(column)) {
      more.push_back({"html", code(kLink)});
    }
    if (column.type == ColumnType::json) more.push_back({"group_label", "\"As JSON\""});
    const bool is_id = column.name == "id" || column.name.ends_with("_id");
    if (column.type == ColumnType::integer && is_id) more.push_back({"value_format_name", "id"});
    text += dimension(column.name, column.type, "${TABLE}." + column_sql(settings.place.dialect, column.name),
                      text_of(table.name, column.name), more, names);
  }
  for (const NestedField& field : nested) {
    const std::string sql =
        field_sql(settings.place.dialect, "${TABLE}." + column_sql(settings.place.dialect, field.column), field.path, field.type);
    text += dimension(field.name(), field.type, sql, fmt::format("{} in {}.", field.path, field.column), {}, names);
  }
  std::vector<std::string> detail;
  for (const std::string& column : table.key) {
    const i64 at = table.find(column);
    if (at >= 0 && table.columns[static_cast<std::size_t>(at)].type != ColumnType::timestamp) detail.push_back(column);
  }
  for (const std::string_view column : {"name", "title", "settings_title", "settings_subject_line", "email_address", "type", "status"}) {
    const bool is_there = names.contains(std::string(column)) && std::ranges::find(detail, column) == detail.end();
    if (is_there) detail.emplace_back(column);
  }
  text += block("measure", names.contains("count") ? "row_count" : "count", {{"type", "count"}, {"drill_fields", "[detail*]"}});
  return text + fmt::format("\n  set: detail {{\n    fields: [{}]\n  }}\n}}\n", join(detail, ", "));
}

std::string lookml_links_view(const LookmlSettings& settings) {
  const auto column = [&settings](std::string_view name) { return "${TABLE}." + column_sql(settings.place.dialect, name); };
  std::string text = lookml_header("it needs the view that `chimplift generate snowflake-links` or duckdb-links prints");
  text += fmt::format("view: file_links {{\n  sql_table_name: {} ;;\n", table_sql(settings.place, kLinksView));
  const std::string key = fmt::format("COALESCE({}, '') || CHR(31) || {}", column("account_name"), column("storage_uri"));
  text += block("dimension", "primary_key", {{"primary_key", "yes"}, {"hidden", "yes"}, {"sql", code(key)}});
  for (const std::string_view name : {"account_name", "storage_uri"})
    text += block("dimension", name, {{"type", "string"}, {"hidden", "yes"}, {"sql", code(column(name))}});
  text += block("dimension", "link",
                {{"type", "string"},
                 {"description", lookml_text("Opens the file from the archive; in Snowflake the link works for an hour.")},
                 {"html", code(kLink)},
                 {"sql", code(column("link"))}});
  text += block("dimension", "image",
                {{"type", "string"},
                 {"description", lookml_text("The file from the archive, where it is an image.")},
                 {"html", code(kImage)},
                 {"sql", code(fmt::format("CASE WHEN {} LIKE 'image/%' THEN {} END", column("content_type"), column("link")))}});
  return text + "}\n";
}

}  // namespace chimplift
