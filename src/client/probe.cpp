#include "client/probe.hpp"

#include <fmt/format.h>

#include "base/backoff.hpp"
#include "base/clock.hpp"
#include "client/key_renewal.hpp"
#include "client/refusals.hpp"
#include "client/request.hpp"
#include "inventory/account_identity.hpp"
#include "net/url.hpp"
#include "run/retry.hpp"

namespace chimplift {
namespace {

// Chosen below a page's kMostAttempts: somebody waits for the answer. Too many requests passes, and is waited for twice as long.
constexpr int kAttempts = 4;
constexpr int kThrottledAttempts = 2 * kAttempts;

bool is_too_much(Meaning meaning) { return meaning == Meaning::too_slow || meaning == Meaning::too_large; }

Result<void> check_account(std::string_view body) {
  if (!account_id_in(body).empty()) return {};
  return fail(ErrorKind::temporary, "an answer about the account that does not say which one it is");
}

/// Failures of one request in a row.
struct Failures {
  int all = 0;
  int throttled = 0;  // of these
  int malformed = 0;  // of these: bodies that are not what was asked for
  Refusals refusals;

  void note(Meaning meaning, const Secret& key) {
    ++all;
    if (meaning == Meaning::throttled) ++throttled;
    refusals.note(meaning, key);
  }
  /// Another try may go well.
  [[nodiscard]] bool may_pass(Meaning meaning) const {
    switch (meaning) {
      case Meaning::temporary:
      case Meaning::throttled:
      case Meaning::too_slow:
      case Meaning::redirected:
      case Meaning::wordless:
      case Meaning::blocked:
        return all - throttled < kAttempts && throttled < kThrottledAttempts;
      case Meaning::key_refused:
        return !refusals.are_believed();
      default:
        return false;
    }
  }
};

}  // namespace

Probe::Probe(const Settings& settings, const Account& account)
    : settings_(&settings), account_(&account), loop_(make_http_loop(http_settings(settings))), slots_(*loop_, settings.pace, [] {}) {}

bool Probe::was_too_much() const { return refusal_ && is_too_much(refusal_->meaning); }

Result<std::string> Probe::get(const std::string& path_and_query, const BodyCheck& check, bool can_ask_for_less) {
  const std::string path = path_and_query.substr(0, path_and_query.find('?'));
  const bool is_about_account = path == kAccountPath;
  const Pace& pace = settings_->pace;
  Backoff backoff(static_cast<u64>(system_clock().now_micros()), pace.first_wait_millis, pace.longest_wait_millis);
  std::string url = account_->api_base + path_and_query;
  Failures failures;
  while (true) {
    if (lost_) return tl::unexpected(*lost_);
    if (has_unknown_key_ && !is_about_account) TRY(identify());
    refusal_.reset();
    const Secret key = account_->key.now();
    TRY_ASSIGN(HttpResponse response, send(url, key));
    Answer answer = meaning_of(response, parse_url(account_->api_base)->origin());
    if (answer.meaning == Meaning::page) {
      Result<void> checked = is_about_account ? check_account(response.body) : Result<void>();
      if (checked && check) checked = check(response.body);
      if (checked) {
        if (is_about_account) TRY(admit(account_id_in(response.body)));
        return std::move(response.body);
      }
      answer = {Meaning::temporary, fmt::format("{}, {} times", checked.error().message, ++failures.malformed), {}};
    }
    failures.note(answer.meaning, key);
    if (failures.may_pass(answer.meaning) && !(can_ask_for_less && is_too_much(answer.meaning))) {
      if (answer.meaning == Meaning::redirected) url = answer.location;
      TRY(wait(wait_millis(pace, backoff.millis(failures.all), response)));
      continue;
    }
    const Error error = error_of(answer, fmt::format("account \"{}\", {} of {}", account_->name, path, account_->api_base));
    if (!refuses_key(answer.meaning)) {
      refusal_ = answer;
      return tl::unexpected(error);
    }
    if (renew_key(*account_, key)) {
      has_unknown_key_ = true;
      failures = {};
    } else {
      lost_ = error;
    }
  }
}

Result<HttpResponse> Probe::send(const std::string& url, const Secret& key) {
  if (settings_->is_interrupted()) return fail(ErrorKind::interrupted, "interrupted");
  // Shared with the callbacks: where this is interrupted, the request stays under way, or waits for its slot.
  const auto response = std::make_shared<std::optional<HttpResponse>>();
  slots_.when_free([this, url, key, response] {
    slots_.take();
    loop_->send(request_to(url, key, settings_->pace), [this, response](HttpResponse answer) {
      slots_.release(answer);
      *response = std::move(answer);
    });
  });
  loop_->run([&] { return response->has_value() || settings_->is_interrupted(); });
  if (!*response) return fail(ErrorKind::interrupted, "interrupted");
  latencies_.push_back((*response)->seconds);
  return std::move(**response);
}

Result<void> Probe::wait(i64 millis) {
  const auto waited = std::make_shared<bool>(false);  // shared likewise
  loop_->after(millis, [waited] { *waited = true; });
  loop_->run([&] { return *waited || settings_->is_interrupted(); });
  if (!*waited) return fail(ErrorKind::interrupted, "interrupted");
  return {};
}

Result<void> Probe::identify() {
  const Result<std::string> account = get(std::string(kAccountQuestion));
  const bool is_hidden = !account && !lost_ && account.error().kind == ErrorKind::permission;
  if (!account && !is_hidden) return tl::unexpected(account.error());
  has_unknown_key_ = false;  // a role may not see the account and yet read its campaigns
  return {};
}

Result<void> Probe::admit(const std::string& id) {
  if (!account_id_.empty() && id != account_id_) {
    lost_ = wrong_new_key(account_->name);
    return tl::unexpected(*lost_);
  }
  account_id_ = id;
  has_unknown_key_ = false;
  return {};
}

}  // namespace chimplift
