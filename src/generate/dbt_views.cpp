#include <fmt/format.h>

#include "base/text.hpp"
#include "generate/dbt.hpp"
#include "generate/fivetran.hpp"
#include "mailchimp/catalogue.hpp"

namespace chimplift {
namespace {

/// What stands for the type in both dialects.
std::string_view type_name(std::string_view type) {
  if (type == "integer") return "bigint";
  if (type == "number") return "double";
  return type;
}

/// "name=column.path:type" as a line of a select list.
std::string select_line(std::string_view spec, const Table& table) {
  const std::size_t equals = spec.find('=');
  const std::string_view name = spec.substr(0, equals);
  if (equals != std::string_view::npos && equals + 1 == spec.size()) return fmt::format("cast(null as varchar) as {}", name);
  const std::string_view source = equals == std::string_view::npos ? spec : spec.substr(equals + 1);
  const std::size_t dot = source.find('.');
  if (dot == std::string_view::npos) {
    const i64 at = table.find(source);
    const ColumnType type = at < 0 ? ColumnType::text : table.columns[static_cast<std::size_t>(at)].type;
    if (type == ColumnType::timestamp) return fmt::format("{{{{ mailchimp_utc('{}') }}}} as {}", source, name);
    if (type == ColumnType::json) return fmt::format("cast({} as varchar) as {}", source, name);
    return source == name ? std::string(name) : fmt::format("{} as {}", source, name);
  }
  const std::size_t colon = source.find(':');
  const std::string text =
      fmt::format("{{{{ mailchimp_text('{}', '{}') }}}}", source.substr(0, dot), source.substr(dot + 1, colon - dot - 1));
  if (colon == std::string_view::npos) return fmt::format("{} as {}", text, name);
  return fmt::format("try_cast({} as {}) as {}", text, type_name(source.substr(colon + 1)), name);
}

std::string test_lines(std::string_view key) {
  return fmt::format("          arguments:\n            columns: [account_name, {}]\n", join(split(key, ' '), ", "));
}

/// Leaves in, or out, the rows whose campaign or e-mail is one of those.
std::string is_one_of(std::string_view not_or_nothing, std::string_view those, std::string_view condition) {
  return fmt::format("  and {}exists (\n    select 1\n    from {}\n    where {}\n  )\n", not_or_nothing, those, condition);
}

/// What is sent is counted once: an automation's e-mails have rows of their own, and a test's report has what its children's have.
std::string sends_lines(const FivetranView& view) {
  using Sends = FivetranView::Sends;
  if (view.sends == Sends::all) return "";
  std::string text;
  if (view.sends != Sends::once) {
    text += is_one_of(view.sends == Sends::campaigns ? "not " : "", "{{ source('mailchimp', 'automation_emails') }} as email",
                      fmt::format("email.account_name = here.account_name and email.id = here.{}", view.sent_id));
  }
  if (view.sends == Sends::automations) return text;
  text += is_one_of("not ", "{{ source('mailchimp', 'automations') }} as automation",
                    fmt::format("automation.account_name = here.account_name and automation.id = here.{}", view.sent_id));
  text += is_one_of("not ",
                    "{{ source('mailchimp', 'campaign_sub_reports') }} as child\n"
                    "    join {{ source('mailchimp', 'campaigns') }} as parent\n"
                    "      on parent.account_name = child.account_name and parent.id = child.campaign_id",
                    fmt::format("child.account_name = here.account_name and child.id = here.{} and child.id <> child.campaign_id\n"
                                "      and parent.type in ('variate', 'absplit')",
                                view.sent_id));
  return text;
}

}  // namespace

std::string dbt_view_file(const FivetranView& view) { return fmt::format("mailchimp_fivetran__{}", view.name); }

std::string dbt_view(const FivetranView& view) {
  const Table table = table_of(*find_stream(view.from));
  std::string text = fmt::format("{{# {} dbt`; change the variables of the project, not this file. #}}\n", kMadeBy);
  text += fmt::format("{{{{ config(alias='{}') }}}}\n\nselect\n", view.name);
  for (const std::string& spec : split(view.columns, ' ')) text += "  " + select_line(spec, table) + ",\n";
  if (view.has_merge_fields) {
    text +=
        "  {%- for tag in var('chimplift_merge_fields', ['FNAME', 'LNAME']) %}\n"
        "  {{ mailchimp_text('merge_fields', tag) }} as merge_{{ tag | lower }},\n"
        "  {%- endfor %}\n";
  }
  if (view.has_deleted) text += "  false as _fivetran_deleted,\n";
  text += "  {{ mailchimp_utc('synced_at') }} as _fivetran_synced,\n  account_name\n";
  text += fmt::format("from {{{{ source('mailchimp', '{}') }}}} as here\nwhere {{{{ mailchimp_is_wanted() }}}}\n", view.from);
  text += sends_lines(view);
  if (view.is_activity) {
    // Fivetran's own models take action, campaign, member and time for a key; two links may be clicked within one second.
    text +=
        "{%- if var('chimplift_one_activity_per_second', false) %}\n"
        "qualify row_number() over (\n"
        "  partition by here.account_name, here.campaign_id, here.email_id, here.action, here.timestamp\n"
        "  order by here.url, here.ip, here.occurrence\n"
        ") = 1\n"
        "{%- endif %}\n";
  }
  return text;
}

std::string dbt_views_properties() {
  std::string text = fmt::format("# {} dbt`.\nversion: 2\n\nmodels:\n", kMadeBy);
  for (const FivetranView& view : fivetran_views()) {
    text += fmt::format("  - name: {}\n    description: {}\n", dbt_view_file(view), yaml_text(view.about));
    if (view.key.empty()) continue;
    text += "    data_tests:\n      - mailchimp_unique_key:\n" + test_lines(view.key) + "    columns:\n";
    for (const std::string& column : split(view.key, ' '))
      text += fmt::format("      - name: {}\n        data_tests: [not_null]\n", column);
  }
  return text;
}

}  // namespace chimplift
