#include "inventory/known_records.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "mailchimp/catalogue.hpp"
#include "rows/page.hpp"

namespace chimplift {
namespace {

constexpr std::size_t kMostOfATable = 3;

/// The record that a collection is below, as a stream of its own: /lists/{list_id} for what is below a list.
Stream record_above(const Stream& child) {
  Stream record = child;
  record.path = child.path.substr(0, child.path.find('}') + 1);
  return record;
}

std::vector<KnownRecord> records_on(const Stream& stream, const Stream& child, const std::string& body) {
  const std::string field(child.parent_field);
  const Result<PageContents> facts = read_page(body, {std::string(stream.items), {}, {field}});
  std::vector<KnownRecord> records;
  if (!facts) return records;  // verify's to name
  const Stream record = record_above(child);
  for (const std::vector<std::optional<std::string>>& fields : facts->fields) {
    const std::string id = fields[0].value_or("");
    if (id.empty() || records.size() >= kMostOfATable) continue;
    const std::vector<std::string> ids = {id};
    records.push_back({std::string(stream.table), id, field, fmt::format("{}?fields={}", path_of(record, ids), field)});
  }
  return records;
}

/// True for an id that Mailchimp makes up at random, as those of audiences and campaigns (10 hexadecimal digits). Numbers count up over all
/// accounts, and a shop names its own: another account may have the same.
bool is_random(const KnownRecord& record) {
  constexpr std::string_view kDigits = "0123456789";
  return record.id.size() >= kDigits.size() && record.id.find_first_not_of("0123456789abcdef") == std::string::npos &&
         record.id.find_first_not_of(kDigits) != std::string::npos;
}

}  // namespace

Result<std::vector<KnownRecord>> known_records(const AccountArchive& archive) {
  std::map<std::string, PageRecord> newest;
  TRY(each_record(archive, [&newest](LedgerRecord& record) -> Result<void> {
    auto* page = std::get_if<PageRecord>(&record);
    if (page != nullptr && page->records > 0 && page->unit.parents.empty()) newest[page->unit.stream] = std::move(*page);
    return {};
  }));
  std::vector<std::vector<KnownRecord>> by_table;
  for (const auto& [table, page] : newest) {
    const Stream* stream = find_stream(table);
    const std::vector<const Stream*> children = stream == nullptr ? std::vector<const Stream*>() : children_of(*stream);
    const Result<std::string> body = children.empty() ? Result<std::string>() : archive.read_body(page);
    if (!body && !is_damage(body.error())) return tl::unexpected(body.error());
    if (body && !children.empty()) by_table.push_back(records_on(*stream, *children.front(), *body));
  }
  std::vector<KnownRecord> records;
  for (std::size_t at = 0; at < kMostOfATable; ++at) {
    for (std::vector<KnownRecord>& of_table : by_table) {
      if (at < of_table.size()) records.push_back(std::move(of_table[at]));
    }
  }
  if (std::any_of(records.begin(), records.end(), is_random))
    std::erase_if(records, [](const KnownRecord& record) { return !is_random(record); });
  return records;
}

bool is_record(const KnownRecord& record, std::string_view body) {
  const Result<PageContents> facts = read_page(body, {"", {}, {record.id_field}});
  return facts && facts->records == 1 && facts->fields[0][0] == record.id;
}

}  // namespace chimplift
