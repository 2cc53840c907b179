// Faults that a test plants: which requests they strike and what becomes of the answer.
#pragma once

#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/answer.hpp"
#include "simulator/page.hpp"

namespace mailchimp_sim {

struct Fault {
  std::string kind;
  // Of the path as it was sent, without the query; empty: any. "/files/" for files; "/reports$": the path ends there.
  std::string path_contains = {};
  std::string query_contains = {};
  int skip = 0;            // lets that many requests pass first
  int times = -1;          // -1: for ever
  double probability = 1;  // of striking, decided by the seed and the request's number
  i64 param = 0;           // milliseconds of stall…, slow_body and silent_body; bytes of huge_string and gzip_bomb; shift of total_plus and
                           // total_minus; place of the row that lose_row leaves out of all pages and totals; seconds of …_retry_after; the
                           // status of redirect_…; depth of deep_nesting; port of redirect_private; number of the last new_field
  bool spares_files = false;
  std::string spares_path = {};  // as path_contains; empty: none
  bool once_each = false;        // each page and each file is struck once, and right when it is asked for again
};

/// All kinds, for messages and for tests that try each.
const std::vector<std::string>& fault_kinds();

class FaultPlan {
 public:
  explicit FaultPlan(u64 seed) : random_(seed, "faults") {}
  /// Throws std::invalid_argument for a kind that does not exist.
  void plant(Fault fault);
  void lift();
  /// The first fault that strikes this request.
  std::optional<Fault> strike(std::string_view path, std::string_view query);
  /// Which fault struck what, in the order in which they did: "short_page /lists?count=1000".
  [[nodiscard]] std::vector<std::string> strikes() const;

 private:
  struct Planted {
    Fault fault;
    std::set<std::string> struck;  // targets, for once_each
  };
  mutable std::mutex mutex_;
  std::vector<Planted> faults_;
  std::vector<std::string> strikes_;
  Random random_;
};

/// Where a request was going, for faults that send it elsewhere or repeat what it brought.
struct Struck {
  std::string_view target;
  std::string_view authorization;
  const std::string& this_origin;
  const std::string& other_origin;
};

/// The answer that a fault gives in place of the real one; nothing where the fault only changes the real one.
std::optional<Answer> fault_answer(const Fault& fault, const Struck& struck);
/// How a fault changes the page before it is written.
PageTwist fault_twist(const Fault& fault);
/// How a fault changes an answer that is otherwise right.
void spoil(const Fault& fault, Answer& answer);

}  // namespace mailchimp_sim
