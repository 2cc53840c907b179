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
  /// These, and the excluded ones whose ids they need: what is pulled, parents first.
  [[nodiscard]] const std::vector<const Stream*>& pulled() const { return pulled_; }
  [[nodiscard]] std::vector<std::string> excluded_steps() const;

 private:
  std::set<std::string> steps_;
  std::vector<const Stream*> pulled_;
};

}  // namespace chimplift
