#include "client/reachability.hpp"

#include <utility>

#include "base/clock.hpp"
#include "net/url.hpp"

namespace chimplift {

Reachability::Reachability(HttpLoop& loop, const Account& account, const Settings& settings, Hooks hooks)
    : loop_(&loop),
      account_(&account),
      patience_millis_(settings.patience_millis),
      pace_(settings.pace),
      hooks_(std::move(hooks)),
      last_success_(system_clock().steady_millis()) {}

void Reachability::note_success() { last_success_ = system_clock().steady_millis(); }

void Reachability::doubt(i64 failing_since, Doubtful doubtful) {
  if (last_success_ > failing_since) {
    doubtful.give_up();
    return;
  }
  doubtful_.push_back(std::move(doubtful));
  if (is_asking_) return;
  is_asking_ = true;
  ask();
}

void Reachability::ask() {
  if (stopped_) return;
  HttpRequest request;
  request.timeout_millis = pace_.timeout_millis;
  request.url = account_->api_base + "/?exclude_fields=_links";
  const Secret key = account_->key.now();
  request.password = key;
  hooks_.send(std::move(request), [this, key](const HttpResponse& response) {
    if (!stopped_) take(response, key);
  });
}

void Reachability::go_on() {
  if (std::exchange(needs_key_, false)) ask();
}

void Reachability::take(const HttpResponse& response, const Secret& key) {
  const Answer answer = meaning_of(response, parse_url(account_->api_base)->origin());
  switch (answer.meaning) {
    case Meaning::page:
    case Meaning::not_permitted:
    case Meaning::missing:
    case Meaning::redirected:
      judge();
      return;
    case Meaning::disabled:
    case Meaning::key_refused:
      needs_key_ = account_->key.now() == key;
      needs_key_ ? hooks_.key_refused(key, answer) : ask();
      return;
    default:
      break;
  }
  was_out_of_reach_ = true;
  hooks_.trouble("out of reach: " + answer.reason);
  if (system_clock().steady_millis() - last_success_ > patience_millis_) {
    hooks_.lost(answer);
    return;
  }
  loop_->after(pace_.reachability_millis, [this] { ask(); });
}

void Reachability::judge() {
  is_asking_ = false;
  note_success();
  const bool was_out_of_reach = std::exchange(was_out_of_reach_, false);
  for (const Doubtful& doubtful : std::exchange(doubtful_, {})) (was_out_of_reach ? doubtful.ask_again : doubtful.give_up)();
  hooks_.judged();
}

}  // namespace chimplift
