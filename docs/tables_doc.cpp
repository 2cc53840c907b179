// Prints docs/tables.md: every table as the catalogue and the typing rules make it. `./run docs` writes the file, the test house:tables-doc
// compares it.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>

#include "mailchimp/assets.hpp"
#include "mailchimp/catalogue.hpp"
#include "mailchimp/column_texts.hpp"

namespace chimplift {
namespace {

constexpr std::string_view kIntroduction = R"(# Tables

<!-- Made from the catalogue (src/mailchimp/catalogue_*.cpp) by ./run docs. Do not edit it here. -->

Every stream is a table in the schema `mailchimp`. In a DuckDB shell, begin with `USE`: a file named `mailchimp.duckdb` is a catalog of
the name `mailchimp` as well, so `mailchimp.lists` alone could mean two things.

```sql
USE mailchimp.mailchimp;
SELECT account_name, id, name FROM lists;   -- without USE: FROM mailchimp.mailchimp.lists
```

## How values become columns

| type | in DuckDB | takes |
|---|---|---|
| text | VARCHAR | strings; numbers and booleans as they were written |
| integer | BIGINT | whole numbers within 64 bits, written as such: not `12.0`, `1e3` or `"12"` |
| number | DOUBLE | numbers that a double holds without changing a digit |
| boolean | BOOLEAN | `true`, `false` |
| timestamp | TIMESTAMP WITH TIME ZONE | dates, with or without a time, up to microseconds; UTC where no zone is given |
| json | JSON | anything, as it was sent |

- The first columns are ours: `account_name`, `synced_at` (when the page with the row was received), and the ids of the parents in the
  path, with the type that they have in their own table.
- `null` and an absent field are NULL. `""` is how Mailchimp writes "none": NULL in every column that is not text, `""` in those that are.
  The archive keeps the three apart.
- A value that does not fit its column is kept as it was sent in `<column>__text`, a column that is added when it is first needed. The
  summary and the certificate count such values (`misfits`).
- A field that is not listed here adds a column while the load goes on; its type is that of its first value: text, integer, number,
  boolean, or json for objects and arrays. Times are never guessed: an unknown field that holds one is text.
- A field of the API with the name of a column of ours is kept as `<name>__api`. A parent's id that a record repeats is left out.
- Names that differ only in upper and lower case are two fields but cannot be two columns: the later one is `<name>__2`.
- Of fields that stand twice in one record the last counts. Bytes that are not UTF-8 and lone surrogates become U+FFFD; the archive has
  what was sent.
- `_links` is never asked for: not of records, and not of what stands inside them where Mailchimp documents that it has some.
- Rows are inserted or updated by their key. `row_hash` in a key is the sha256 of the record's own values, for records without an id:
  two records that are equal in everything are one row, and one that Mailchimp changed since is a row more, beside what it was. Of such a
  table take [what is newest](analysts.md#records-without-an-id) before you count or add up.
- A row that Mailchimp gives no more stays as it was: [older rows](analysts.md#older-rows).
- Tables of records that are files have four more columns: `storage_uri` (where the file is in the archive), `sha256`, `bytes`,
  `content_type`; NULL where there is no file. [assets](#every-file-assets) has every file.
- `chimplift.checkpoints` (a schema of its own) says how far each table was loaded.
)";

std::string code(std::string_view text) { return fmt::format("`{}`", text); }

std::string listed(const std::vector<std::string>& names) {
  std::vector<std::string> quoted;
  for (const std::string& name : names) quoted.push_back(code(name));
  return fmt::format("{}", fmt::join(quoted, ", "));
}

std::string columns_of(const Table& table) {
  std::string text = "\n| column | type | what it holds |\n|---|---|---|\n";
  for (const Column& column : table.columns)
    text += fmt::format("| {} | {} | {} |\n", code(column.name), name_of(column.type), text_of(table.name, column.name));
  return text;
}

/// How it is read, in words.
std::string reading_of(const Stream& stream) {
  std::string text;
  switch (stream.paging) {
    case Paging::object:
      return "one answer, one record";
    case Paging::offset:
      text = fmt::format("pages of {}", stream.page_size);
      break;
    case Paging::undocumented:
      text = fmt::format("pages of {}, though its paging is not documented", stream.page_size);
      break;
    case Paging::count:
      text = fmt::format("one page of {}: what is beyond is a gap", stream.page_size);
      break;
    case Paging::cursor:
      text = fmt::format("pages of {}, each with the cursor that leads to the next; several are read twice", stream.page_size);
      break;
  }
  if (!stream.sort.empty()) text += "; in order of creation";
  if (stream.total == Total::at_least) text += "; Mailchimp's total may be less than it lists";
  if (stream.total == Total::absent) text += "; Mailchimp gives no total";
  for (const std::string_view sweep : stream.sweeps) {
    if (!sweep.empty()) text += fmt::format("; {} {}", stream.sweeps.size() > 1 ? "once more with" : "with", code(sweep));
  }
  return text;
}

std::string file_of(const FileRule& rule) {
  const std::string all = rule.source == FileRule::Source::address ? "each address" : "each";
  const std::string what = rule.field.empty() ? all : code(rule.field) + (rule.each.empty() ? "" : " of each");
  const std::string field = rule.each.empty() ? what : fmt::format("{} of {}", what, code(rule.each));
  const std::string element = rule.each.empty() ? "" : rule.each_as.empty() ? ".<name>" : fmt::format(".{}<n>", rule.each_as);
  if (rule.folder == "images") {
    const std::string place = rule.each.empty() ? "" : fmt::format(" in {}", code(rule.each));
    const std::string_view shown = rule.source == FileRule::Source::shown ? ", what its HTML shows" : "";
    return fmt::format("{}{}{}: {}, as the images of bodies are", code(rule.field), place, shown,
                       code("files/campaigns/images/<sha256>.<extension>"));
  }
  const std::string name = fmt::format("files/{}/<id>{}{}", rule.folder, element,
                                       rule.source == FileRule::Source::body ? rule.suffix : std::string_view(".<extension>"));
  std::string text = fmt::format("{}: {}", field, code(name));
  if (rule.is_html) text += ", the same with links into the archive, and the images that it shows";
  if (rule.in_row) text += ", which is what `storage_uri` names";
  return text;
}

std::string section_of(const Stream& stream) {
  const Table table = table_of(stream);
  std::string text = fmt::format("### {}\n\n{}\n\n", stream.table, stream.about);
  text += fmt::format("- read from {}: {}\n", code(stream.path), reading_of(stream));
  text += fmt::format("- key: {}\n", listed(table.key));
  if (std::ranges::find(table.key, "row_hash") != table.key.end())
    text += "- may hold older states of a record too: [how to take what is newest](analysts.md#records-without-an-id)\n";
  if (!stream.parent.empty())
    text += fmt::format("- parent: [{}](#{}), by its {}\n", stream.parent, stream.parent, code(stream.parent_field));
  if (!stream.embedded.empty())
    text += fmt::format("- from {} of the parent's record, without a request; the path is asked only where that list may be cut short\n",
                        code(stream.embedded));
  if (!stream.explode.empty())
    text += fmt::format("- one row for each element of {}; `occurrence` numbers, from 0, the rows that share the rest of the key\n",
                        code(stream.explode));
  if (stream.personal_data) text += "- personal data\n";
  for (const FileRule& rule : stream.files) text += fmt::format("- files: {}\n", file_of(rule));
  return text + columns_of(table);
}

std::string overview() {
  std::string text = "\n## All tables\n\n| step | table | parent | personal data | files |\n|---|---|---|---|---|\n";
  std::string_view last;
  for (const Stream& stream : catalogue()) {
    const std::string step = stream.step == last ? std::string() : code(stream.step);
    last = stream.step;
    text += fmt::format("| {} | [{}](#{}) | {} | {} | {} |\n", step, stream.table, stream.table, stream.parent,
                        stream.personal_data ? "yes" : "", stream.files.empty() ? "" : "yes");
  }
  return text;
}

constexpr std::string_view kAssets = R"(
## Every file: `assets`

One row for each file and each record that uses it: images that bodies show, the bodies themselves, files of the file manager, thumbnails.
An image that a hundred campaigns show has a hundred rows, with one `storage_uri`.

```sql
-- the images of a campaign
SELECT source_url, storage_uri, bytes FROM assets
WHERE kind = 'images' AND used_in = 'campaign_content' AND used_in_id = '42694e9e57';
-- campaigns to look at in a browser, with the images of the archive
SELECT c.id, c.create_time, a.storage_uri
FROM campaigns c JOIN assets a ON a.account_name = c.account_name AND a.used_in_id = c.id
WHERE a.used_in = 'campaign_content' AND a.kind = 'local_bodies' AND a.file_id = 'campaigns/' || c.id || '.html';
-- what could not be had
SELECT kind, source_url, outcome, reason FROM assets WHERE outcome NOT IN ('fetched', 'made');
```

| column | what it is |
|---|---|
| `synced_at` | when the outcome was recorded |
| `kind` | the folder below `files/`, such as `stored_files` or `campaigns`; `images` for what HTML shows; `local_bodies` for bodies with links into the archive |
| `source_url` | the address that it came from; NULL for bodies, which came inside a page |
| `used_in`, `used_in_id` | the table and the id of the record that holds or names it |
| `file_id` | tells the files of a kind apart: a record's id with a suffix; for an image its address |
| `storage_uri` | where its bytes are: `file:///…`, percent-encoded; after the archive was moved, the next `load` says the new place |
| `sha256`, `bytes`, `content_type` | of what is there |
| `expected_bytes` | the size that Mailchimp gives, where it gives one |
| `outcome` | `fetched`; `made` from other files of the archive; `missing`: its server no longer has it; `skipped`: on a server that is not Mailchimp's; `failed`; `damaged`: it was there, is not as it was, and was not asked for again yet; `pending`: not asked for yet |
| `reason` | of all but the first two |

)";

std::string assets_section() {
  const Table& table = assets_table();
  std::string text = std::string(kAssets) + fmt::format("- key: {}\n", listed(table.key));
  return text + columns_of(table);
}

std::string document() {
  std::string text = std::string(kIntroduction) + overview() + assets_section();
  std::string_view last;
  for (const Stream& stream : catalogue()) {
    if (stream.step != last) text += fmt::format("\n## Step `{}`\n", stream.step);
    last = stream.step;
    text += "\n" + section_of(stream);
  }
  return text;
}

}  // namespace
}  // namespace chimplift

int main() { return std::fputs(chimplift::document().c_str(), stdout) < 0 || std::fflush(stdout) != 0 ? 1 : 0; }
