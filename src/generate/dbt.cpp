#include "generate/dbt.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "generate/fivetran.hpp"
#include "generate/tables.hpp"
#include "mailchimp/column_texts.hpp"

namespace chimplift {
namespace {

constexpr std::string_view kProject = R"(name: chimplift_mailchimp
version: '1.0.0'
config-version: 2
profile: chimplift_mailchimp
require-dbt-version: '>=1.8.0'

model-paths: [models]
macro-paths: [macros]

# Variables, with what they are where nobody sets them:
#   chimplift_database: the database or DuckDB catalog with the tables (the target's)
#   chimplift_schema: mailchimp
#   chimplift_account: one account_name, where the views are to hold one account only
#   chimplift_merge_fields: ['FNAME', 'LNAME'], the merge fields that become columns of member
#   chimplift_one_activity_per_second: false; true keeps one row of equal action, campaign, member and time
models:
  chimplift_mailchimp:
    fivetran:
      +materialized: view
      +schema: mailchimp_fivetran
)";

constexpr std::string_view kProfiles = R"(chimplift_mailchimp:
  target: "{{ env_var('DBT_TARGET', 'duckdb') }}"
  outputs:
    duckdb:
      type: duckdb
      path: "{{ env_var('CHIMPLIFT_DUCKDB', 'mailchimp.duckdb') }}"
      schema: analytics
    snowflake:
      type: snowflake
      account: "{{ env_var('SNOWFLAKE_ACCOUNT', '') }}"
      user: "{{ env_var('SNOWFLAKE_USER', '') }}"
      private_key_path: "{{ env_var('SNOWFLAKE_PRIVATE_KEY_PATH', '') }}"
      role: "{{ env_var('SNOWFLAKE_ROLE', '') }}"
      warehouse: "{{ env_var('SNOWFLAKE_WAREHOUSE', '') }}"
      database: "{{ env_var('SNOWFLAKE_DATABASE', '') }}"
      schema: ANALYTICS
)";

constexpr std::string_view kMacros = R"(
{# A field of a JSON column as text. #}
{% macro mailchimp_text(column, path) -%}
  {{ return(adapter.dispatch('mailchimp_text', 'chimplift_mailchimp')(column, path)) }}
{%- endmacro %}

{% macro default__mailchimp_text(column, path) -%}
  cast(get_path(here.{{ column }}, '{{ path }}') as varchar)
{%- endmacro %}

{% macro duckdb__mailchimp_text(column, path) -%}
  (here.{{ column }} ->> '$.{{ path }}')
{%- endmacro %}

{# A time in UTC, without a zone. #}
{% macro mailchimp_utc(column) -%}
  {{ return(adapter.dispatch('mailchimp_utc', 'chimplift_mailchimp')(column)) }}
{%- endmacro %}

{% macro default__mailchimp_utc(column) -%}
  cast(convert_timezone('UTC', here.{{ column }}) as timestamp_ntz)
{%- endmacro %}

{% macro duckdb__mailchimp_utc(column) -%}
  (here.{{ column }} at time zone 'UTC')
{%- endmacro %}

{# Rows of the one account that is wanted, or of all. #}
{% macro mailchimp_is_wanted() -%}
  {%- if var('chimplift_account', none) -%}
    here.account_name = '{{ var('chimplift_account') | replace("'", "''") }}'
  {%- else -%}
    true
  {%- endif -%}
{%- endmacro %}

{# dbt before 1.10.5 hands `arguments` on as it is. #}
{% test mailchimp_unique_key(model, columns=none, arguments=none) %}
  {%- set key = columns or arguments.columns %}
  select {{ key | join(', ') }}
  from {{ model }}
  group by {{ key | join(', ') }}
  having count(*) > 1
{% endtest %}
)";

/// Columns that no row can be without. Of rows that are elements of a record only what the record gives is sure.
bool is_never_null(const DescribedTable& described, const std::string& column) {
  if (column == "account_name" || column == "synced_at") return true;
  const std::vector<std::string>& key = described.table.key;
  if (std::ranges::find(key, column) == key.end()) return false;
  if (described.table.explode.empty()) return true;
  const std::vector<std::string>& parents = described.table.parents;
  return std::ranges::find(parents, column) != parents.end() || column == described.stream->record_key || column == "occurrence";
}

std::string header(std::string_view advice) { return fmt::format("# {} dbt`; {}\n", kMadeBy, advice); }

}  // namespace

std::string yaml_text(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

std::string dbt_sources() {
  std::string text = header("generate it anew after an update of chimplift.");
  text +=
      "version: 2\n\nsources:\n  - name: mailchimp\n    description: 'Mailchimp, as chimplift took it out of the accounts.'\n"
      "    database: \"{{ var('chimplift_database', target.database) }}\"\n    schema: \"{{ var('chimplift_schema', 'mailchimp') }}\"\n"
      "    tables:\n";
  for (const DescribedTable& described : described_tables()) {
    const Table& table = described.table;
    text += fmt::format("      - name: {}\n        description: {}\n", table.name, yaml_text(described.about));
    text += fmt::format("        data_tests:\n          - mailchimp_unique_key:\n              arguments:\n                columns: [{}]\n",
                        join(table.key, ", "));
    text += "        columns:\n";
    for (const Column& column : table.columns) {
      text += fmt::format("          - name: {}\n            description: {}\n", column.name, yaml_text(text_of(table.name, column.name)));
      if (is_never_null(described, column.name)) text += "            data_tests: [not_null]\n";
    }
  }
  return text;
}

std::vector<GeneratedFile> dbt_project() {
  std::vector<GeneratedFile> files = {
      {"dbt_project.yml",
       header("use it as it is, or name its folder under `packages: - local:` of your own project.") + std::string(kProject)},
      {"profiles.yml", header("for a run without a profile of your own.") + std::string(kProfiles)},
      {"macros/mailchimp.sql", fmt::format("{{# {} dbt`. #}}\n{}", kMadeBy, kMacros)},
      {"models/mailchimp_sources.yml", dbt_sources()},
      {"models/fivetran/mailchimp_fivetran.yml", dbt_views_properties()},
  };
  for (const FivetranView& view : fivetran_views())
    files.push_back({fmt::format("models/fivetran/{}.sql", dbt_view_file(view)), dbt_view(view)});
  return files;
}

}  // namespace chimplift
