#include "sync/probe.hpp"

#include <fmt/format.h>

#include "mailchimp/answer.hpp"
#include "net/url.hpp"
#include "sync/key_renewal.hpp"
#include "sync/retry.hpp"

namespace chimplift {
namespace {

constexpr int kAttempts = 4;

bool is_worth_another_try(Meaning meaning) {
  return meaning == Meaning::temporary || meaning == Meaning::throttled || meaning == Meaning::too_slow ||
         meaning == Meaning::key_refused || meaning == Meaning::redirected;
}

}  // namespace

Probe::Probe(const Settings& settings, const Account& account)
    : settings_(&settings),
      account_(&account),
      loop_(make_http_loop({"chimplift/" CHIMPLIFT_VERSION, settings.ca_file, settings.proxies})) {}

Result<std::string> Probe::get(const std::string& path_and_query) {
  const std::string origin = parse_url(account_->api_base)->origin();
  std::string url = account_->api_base + path_and_query;
  Backoff backoff(0);
  for (int attempt = 1;; ++attempt) {
    HttpRequest request;
    request.url = url;
    request.timeout_millis = settings_->pace.timeout_millis;
    const Secret key = account_->key.now();
    request.password = key;
    std::optional<HttpResponse> response;
    loop_->send(std::move(request), [&response](HttpResponse answer) { response = std::move(answer); });
    loop_->run([&] { return response.has_value() || settings_->is_interrupted(); });
    if (!response) return fail(ErrorKind::interrupted, "interrupted");
    latencies_.push_back(response->seconds);
    const Answer answer = meaning_of(*response, origin);
    if (answer.meaning == Meaning::page) return std::move(response->body);
    if (!is_worth_another_try(answer.meaning) || attempt == kAttempts) {
      if (refuses_key(answer.meaning) && renew_key(*account_, key)) {
        attempt = 0;
        continue;
      }
      const std::string path = path_and_query.substr(0, path_and_query.find('?'));
      return tl::unexpected(error_of(answer, fmt::format("account \"{}\", {} of {}", account_->name, path, account_->api_base)));
    }
    if (answer.meaning == Meaning::redirected) url = answer.location;
    bool waited = false;
    loop_->after(wait_millis(settings_->pace, backoff.millis(attempt), *response), [&waited] { waited = true; });
    loop_->run([&] { return waited || settings_->is_interrupted(); });
  }
}

Result<PageContents> Probe::page(const Stream& stream, const std::vector<std::string>& parents, int sweep, i64 offset, i64 count,
                                 const PageShape& shape) {
  TRY_ASSIGN(const std::string body, get(path_of(stream, parents) + "?" + query_of(stream, sweep, {offset, count, {}})));
  return read_page(body, shape);
}

}  // namespace chimplift
