// From a collection to one page of it: which rows are asked for, in which order, and how the response is put together.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "simulator/query.hpp"
#include "simulator/world.hpp"

namespace mailchimp_sim {

/// What a fault may change about a page.
struct PageTwist {
  bool ignore_offset = false;
  bool ignore_count = false;  // always ten rows
  bool no_total = false;
  i64 total_shift = 0;
  bool half = false;    // half of the rows that belong on the page
  bool empty = false;   // none of them
  bool early = false;   // begins a row too early: the row before the page once more
  bool twice = false;   // the first row twice
  bool turned = false;  // the rows in the opposite order
  i64 lose = -1;        // the row at this place is in no page, and in no total; -1: none
};

class Pages {
 public:
  /// The response body.
  std::string render(const Collection& collection, const Target& target, i64 count, i64 offset, const PageTwist& twist);

 private:
  using Order = std::shared_ptr<const std::vector<std::size_t>>;
  /// The rows that filters let through, in the order asked for. Kept, because every page of a listing needs the same.
  Order order(const Collection& collection, const Target& target);

  std::mutex mutex_;
  std::map<std::string, Order> orders_;
};

/// What an answer leaves out: what the client excludes, and what comes with campaigns only where a parameter asks for it.
std::vector<std::string> left_out(const Target& target);

/// Applies `fields` or `exclude_fields` to a response that has its links still. Throws nothing; fields that are not there are ignored.
std::string choose_fields(std::string body, const std::vector<std::string>& only, const std::vector<std::string>& without);

/// `_links` as a JSON text.
std::string links_of(std::string_view path);

constexpr i64 kDefaultCount = 10;
constexpr i64 kMaximalCount = 1000;

}  // namespace mailchimp_sim
