#include "aws/credential_sources.hpp"

#include <fmt/format.h>

#include <array>

#include "aws/problem.hpp"
#include "aws/sts.hpp"
#include "base/backoff.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "net/url.hpp"
#include "rows/convert.hpp"
#include "rows/json.hpp"

namespace chimplift {
namespace {

// Who answers there is on this machine or nobody.
constexpr i64 kLocalConnectMillis = 1000;
constexpr i64 kLocalTimeoutMillis = 5000;
constexpr int kLocalAttempts = 3;
constexpr int kFirstAttempts = 2;  // of the one that finds out whether anybody is there

HttpCall local_call(HttpMethod method, const std::string& url) {
  HttpCall call;
  call.method = method;
  call.request.url = url;
  call.request.timeout_millis = kLocalTimeoutMillis;
  call.request.max_bytes = 1'000'000;
  call.connect_timeout_millis = kLocalConnectMillis;
  call.direct = true;
  return call;
}

bool is_loopback(const std::string& host) {
  const bool is_ipv4 = host.find_first_not_of("0123456789.") == std::string::npos;  // 127.0.0.1.example is somebody's name
  return host == "localhost" || host == "[::1]" || (is_ipv4 && host.starts_with("127."));
}

/// The error of a local source that was asked and gave nothing.
tl::unexpected<Error> refused(const HttpResponse& response, const std::string& what) {
  if (response.error == TransportError::cancelled) return fail(ErrorKind::interrupted, "interrupted");
  const bool is_temporary = response.error != TransportError::none || may_pass(response, {});
  return fail(is_temporary ? ErrorKind::temporary : ErrorKind::permission, fmt::format("{}: {}", what, words_of(response)));
}

// EC2's metadata, https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html; only version 2, which needs a token
// of its own.
constexpr const char* kToken = "/latest/api/token";
constexpr const char* kRoles = "/latest/meta-data/iam/security-credentials/";

/// Without a slash at its end.
std::string metadata_endpoint(const AwsSettings& settings) {
  std::string endpoint = variable(settings, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
  const bool v6 = to_lower(variable(settings, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")) == "ipv6";
  if (endpoint.empty()) endpoint = v6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
  while (endpoint.ends_with('/')) endpoint.pop_back();
  return endpoint;
}

/// nullopt where nobody answers, with the reason in `why_none`.
Result<std::optional<Secret>> metadata_token(const CredentialSearch& search, const std::string& endpoint, std::string& why_none) {
  const HttpResponse response = ask_patiently(
      search,
      [&] {
        HttpCall call = local_call(HttpMethod::put, endpoint + kToken);
        call.headers = {{"x-aws-ec2-metadata-token-ttl-seconds", "21600"}};
        return call;
      },
      kFirstAttempts);
  if (response.error == TransportError::cancelled) return fail(ErrorKind::interrupted, "interrupted");
  if (response.error != TransportError::none) {
    why_none = fmt::format("nobody answers at {}: {} (in a pod, the hop limit may be 1)", endpoint, words_of(response));
    return std::optional<Secret>();
  }
  if (response.status != 200) return refused(response, endpoint + kToken);
  return std::optional(Secret(std::string(trim(response.body))));
}

HttpResponse ask_metadata(const CredentialSearch& search, const std::string& url, const Secret& token) {
  return ask_patiently(
      search,
      [&] {
        HttpCall call = local_call(HttpMethod::get, url);
        call.headers = {{"x-aws-ec2-metadata-token", token.reveal()}};
        return call;
      },
      kLocalAttempts);
}

/// "" where the machine has none.
Result<std::string> role_of_instance(const CredentialSearch& search, const std::string& endpoint, const Secret& token) {
  const HttpResponse response = ask_metadata(search, endpoint + kRoles, token);
  if (response.error == TransportError::none && response.status == 404) return std::string();
  if (response.error != TransportError::none || response.status != 200) return refused(response, endpoint + kRoles);
  return std::string(trim(response.body.substr(0, response.body.find('\n'))));
}

}  // namespace

std::vector<CredentialSource> credential_sources(const AwsSettings& settings) {
  // Who names a profile on the command line means it.
  if (!settings.profile.empty()) return {{"profile", from_profile}};
  return {{"the environment", from_environment},
          {"the web identity", from_web_identity},
          {"profile", from_profile},
          {"the container", from_container},
          {"EC2", from_instance}};
}

Result<Secret> read_token(const std::string& file) {
  Result<std::string> text = read_file(file);
  if (!text) return fail(ErrorKind::usage, text.error().message);
  return Secret(std::string(trim(*text)));
}

std::string words_of(const HttpResponse& response) {
  return response.error == TransportError::none ? fmt::format("status {}", response.status) : std::string(name_of(response.error));
}

HttpResponse ask_patiently(const CredentialSearch& search, const std::function<HttpCall()>& make, int attempts) {
  Backoff backoff(static_cast<u64>(search.settings->clock->now_micros()), search.settings->first_pause_millis);
  for (int attempt = 1;; ++attempt) {
    HttpResponse response = search.client->send(make());
    if (attempt >= attempts || !may_pass(response, problem_of_xml(response)) || !search.client->pause(backoff.millis(attempt)))
      return response;
  }
}

Result<AwsCredentials> credentials_of_json(const std::string& body, const std::string& source) {
  const auto unreadable = [] { return fail(ErrorKind::temporary, "the answer holds no credentials"); };
  const Result<JsonDocument> document = JsonDocument::parse(body);
  if (!document) return unreadable();
  const auto text_of = [&](std::string_view name) {
    const JsonNode* field = find_field(document->root(), name);
    return field == nullptr || field->kind != JsonKind::string ? std::string() : std::string(field->text);
  };
  // EC2 says "Code": "Success" with them, or why not.
  const std::string code = text_of("Code");
  if (!code.empty() && code != "Success") return fail(ErrorKind::permission, fmt::format("{}: {}", code, text_of("Message")));
  const std::optional<Timestamp> expiration = parse_timestamp(text_of("Expiration"));
  AwsCredentials credentials{text_of("AccessKeyId"), Secret(text_of("SecretAccessKey")), Secret(text_of("Token")),
                             expiration ? expiration->micros : 0, source};
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty()) return unreadable();
  return credentials;
}

Result<SourceAnswer> from_environment(const CredentialSearch& search) {
  const std::string id = variable(*search.settings, "AWS_ACCESS_KEY_ID");
  const std::string key = variable(*search.settings, "AWS_SECRET_ACCESS_KEY");
  if (id.empty() && key.empty()) return SourceAnswer{{}, "AWS_ACCESS_KEY_ID is not set"};
  if (id.empty() || key.empty()) {
    return fail(ErrorKind::usage,
                fmt::format("{} is set, {} is not", id.empty() ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID",
                            id.empty() ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY"),
                "Set both, or neither.");
  }
  return SourceAnswer{AwsCredentials{id, Secret(key), Secret(variable(*search.settings, "AWS_SESSION_TOKEN")), 0, "the environment"}, {}};
}

Result<SourceAnswer> from_web_identity(const CredentialSearch& search) {
  const AwsSettings& settings = *search.settings;
  const std::string file = variable(settings, "AWS_WEB_IDENTITY_TOKEN_FILE");
  if (file.empty()) return SourceAnswer{{}, "AWS_WEB_IDENTITY_TOKEN_FILE is not set"};
  RoleWanted role{.arn = variable(settings, "AWS_ROLE_ARN"), .session_name = variable(settings, "AWS_ROLE_SESSION_NAME")};
  if (role.arn.empty()) return fail(ErrorKind::usage, "AWS_WEB_IDENTITY_TOKEN_FILE is set, AWS_ROLE_ARN is not");
  if (Result<std::string> region = region_of(settings)) role.region = *region;
  TRY_ASSIGN(const Secret token, read_token(file));  // each time anew: it is replaced before it ends
  TRY_ASSIGN(AwsCredentials credentials, assume_role(search, role, token));
  return SourceAnswer{std::move(credentials), {}};
}

Result<std::string> container_address(const AwsSettings& settings) {
  // Where ECS, and where EKS's Pod Identity listen.
  static constexpr std::array<std::string_view, 3> kKnown = {"169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"};
  const std::string relative = variable(settings, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  if (!relative.empty()) return "http://169.254.170.2" + relative;
  std::string full = variable(settings, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (full.empty()) return full;
  const std::optional<Url> url = parse_url(full);
  if (!url) return fail(ErrorKind::usage, "AWS_CONTAINER_CREDENTIALS_FULL_URI is not an address: " + full);
  const bool is_known = std::find(kKnown.begin(), kKnown.end(), url->host) != kKnown.end();
  if (url->scheme == "https" || is_known || is_loopback(url->host)) return full;
  return fail(ErrorKind::usage,
              fmt::format("AWS_CONTAINER_CREDENTIALS_FULL_URI names {}, and credentials are not asked of it over plain HTTP", url->host),
              "Allowed are https, this machine itself (127.0.0.1, localhost, ::1), 169.254.170.2, 169.254.170.23 and fd00:ec2::23.");
}

Result<SourceAnswer> from_container(const CredentialSearch& search) {
  const AwsSettings& settings = *search.settings;
  TRY_ASSIGN(const std::string url, container_address(settings));
  if (url.empty()) return SourceAnswer{{}, "AWS_CONTAINER_CREDENTIALS_FULL_URI and …_RELATIVE_URI are not set"};
  Secret authorization{variable(settings, "AWS_CONTAINER_AUTHORIZATION_TOKEN")};
  const std::string file = variable(settings, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  if (!file.empty()) {
    TRY_ASSIGN(authorization, read_token(file));  // each time anew: EKS replaces it
  }
  const HttpResponse response = ask_patiently(
      search,
      [&] {
        HttpCall call = local_call(HttpMethod::get, url);
        if (!authorization.empty()) call.headers = {{"Authorization", authorization.reveal()}};
        return call;
      },
      kLocalAttempts);
  if (response.error != TransportError::none || response.status != 200) return refused(response, url);
  TRY_ASSIGN(AwsCredentials credentials, credentials_of_json(response.body, "the container"));
  return SourceAnswer{std::move(credentials), {}};
}

Result<SourceAnswer> from_instance(const CredentialSearch& search) {
  if (to_lower(variable(*search.settings, "AWS_EC2_METADATA_DISABLED")) == "true")
    return SourceAnswer{{}, "AWS_EC2_METADATA_DISABLED is true"};
  const std::string endpoint = metadata_endpoint(*search.settings);
  std::string why_none;
  TRY_ASSIGN(const std::optional<Secret> token, metadata_token(search, endpoint, why_none));
  if (!token) return SourceAnswer{{}, why_none};
  TRY_ASSIGN(const std::string role, role_of_instance(search, endpoint, *token));
  if (role.empty()) return SourceAnswer{{}, "this machine has no role"};
  const HttpResponse response = ask_metadata(search, endpoint + kRoles + percent_encode(role), *token);
  if (response.error != TransportError::none || response.status != 200) return refused(response, endpoint + kRoles + role);
  TRY_ASSIGN(AwsCredentials credentials, credentials_of_json(response.body, "EC2, role " + role));
  return SourceAnswer{std::move(credentials), {}};
}

}  // namespace chimplift
