// What is known of one stream of the API, as data. The engine asks these fields and never a stream's name: a new stream is a new entry in
// catalogue_*.cpp and no code.
#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.hpp"
#include "rows/page.hpp"
#include "rows/table.hpp"

namespace chimplift {

/// How a collection is read to its end.
enum class Paging {
  offset,        // count and offset, total_items
  undocumented,  // the same, but only total_items is documented: sent all the same, and an answer that ignores them is understood
  count,         // count and total_items, no offset: what does not fit into one page cannot be had
  cursor,        // count and cursor; each answer gives the next one's cursor, the last one none
  object,        // the answer is the one record
};
std::string_view name_of(Paging paging);

/// What total_items is worth.
enum class Total {
  exact,     // the number of records
  at_least,  // counts less than it lists (docs/mailchimp.md, "Totals" and "Segment members")
  absent,    // not given
};
std::string_view name_of(Total total);

/// Mailchimp puts at most 50 variants into a product (docs/mailchimp.md, "Lists within records"); of other lists in records nothing is
/// documented, so a list of 50 is taken for one that may be cut short everywhere.
inline constexpr i64 kMostEmbedded = 50;

/// Bytes that belong to a record: a field that holds them, or one that holds their address.
struct FileRule {
  // `shown`: HTML whose images are fetched, and which is not kept by itself: it is in its record.
  enum class Source { body, address, shown };
  Source source = Source::address;
  std::string_view field = {};  // of the record
  // Below files/. "images": what the address names is a picture that anybody may have put there, so it is fetched and judged as the images
  // of bodies are, and its address is its name. What is absent, or no web address, names nothing.
  std::string_view folder = {};
  std::string_view suffix = {};      // behind the id: ".html"; for an address the extension is found out and comes behind it
  std::string_view size_field = {};  // bytes as Mailchimp gives them; "" where it does not
  std::string_view name_field = {};  // a file name whose extension is taken; "" for the address's own
  std::string_view id_field = {};    // of the record; "" for the last id of the path
  // An array or object of the record whose elements have the field, or, where `field` is "", are it. Part of the file's name is then the
  // element's name, or `each_as` and its number. Of addresses: every one inside, at any depth, that `field` names, or any where that is "".
  std::string_view each = {};
  std::string_view each_as = {};
  bool is_html = false;  // its images are fetched too, and it is kept a second time with links to them
  bool in_row = false;   // the record's row says where the file is, with its sha256, size and type
  bool is_json = false;  // a body that is kept as it was sent where it is no text
};

/// A field of records, of another stream or of the same, that holds an id of this one's.
struct Mention {
  std::string_view stream = {};
  std::string_view field = {};
  std::string_view unless_zero = {};  // a field of the same record: 0 says that there is nothing to ask for
};

struct Stream {
  std::string_view table = {};
  std::string_view step = {};
  std::string_view path = {};   // parent ids in braces, named as the columns that hold them
  std::string_view items = {};  // "" where the answer is the one record
  std::string_view key = {};    // column names; account_name is always the first and not written
  Paging paging = Paging::offset;
  std::string_view columns = {};       // "name:type …" of the record's fields, from Mailchimp's OpenAPI file 3.0.55
  std::string_view about = {};         // a sentence or two for docs/tables.md
  std::string_view count_by = {};      // a column with few values: a query that counts rows by it is worth trying
  std::string_view parent = {};        // table whose records' ids are this path's last braces
  std::string_view parent_field = {};  // the field that holds them
  std::string_view unless_zero = {};   // a field of the parent's record: 0 says that there is nothing below it, and nothing is asked for
  std::string_view seen_in = {};       // a field of it with some of the records: where it has any, `unless_zero` is not believed
  Total total = Total::exact;
  // One reading proves nothing without a total: a page that lost records on its way, or came empty, looks like the whole. Where a second
  // one costs little, the two have to agree.
  bool is_read_twice = false;
  std::string_view sort = {};                   // query that makes the order stable while new records come in
  std::string_view query = {};                  // asks for fields that come only when asked for; sent with reads by id too
  std::vector<std::string_view> sweeps = {""};  // queries that together list everything
  std::vector<std::string_view> linked = {};    // fields of the record that have `_links` of their own, to be left out as well
  i64 page_size = 1000;                         // Mailchimp's maximum (docs/mailchimp.md, "Page size")
  // Fields of the parent's record, joined by '+', whose sum says about how many records there are below it: what a plan can know without
  // reading them.
  std::string_view rows_hint = {};
  // A field of the parent's record that holds the records as well, up to kMostEmbedded of them: then the path is asked only where that
  // list may be cut short.
  std::string_view embedded = {};
  std::string_view explode = {};     // a field whose elements become the rows
  std::string_view record_key = {};  // the record's own key where it differs from the rows' (explode)
  // Whatever changes in the collection changes the parent's record too, by its counts or times: a refresh reads it only then.
  bool told_by_parent = false;
  bool personal_data = false;
  std::vector<FileRule> files = {};
  // Where the list may lack records that others speak of: the path of a single one. Each id of `mentioned_in` that the list did not give is
  // asked for there (by_id() in catalogue.hpp).
  std::string_view record_path = {};
  std::vector<Mention> mentioned_in = {};
  bool is_by_id = false;  // a stream as by_id() gives it: the path's last id is the record's own, and no parent's
};

/// The columns that hold the ids in the path, in the path's order.
std::vector<std::string> parent_columns(const Stream& stream);

/// The table as it is before any row has been seen.
Table table_of(const Stream& stream);

/// What to read of a page besides its total: the record's key.
PageShape shape_of(const Stream& stream);

/// The path with the parents' ids, percent-encoded.
std::string path_of(const Stream& stream, std::span<const std::string> parents);

/// True where `offset` leads to each page of a collection.
bool pages_by_offset(const Stream& stream);

/// Which page of a collection: its offset or cursor, as the stream's paging wants it; `count` 0: neither is sent.
struct PageAt {
  i64 offset = 0;
  i64 count = 0;
  std::string_view cursor = {};
};

/// The query of one page: sweep, sort, place, and what is left out of the answer.
std::string query_of(const Stream& stream, int sweep, const PageAt& at);

/// What a record holds embedded is all there is: `elements` of its list; -1: it has none.
bool is_whole_when_embedded(i64 elements);

}  // namespace chimplift
