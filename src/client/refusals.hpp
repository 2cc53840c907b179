// When it is believed that a key is refused: one answer may be a gateway's, between other troubles of the same request.
#pragma once

#include "base/secret.hpp"
#include "mailchimp/answer.hpp"
#include "run/retry.hpp"

namespace chimplift {

/// The refusals of a key in the answers to one request, one after another.
class Refusals {
 public:
  /// `key`: that the request was made with; of another one it is the first answer.
  void note(Meaning meaning, const Secret& key) {
    if (!(key == key_)) in_a_row_ = 0;
    key_ = key;
    in_a_row_ = meaning == Meaning::key_refused ? in_a_row_ + 1 : 0;
  }
  /// So many in a row that it is the key's fault.
  [[nodiscard]] bool are_believed() const { return in_a_row_ >= kMostRefusals; }

 private:
  Secret key_;
  int in_a_row_ = 0;
};

}  // namespace chimplift
