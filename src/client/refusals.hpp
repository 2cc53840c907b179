// When it is believed that a key is refused: one answer may be a gateway's, between other troubles of the same request.
#pragma once

#include "mailchimp/answer.hpp"
#include "run/retry.hpp"

namespace chimplift {

/// The refusals of a key in the answers to one request, one after another.
class Refusals {
 public:
  void note(Meaning meaning) { in_a_row_ = meaning == Meaning::key_refused ? in_a_row_ + 1 : 0; }
  /// So many in a row that it is the key's fault.
  [[nodiscard]] bool are_believed() const { return in_a_row_ >= kMostRefusals; }

 private:
  int in_a_row_ = 0;
};

}  // namespace chimplift
