// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html: a canonical request is hashed, the hash is
// put into a string to sign, and that is signed with a key derived from the secret, the day, the region and the service.
#include "aws/sigv4.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "base/clock.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "net/url.hpp"

namespace chimplift {
namespace {

/// Percent-encoded but for its slashes.
std::string encode_path(std::string_view path) {
  std::string encoded;
  while (true) {
    const std::size_t slash = path.find('/');
    encoded += percent_encode(path.substr(0, slash));
    if (slash == std::string_view::npos) return encoded;
    encoded += '/';
    path.remove_prefix(slash + 1);
  }
}

/// "name=value&…", sorted by name and then by value, both percent-encoded.
std::string encode_query(const AwsRequest& request) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& [name, value] : request.query) pairs.emplace_back(percent_encode(name), percent_encode(value));
  std::sort(pairs.begin(), pairs.end());
  std::string query;
  for (const auto& [name, value] : pairs) query += (query.empty() ? "" : "&") + name + "=" + value;
  return query;
}

/// The path as it goes over the wire. An endpoint may have a path of its own, as gateways have.
std::string wire_path(const Url& endpoint, const AwsRequest& request) {
  std::string_view above = endpoint.path;
  while (above.ends_with('/')) above.remove_suffix(1);
  return std::string(above) + encode_path(request.path.starts_with('/') ? request.path : "/" + request.path);
}

/// RFC 3986, section 5.2.4, and one slash for several. Every service but S3 does so before it checks the signature.
std::string without_dots(std::string_view path) {
  std::vector<std::string> kept;
  for (const std::string& part : split(path, '/')) {
    if (part == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (!part.empty() && part != ".") {
      kept.push_back(part);
    }
  }
  return kept.empty() ? "/" : "/" + join(kept, "/") + (path.ends_with('/') ? "/" : "");
}

std::string canonical_path(const std::string& wire, const AwsScope& scope) {
  return scope.service == "s3" ? wire : encode_path(without_dots(wire));
}

std::string host_of(const Url& endpoint) {
  const bool is_default = endpoint.port == (endpoint.scheme == "https" ? "443" : "80");
  return is_default ? endpoint.host : endpoint.host + ":" + endpoint.port;
}

/// White space around the value goes, inside of it becomes one blank.
std::string trim_all(std::string_view value) {
  std::string trimmed;
  bool blank_before = false;
  for (const char c : trim(value)) {
    const bool is_blank = c == ' ' || c == '\t';
    if (!is_blank) trimmed += c;
    if (is_blank && !blank_before) trimmed += ' ';
    blank_before = is_blank;
  }
  return trimmed;
}

std::string signing_key(const std::string& secret, std::string_view day, const AwsScope& scope) {
  return hmac_sha256(hmac_sha256(hmac_sha256(hmac_sha256("AWS4" + secret, day), scope.region), scope.service), "aws4_request");
}

/// "20261123T192205Z".
std::string amz_date(i64 micros) {
  std::string text = format_utc(micros).substr(0, 19);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text + "Z";
}

}  // namespace

std::string url_of(const AwsRequest& request) {
  const std::optional<Url> endpoint = parse_url(request.endpoint);
  if (!endpoint) return {};
  const std::string query = encode_query(request);
  return endpoint->scheme + "://" + host_of(*endpoint) + wire_path(*endpoint, request) + (query.empty() ? "" : "?" + query);
}

HttpHeaders signed_headers(const AwsRequest& request, const AwsCredentials& credentials, const AwsScope& scope, i64 now_micros) {
  const Url endpoint = parse_url(request.endpoint).value_or(Url{});
  const std::string date = amz_date(now_micros);
  const std::string payload = request.payload_sha256.empty() ? sha256_hex("") : request.payload_sha256;
  HttpHeaders headers = request.headers;
  headers.emplace_back("X-Amz-Date", date);
  headers.emplace_back("X-Amz-Content-Sha256", payload);
  if (!credentials.session_token.empty()) headers.emplace_back("X-Amz-Security-Token", credentials.session_token.reveal());

  std::map<std::string, std::string> sorted = {{"host", host_of(endpoint)}};
  for (const auto& [name, value] : headers) {
    const auto [place, is_first] = sorted.emplace(to_lower(name), trim_all(value));
    if (!is_first) place->second += "," + trim_all(value);
  }
  std::string canonical_headers;
  std::vector<std::string> names;
  for (const auto& [name, value] : sorted) {
    canonical_headers += name + ":" + value + "\n";
    names.push_back(name);
  }
  const std::string signed_names = join(names, ";");
  const std::string canonical =
      fmt::format("{}\n{}\n{}\n{}\n{}\n{}", name_of(request.method), canonical_path(wire_path(endpoint, request), scope),
                  encode_query(request), canonical_headers, signed_names, payload);

  const std::string_view day = std::string_view(date).substr(0, 8);
  const std::string credential_scope = fmt::format("{}/{}/{}/aws4_request", day, scope.region, scope.service);
  const std::string to_sign = fmt::format("AWS4-HMAC-SHA256\n{}\n{}\n{}", date, credential_scope, sha256_hex(canonical));
  const std::string signature = to_hex(hmac_sha256(signing_key(credentials.secret_access_key.reveal(), day, scope), to_sign));
  headers.emplace_back("Authorization", fmt::format("AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={}",
                                                    credentials.access_key_id, credential_scope, signed_names, signature));
  return headers;
}

}  // namespace chimplift
