#include "sync/probe.hpp"

#include <fmt/format.h>

#include "mailchimp/answer.hpp"
#include "net/url.hpp"
#include "sync/retry.hpp"

namespace chimplift {
namespace {

constexpr int kAttempts = 4;

Error error_of(const Answer& answer, const Account& account, const std::string& path) {
  const std::string what = fmt::format("account \"{}\": {} of {} says {}", account.name, path.substr(0, path.find('?')), account.api_base, answer.reason);
  switch (answer.meaning) {
    case Meaning::key_refused:
      return {ErrorKind::permission, what, "Check the key, and that the server is the key's own (its suffix, such as us12); a key dies with the user who made it."};
    case Meaning::disabled: return {ErrorKind::permission, what, "The account or its user is deactivated: reactivate it, or make a key as another user."};
    case Meaning::not_permitted:
      return {ErrorKind::permission, what, "Use a key of a user with the role Admin or Owner, or leave the step out with --excluded-steps."};
    case Meaning::blocked: return {ErrorKind::blocked, what, "Mailchimp's gateway refuses this machine: wait an hour, or run from another address."};
    case Meaning::missing:
    case Meaning::refused:
    case Meaning::redirected: return {ErrorKind::usage, what, "Check --api-base and the account's server."};
    default: return {ErrorKind::temporary, what, "Try again later."};
  }
}

bool is_worth_another_try(Meaning meaning) {
  return meaning == Meaning::temporary || meaning == Meaning::throttled || meaning == Meaning::too_slow || meaning == Meaning::key_refused ||
         meaning == Meaning::redirected;
}

}  // namespace

Probe::Probe(const Settings& settings, const Account& account)
    : settings_(&settings), account_(&account), loop_(make_http_loop({"chimplift/" CHIMPLIFT_VERSION, settings.ca_file})) {}

Result<std::string> Probe::get(const std::string& path_and_query) {
  const std::string origin = parse_url(account_->api_base)->origin();
  std::string url = account_->api_base + path_and_query;
  Backoff backoff(0);
  for (int attempt = 1;; ++attempt) {
    HttpRequest request;
    request.url = url;
    request.password = account_->key;
    std::optional<HttpResponse> response;
    loop_->send(std::move(request), [&response](HttpResponse answer) { response = std::move(answer); });
    loop_->run([&] { return response.has_value() || settings_->is_interrupted(); });
    if (!response) return fail(ErrorKind::interrupted, "interrupted");
    latencies_.push_back(response->seconds);
    const Answer answer = meaning_of(*response, origin);
    if (answer.meaning == Meaning::page) return std::move(response->body);
    if (!is_worth_another_try(answer.meaning) || attempt == kAttempts) return tl::unexpected(error_of(answer, *account_, path_and_query));
    if (answer.meaning == Meaning::redirected) url = answer.location;
    bool waited = false;
    loop_->after(backoff.millis(attempt), [&waited] { waited = true; });
    loop_->run([&] { return waited || settings_->is_interrupted(); });
  }
}

Result<PageContents> Probe::page(const Stream& stream, const std::vector<std::string>& parents, int sweep, i64 offset, i64 count, const PageShape& shape) {
  TRY_ASSIGN(const std::string body, get(path_of(stream, parents) + "?" + query_of(stream, sweep, offset, count)));
  return read_page(body, shape);
}

}  // namespace chimplift
