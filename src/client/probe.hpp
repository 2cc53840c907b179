// A few requests one after another, outside a pull: what plan and doctor ask. Somebody waits for each answer, so it has fewer tries than
// AccountClient, and does not wait for a server that is out of reach.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/slots.hpp"
#include "mailchimp/account.hpp"
#include "mailchimp/answer.hpp"
#include "net/http.hpp"
#include "run/settings.hpp"

namespace chimplift {

/// Says by its error's message why a body is not what was asked for.
using BodyCheck = std::function<Result<void>(std::string_view body)>;

class Probe {
 public:
  /// Both must outlive the probe.
  Probe(const Settings& settings, const Account& account);

  /// GET of a path below the API's root; the body, or what an answer other than a page means. What may pass is asked for again a few times,
  /// and so is a body that `check` refuses, or one about the account (kAccountPath) that does not say which one it is: something on the way
  /// put it there. Ask for the account first: a key that takes the place of a refused one must open the same. `can_ask_for_less`: where the
  /// answer is too much at once, that is the error without another try. Errors: those of error_of(); usage, where a new key opens another
  /// account; interrupted.
  Result<std::string> get(const std::string& path_and_query, const BodyCheck& check = {}, bool can_ask_for_less = false);
  /// What the last get() ended with instead of a body; nullopt where it has one, or ended without an answer.
  [[nodiscard]] const std::optional<Answer>& refusal() const { return refusal_; }
  /// The last get() ended because the answer takes the server too long, or is larger than we take: ask for less.
  [[nodiscard]] bool was_too_much() const;
  /// What keeps everything else from being asked for: the key is refused and there is no other, or the other is another account's. get()
  /// has no other error from then on.
  [[nodiscard]] const std::optional<Error>& lost() const { return lost_; }
  /// Seconds that each answer took.
  [[nodiscard]] const std::vector<double>& latencies() const { return latencies_; }

 private:
  Result<HttpResponse> send(const std::string& url, const Secret& key);
  Result<void> wait(i64 millis);
  /// Asks whose the new key is.
  Result<void> identify();
  /// Takes the account that the key opens.
  Result<void> admit(const std::string& id);

  const Settings* settings_;
  const Account* account_;
  std::unique_ptr<HttpLoop> loop_;
  Slots slots_;
  std::string account_id_;        // that every key must open; "" where nobody has said
  bool has_unknown_key_ = false;  // nothing but the account itself is asked for meanwhile
  std::optional<Error> lost_;
  std::optional<Answer> refusal_;
  std::vector<double> latencies_;
};

}  // namespace chimplift
