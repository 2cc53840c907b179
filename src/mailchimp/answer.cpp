#include "mailchimp/answer.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/secret.hpp"
#include "base/text.hpp"
#include "net/url.hpp"

namespace chimplift {
namespace {

constexpr std::size_t kLongestDetail = 300;

// Mailchimp's own words have some hundred bytes. A parsed document takes many times what its text does, and a body may have 256 MB.
constexpr std::size_t kLongestProblem = 1'000'000;

/// Title and detail of a problem document (RFC 7807); empty where the body is none.
struct Problem {
  bool given = false;  // by Mailchimp: Akamai's own documents have a title too (docs/mailchimp.md, "Gateways")
  std::string title;
  std::string detail;
};

Problem problem_of(const std::string& body) {
  if (body.size() > kLongestProblem) return {};
  const nlohmann::json document = nlohmann::json::parse(body, nullptr, false);
  if (!document.is_object()) return {};
  const auto text = [&document](const char* name) {
    const auto found = document.find(name);
    return found != document.end() && found->is_string() ? redact(found->get<std::string>()).substr(0, kLongestDetail) : std::string();
  };
  const bool is_gateways = text("type") == "akamai_error_message";
  return {!is_gateways && (document.contains("title") || document.contains("detail")), text("title"), text("detail")};
}

std::string reason_of(int status, const Problem& problem) {
  std::string reason = fmt::format("{}", status);
  if (!problem.title.empty()) reason += " " + problem.title;
  if (!problem.detail.empty()) reason += ": " + problem.detail;
  return to_utf8(reason);
}

Answer forbidden(const Problem& problem, const std::string& reason) {
  // Without a problem document it is Akamai: too many requests at once, or this machine's address is blocked.
  // docs/mailchimp.md, "Gateways".
  if (!problem.given) return {Meaning::blocked, "403 from a gateway, without a word of Mailchimp's", {}};
  const std::string title = to_lower(problem.title);
  if (title.find("disabled") != std::string::npos || title.find("deactivated") != std::string::npos) return {Meaning::disabled, reason, {}};
  return {Meaning::not_permitted, reason, {}};
}

Answer redirect(const HttpResponse& response, const std::string& origin) {
  const std::optional<Url> target = parse_url(response.location);
  if (target && target->origin() == origin) return {Meaning::redirected, fmt::format("{} redirect", response.status), response.location};
  return {Meaning::refused,
          fmt::format("{} redirect to another server, which was not followed: the key must not go there", response.status),
          {}};
}

Answer transport(const HttpResponse& response) {
  const std::string reason = std::string(name_of(response.error));
  switch (response.error) {
    case TransportError::too_large:
      return {Meaning::too_large, reason, {}};
    case TransportError::bad_url:
    case TransportError::private_address:
      return {Meaning::refused, reason, {}};
    default:
      return {Meaning::temporary, reason, {}};
  }
}

}  // namespace

Answer meaning_of(const HttpResponse& response, const std::string& origin) {
  if (response.error != TransportError::none) return transport(response);
  if (response.status == 200) return {Meaning::page, {}, {}};
  const Problem problem = problem_of(response.body);
  const std::string reason = reason_of(response.status, problem);
  switch (response.status) {
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
      return redirect(response, origin);
    case 401:
      return {Meaning::key_refused, reason, {}};
    case 403:
      return forbidden(problem, reason);
    case 404:
      return {problem.given ? Meaning::missing : Meaning::wordless, reason, {}};
    case 408:
    case 425:
      return {Meaning::temporary, reason, {}};
    case 429:
      return {Meaning::throttled, reason, {}};
    case 504:
      return {Meaning::too_slow, reason, {}};
    default:
      break;
  }
  if (!problem.given && response.status >= 400 && response.status < 500) return {Meaning::wordless, reason, {}};
  // 2xx other than 200 is no page either: an empty 204 for a collection is a gateway's doing, not an answer.
  const bool temporary = response.status >= 500 || response.status < 300;
  return {temporary ? Meaning::temporary : Meaning::refused, reason, {}};
}

bool refuses_key(Meaning meaning) { return meaning == Meaning::key_refused || meaning == Meaning::disabled; }

Error error_of(const Answer& answer, const std::string& what) {
  const std::string message = fmt::format("{}: {}", what, answer.reason);
  switch (answer.meaning) {
    case Meaning::key_refused:
      return {ErrorKind::permission, message,
              "Check the key, and that the server is the key's own (its suffix, such as us12); a key dies with the user who made it."};
    case Meaning::disabled:
      return {ErrorKind::permission, message, "The account or its user is deactivated: reactivate it, or make a key as another user."};
    case Meaning::not_permitted:
      return {ErrorKind::permission, message,
              "Use a key of a user with the role Admin or Owner, or leave the step out with --excluded-steps."};
    case Meaning::blocked:
      return {ErrorKind::blocked, message, "Mailchimp's gateway refuses this machine: wait an hour, or run from another address."};
    case Meaning::missing:
    case Meaning::wordless:
    case Meaning::refused:
    case Meaning::too_large:
    case Meaning::redirected:
      return {ErrorKind::usage, message, "Check --api-base and the account's server."};
    default:
      return {ErrorKind::temporary, message, "Run the same command again later: it goes on where it was."};
  }
}

}  // namespace chimplift
