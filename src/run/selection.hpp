// Which streams a run is about.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "mailchimp/catalogue.hpp"

namespace chimplift {

class Selection {
 public:
  /// All steps but the excluded ones; where `only` is not empty, just those. Error: usage, with the nearest name and the list of all.
  static Result<Selection> of(const std::vector<std::string>& excluded, const std::vector<std::string>& only);

  /// The streams that are loaded and vouched for.
  [[nodiscard]] bool has(const Stream& stream) const { return steps_.contains(std::string(stream.step)); }
  /// These, and others whose ids they need: parents, even excluded ones, and what mentions ids, unless it is excluded by name. Parents
  /// first.
  [[nodiscard]] const std::vector<const Stream*>& pulled() const { return pulled_; }
  /// Of the streams that are pulled, those whose parent this one is.
  [[nodiscard]] std::vector<const Stream*> children(const Stream& stream) const;
  /// Of the streams that are pulled, those whose ids this one's records mention.
  [[nodiscard]] std::vector<const Stream*> mentioned(const Stream& stream) const;
  [[nodiscard]] std::vector<std::string> excluded_steps() const;

 private:
  std::set<std::string> steps_;
  std::vector<const Stream*> pulled_;
};

}  // namespace chimplift
