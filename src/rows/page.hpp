// Reading one answer of the API strictly, without making rows of it: what the pull has to know before it may keep the page.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/types.hpp"

namespace chimplift {

struct JsonNode;

/// Where a page's records are, and what is wanted of each.
struct PageShape {
  std::string items;                      // name of the array of records; "" where the whole answer is the one record
  std::vector<std::string> key;           // fields whose values tell records apart; empty: the whole record does
  std::vector<std::string> wanted;        // fields to hand out as text
  std::vector<std::string> counted = {};  // fields that may hold lists of records, to be counted
  std::vector<std::string> known = {};    // fields of which the one record has some, unless it is empty; without any it is something else
};

struct PageContents {
  i64 records = 0;
  std::optional<i64> total_items;   // absent, or not a whole number: nullopt
  std::string next_cursor;          // "" where absent or null
  bool names_next_cursor = false;   // there is a next_cursor, be it null: the page says itself whether it is the last one
  bool is_empty_object = false;     // the one record has no field at all
  std::vector<u64> key_hashes;      // one a record: equal keys have equal hashes
  std::vector<u64> record_digests;  // one a record: of its bytes
  u64 digest = 0;                   // of all key hashes: pages of the same records have equal ones, though a record changed
  /// Per record, per wanted field: a string's text, another scalar's token; absent, null, object, array: nullopt.
  std::vector<std::vector<std::optional<std::string>>> fields;
  std::vector<std::vector<i64>> counts;  // per record, per counted field: count_objects()
};

/// Of the values that tell a record apart: equal keys have equal hashes. With no fields the whole record is the key.
u64 hash_of_key(const JsonNode& record, const std::vector<std::string>& key);

/// Reads and validates the whole body (every value, not only what is wanted). Errors are of kind temporary: a body that is not
/// JSON, is cut short, has bytes behind its end, lacks the array, whose array holds something other than
/// objects, or that is something else than the one record (`{"error": …}` with status 200).
/// Bytes that are not UTF-8 are replaced by U+FFFD, lone surrogates likewise; of duplicate keys the last counts.
Result<PageContents> read_page(std::string_view body, const PageShape& shape);

}  // namespace chimplift
