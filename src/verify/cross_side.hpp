// One side of a cross-check, ready to be asked of each record: does it count, in which group, and how much.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mailchimp/cross_checks.hpp"
#include "rows/json.hpp"

namespace chimplift {

class CrossSide {
 public:
  using Group = std::vector<std::string>;

  CrossSide(const CrossCheck::Side& side, const Stream& stream);

  [[nodiscard]] bool is_of_page() const { return is_of_page_; }
  /// True where a group is made of parents alone: then each collection belongs to one group.
  [[nodiscard]] bool is_by_parents() const;
  /// Precondition: is_by_parents().
  [[nodiscard]] Group group_of(const std::vector<std::string>& parents) const;
  [[nodiscard]] Group group_of(const std::vector<std::string>& parents, const JsonNode& record) const;

  /// `said_at`: when the other side was read, where that is known; microseconds.
  [[nodiscard]] bool takes(const JsonNode& record, std::optional<i64> said_at) const;
  /// What the record (or, of_page, the page) adds. nullopt: a field is absent, or is not a number of 0 or more.
  [[nodiscard]] std::optional<i64> value_of(const JsonNode& record) const;
  /// The group's names, as a gap shows them.
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

 private:
  using Path = std::vector<std::string>;
  struct Condition {
    std::vector<Path> fields;
    std::vector<std::string> values;
    bool is_one_of_them;
  };
  struct Part {
    int parent = -1;  // in the path; -1: a field
    Path field = {};
  };

  bool is_of_page_;
  std::vector<Path> sum_;
  std::vector<Condition> where_;
  Path lately_;
  std::vector<Part> by_;
  std::vector<std::string> names_;
};

}  // namespace chimplift
