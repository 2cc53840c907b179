// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html and …_AssumeRoleWithWebIdentity.html.
#include "aws/sts.hpp"

#include <fmt/format.h>
#include <pugixml.hpp>

#include "aws/problem.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "rows/convert.hpp"

namespace chimplift {
namespace {

// Chosen: with the pauses between them a second or two, so that a fault that passes does not end a run.
constexpr int kAttempts = 4;

using Form = std::vector<std::pair<std::string, std::string>>;

std::string encode_form(const Form& form) {
  std::string text;
  for (const auto& [name, value] : form) {
    if (!value.empty()) text += (text.empty() ? "" : "&") + percent_encode(name) + "=" + percent_encode(value);
  }
  return text;
}

Form form_of(const CredentialSearch& search, const RoleWanted& role, const std::string& action) {
  std::string session = role.session_name;
  if (session.empty()) session = fmt::format("chimplift-{}", search.settings->clock->now_micros() / 1'000'000);
  return {{"Action", action},           {"Version", "2011-06-15"},        {"RoleArn", role.arn},
          {"RoleSessionName", session}, {"ExternalId", role.external_id}, {"DurationSeconds", role.duration_seconds}};
}

std::string endpoint_for(const CredentialSearch& search, const RoleWanted& role) {
  const std::string given = endpoint_override(*search.settings, "STS");
  if (!given.empty()) return given;
  return role.region.empty() ? "https://sts.amazonaws.com" : endpoint_of(*search.settings, "sts", "STS", role.region);
}

Result<AwsCredentials> credentials_of(const HttpResponse& response, const RoleWanted& role, const std::string& action) {
  pugi::xml_document document;
  document.load_buffer(response.body.data(), response.body.size());
  const pugi::xml_node node = document.child((action + "Response").c_str()).child((action + "Result").c_str()).child("Credentials");
  const std::optional<Timestamp> expiration = parse_timestamp(node.child_value("Expiration"));
  AwsCredentials credentials{node.child_value("AccessKeyId"), Secret(node.child_value("SecretAccessKey")),
                             Secret(node.child_value("SessionToken")), expiration ? expiration->micros : 0, "role " + role.arn};
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty() || credentials.session_token.empty() || !expiration)
    return fail(ErrorKind::temporary, "STS answered without credentials");
  return credentials;
}

Result<AwsCredentials> ask(const CredentialSearch& search, const RoleWanted& role, const std::string& action,
                           const std::function<HttpCall()>& make) {
  const HttpResponse response = ask_patiently(search, make, kAttempts);
  if (response.error == TransportError::none && response.status == 200) return credentials_of(response, role, action);
  const AwsProblem problem = problem_of_xml(response);
  const std::string message =
      fmt::format("STS at {} gives no credentials for {}: {}", endpoint_for(search, role), role.arn, reason_of(response, problem));
  if (response.error == TransportError::cancelled) return fail(ErrorKind::interrupted, "interrupted");
  if (response.error == TransportError::bad_url)
    return fail(ErrorKind::usage, message, "Check AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL and the region.");
  if (response.error == TransportError::tls) {
    return fail(ErrorKind::destination, fmt::format("{} ({})", message, response.message),
                "Check that nothing between here and AWS opens TLS; --ca-file or AWS_CA_BUNDLE names the certificates to trust.");
  }
  if (response.error != TransportError::none || may_pass(response, problem)) return fail(ErrorKind::temporary, message);
  return fail(ErrorKind::permission, message, "Check the role's ARN and its trust policy: it must name who may assume the role.");
}

HttpCall post(const std::string& url, const std::string& body) {
  HttpCall call;
  call.method = HttpMethod::post;
  call.request.url = url;
  call.request.timeout_millis = 30'000;
  call.request.max_bytes = 1'000'000;
  call.body = body;
  call.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  return call;
}

}  // namespace

Result<AwsCredentials> assume_role(const CredentialSearch& search, const RoleWanted& role, const Secret& web_identity_token) {
  const std::string action = "AssumeRoleWithWebIdentity";
  Form form = form_of(search, role, action);
  form.emplace_back("WebIdentityToken", web_identity_token.reveal());
  const AwsRequest request{HttpMethod::post, endpoint_for(search, role), "/", {}, {}, ""};
  return ask(search, role, action, [&] { return post(url_of(request), encode_form(form)); });
}

Result<AwsCredentials> assume_role(const CredentialSearch& search, const RoleWanted& role, const AwsCredentials& credentials) {
  const std::string action = "AssumeRole";
  const std::string body = encode_form(form_of(search, role, action));
  return ask(search, role, action, [&] {
    HttpCall call = post("", body);
    const AwsRequest request{HttpMethod::post, endpoint_for(search, role), "/", {}, call.headers, sha256_hex(body)};
    call.request.url = url_of(request);
    const AwsScope scope{"sts", role.region.empty() ? "us-east-1" : role.region};
    call.headers = signed_headers(request, credentials, scope, search.settings->clock->now_micros());
    return call;
  });
}

}  // namespace chimplift
