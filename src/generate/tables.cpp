#include "generate/tables.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "mailchimp/assets.hpp"

namespace chimplift {
namespace {

struct NestedColumn {
  std::string_view table;
  std::string_view column;
  std::string_view fields;  // "path:type …"
};

// From Mailchimp's OpenAPI file 3.0.55.
constexpr NestedColumn kNested[] = {
    {"account", "contact", "company:text city:text country:text"},
    {"campaigns", "recipients",
     "list_id:text list_name:text segment_text:text recipient_count:integer segment_opts.saved_segment_id:integer"},
    {"campaigns", "settings",
     "subject_line:text preview_text:text title:text from_name:text reply_to:text folder_id:text template_id:integer"},
    {"campaigns", "report_summary",
     "opens:integer unique_opens:integer open_rate:number clicks:integer subscriber_clicks:integer click_rate:number"},
    {"lists", "contact", "company:text city:text country:text"},
    {"lists", "campaign_defaults", "from_name:text from_email:text subject:text language:text"},
    {"lists", "stats",
     "member_count:integer unsubscribe_count:integer cleaned_count:integer campaign_count:integer open_rate:number click_rate:number "
     "last_sub_date:timestamp campaign_last_sent:timestamp"},
    {"list_members", "merge_fields", "FNAME:text LNAME:text"},
    {"list_members", "stats", "avg_open_rate:number avg_click_rate:number"},
    {"list_members", "location", "country_code:text timezone:text latitude:number longitude:number"},
    {"campaign_stats", "opens", "opens_total:integer unique_opens:integer open_rate:number last_open:timestamp"},
    {"campaign_stats", "clicks", "clicks_total:integer unique_clicks:integer click_rate:number last_click:timestamp"},
    {"campaign_stats", "bounces", "hard_bounces:integer soft_bounces:integer syntax_errors:integer"},
    {"campaign_stats", "forwards", "forwards_count:integer forwards_opens:integer"},
    {"campaign_stats", "ecommerce", "total_orders:integer total_spent:number total_revenue:number"},
    {"automations", "recipients", "list_id:text list_name:text"},
    {"automations", "settings", "title:text from_name:text reply_to:text"},
    {"automation_emails", "settings", "subject_line:text title:text from_name:text reply_to:text"},
    {"automation_emails", "delay", "full_description:text"},
    {"carts", "customer", "id:text email_address:text"},
    {"orders", "customer", "id:text email_address:text"},
};

constexpr std::string_view kImages[] = {"image_url", "avatar_url", "thumbnail", "thumbnail_url", "product_images.url"};

struct Reference {
  std::string_view table;  // "" for every table that has the columns
  std::string_view columns;
  std::string_view target;
  std::string_view key;  // the target's, without account_name
};

// The first that leads to a table counts: those of one table stand before the general ones.
constexpr Reference kReferences[] = {
    // The email_id of a queue is that of the automation's e-mail (OpenAPI 3.0.55); the contact's is `id`.
    {"automation_queue", "list_id id", "list_members", "list_id id"},
    {"automation_removed_subscribers", "list_id id", "list_members", "list_id id"},
    {"", "campaign_id", "campaigns", "id"},
    {"", "list_id", "lists", "id"},
    {"", "list_id email_id", "list_members", "list_id id"},
    {"", "store_id", "stores", "id"},
    {"", "store_id product_id", "products", "store_id id"},
    {"campaigns", "recipients_list_id", "lists", "id"},
    {"campaigns", "settings_folder_id", "campaign_folders", "id"},
    {"campaigns", "settings_template_id", "templates", "id"},
    {"campaign_stats", "id", "campaigns", "id"},
    {"automations", "recipients_list_id", "lists", "id"},
    {"segment_members", "list_id id", "list_members", "list_id id"},
    {"landing_pages", "template_id", "templates", "id"},
    {"landing_page_stats", "id", "landing_pages", "id"},
    {"facebook_ad_stats", "id", "facebook_ads", "id"},
    {"orders", "store_id customer_id", "customers", "store_id id"},
    {"carts", "store_id customer_id", "customers", "store_id id"},
    {"templates", "folder_id", "template_folders", "id"},
    {"stored_files", "folder_id", "stored_file_folders", "id"},
};

bool has(const Stream& stream, const std::string& name) {
  if (table_of(stream).find(name) >= 0) return true;
  return std::ranges::any_of(nested_fields(stream.table), [&name](const NestedField& field) { return field.name() == name; });
}

/// True where the names, with account_name, hold the whole key.
bool covers_key(const Stream& stream, const std::vector<std::string>& names) {
  return std::ranges::all_of(table_of(stream).key, [&names](const std::string& column) {
    return column == "account_name" || std::ranges::find(names, column) != names.end();
  });
}

void add(const Stream& stream, const Stream* target, std::vector<std::pair<std::string, std::string>> on, std::vector<Join>& joins) {
  std::vector<std::string> here;
  std::vector<std::string> there;
  for (const auto& [name, key] : on) {
    if (!has(stream, name)) return;
    here.push_back(name);
    there.push_back(key);
  }
  const bool is_known = target == &stream || std::ranges::any_of(joins, [target](const Join& join) { return join.target == target; });
  if (is_known || !covers_key(*target, there)) return;
  joins.push_back({target, std::move(on), covers_key(stream, here)});
}

}  // namespace

std::string NestedField::name() const {
  std::string name = column + "_" + to_lower(path);
  std::ranges::replace(name, '.', '_');
  return name;
}

std::vector<NestedField> nested_fields(std::string_view table) {
  std::vector<NestedField> fields;
  for (const NestedColumn& nested : kNested) {
    if (nested.table != table) continue;
    for (const std::string& word : split(nested.fields, ' ')) {
      const std::size_t colon = word.find(':');
      fields.push_back({std::string(nested.column), word.substr(0, colon), column_type(word.substr(colon + 1)).value_or(ColumnType::text)});
    }
  }
  return fields;
}

bool holds_image(std::string_view table, std::string_view column) {
  const std::string whole = std::string(table) + "." + std::string(column);
  return std::ranges::any_of(kImages, [&](std::string_view image) { return image == column || image == whole; });
}

bool holds_address(const Column& column) {
  return column.type == ColumnType::text && (column.name == "url" || column.name.find("_url") != std::string::npos);
}

std::vector<Join> joins_of(const Stream& stream) {
  std::vector<Join> joins;
  // A child holds the ids of all that stand above it: the last one under the parent's own name of it, the others as the parent has them.
  std::vector<std::string> ids = parent_columns(stream);
  for (const Stream* child = &stream; !child->parent.empty() && !ids.empty(); ids.pop_back()) {
    const Stream* parent = find_stream(child->parent);
    std::vector<std::pair<std::string, std::string>> on;
    for (std::size_t i = 0; i + 1 < ids.size(); ++i) on.emplace_back(ids[i], ids[i]);
    on.emplace_back(ids.back(), std::string(child->parent_field));
    add(stream, parent, std::move(on), joins);
    child = parent;
  }
  for (const Reference& reference : kReferences) {
    if (!reference.table.empty() && reference.table != stream.table) continue;
    const std::vector<std::string> here = split(reference.columns, ' ');
    const std::vector<std::string> there = split(reference.key, ' ');
    std::vector<std::pair<std::string, std::string>> on;
    for (std::size_t i = 0; i < here.size(); ++i) on.emplace_back(here[i], there[i]);
    add(stream, find_stream(reference.target), std::move(on), joins);
  }
  return joins;
}

std::vector<DescribedTable> described_tables() {
  std::vector<DescribedTable> tables;
  for (const Stream& stream : catalogue()) tables.push_back({table_of(stream), stream.about, &stream});
  tables.push_back({assets_table(), "Every file of the archive, once for each record that holds or names it."});
  return tables;
}

}  // namespace chimplift
