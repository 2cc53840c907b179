#include "standins/sigv4_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "base/hash.hpp"
#include "base/text.hpp"

namespace chimplift::standins {
namespace {

constexpr long kMostSkew = 15 * 60;

/// "Credential", "SignedHeaders" and "Signature" of the Authorization header.
std::map<std::string, std::string> fields_of(std::string_view authorization) {
  std::map<std::string, std::string> fields;
  constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256 ";
  if (!authorization.starts_with(kAlgorithm)) return fields;
  for (const std::string& part : split(authorization.substr(kAlgorithm.size()), ',')) {
    const std::string_view field = trim(part);
    const std::size_t equals = std::min(field.find('='), field.size() - 1);
    fields[std::string(field.substr(0, equals))] = field.substr(equals + 1);
  }
  return fields;
}

std::string one_blank(std::string_view value) {
  std::string text;
  for (const std::string& word : split(value, ' ')) {
    if (!word.empty()) text += (text.empty() ? "" : " ") + word;
  }
  return text;
}

/// Canonical as the server knows it: decoded, and encoded again in the one right way.
std::string canonical_path(const Request& request, bool twice) {
  std::string path;
  for (const std::string& part : split(request.path.substr(1) + "/", '/')) path += "/" + encode(twice ? part : decode(part));
  return path;
}

std::string canonical_query(const Request& request) {
  std::vector<std::string> pairs;
  for (const auto& [name, value] : decode_query(request.query)) pairs.push_back(encode(name) + "=" + encode(value));
  // '=' sorts after the digits and '-', '.': compare names before values.
  std::sort(pairs.begin(), pairs.end(), [](const std::string& a, const std::string& b) {
    return std::pair(a.substr(0, a.find('=')), a) < std::pair(b.substr(0, b.find('=')), b);
  });
  return join(pairs, "&");
}

long seconds_of(const std::string& amz_date) {
  std::tm parts{};
  return strptime(amz_date.c_str(), "%Y%m%dT%H%M%SZ", &parts) == nullptr ? 0 : timegm(&parts);
}

}  // namespace

long Verifier::now() const { return std::time(nullptr) + clock_offset_seconds; }

Verifier::Refusal Verifier::check(const Request& request) const {
  const std::map<std::string, std::string> fields = fields_of(request.header("authorization"));
  if (fields.size() != 3) return {403, "AccessDenied", "Anonymous users cannot do this"};
  const std::vector<std::string> scope = split(fields.at("Credential"), '/');
  if (scope.size() != 5 || scope[3] != service || scope[4] != "aws4_request")
    return {400, "AuthorizationHeaderMalformed", "The credential scope is not for " + service};
  const std::string date = request.header("x-amz-date");
  if (!date.starts_with(scope[1])) return {400, "AuthorizationHeaderMalformed", "Another day in the scope"};
  if (scope[2] != region)
    return {400, "AuthorizationHeaderMalformed", "the region '" + scope[2] + "' is wrong; expecting '" + region + "'"};
  const auto found = keys.find(scope[0]);
  if (found == keys.end()) return {403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."};
  const Key& key = found->second;
  if (request.header("x-amz-security-token") != key.token)
    return {400, "InvalidToken", "The provided token is malformed or otherwise invalid."};
  if (key.is_expired) return {400, "ExpiredToken", "The provided token has expired."};
  if (std::abs(seconds_of(date) - now()) > kMostSkew)
    return {403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large."};
  const std::string sent_sha256 = request.header("x-amz-content-sha256");
  if (sent_sha256.empty() && service == "s3")
    return {400, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256"};

  const std::string names = fields.at("SignedHeaders");
  const std::vector<std::string> signed_names = split(names, ';');
  for (const auto& [name, value] : request.headers) {
    const bool must_be_signed = name == "host" || name.starts_with("x-amz-");
    if (must_be_signed && std::find(signed_names.begin(), signed_names.end(), name) == signed_names.end())
      return {403, "AccessDenied", "There were headers present in the request which were not signed: " + name};
  }
  std::string headers;
  for (const std::string& name : signed_names) headers += name + ":" + one_blank(request.header(name)) + "\n";
  const std::string payload = sent_sha256.empty() ? sha256_hex(request.body) : sent_sha256;
  const std::string canonical = request.method + "\n" + canonical_path(request, service != "s3") + "\n" + canonical_query(request) + "\n" +
                                headers + "\n" + names + "\n" + payload;
  const std::string to_sign =
      "AWS4-HMAC-SHA256\n" + date + "\n" + scope[1] + "/" + scope[2] + "/" + scope[3] + "/aws4_request\n" + sha256_hex(canonical);
  std::string signing = "AWS4" + key.secret;
  for (std::size_t i = 1; i < scope.size(); ++i) signing = hmac_sha256(signing, scope[i]);
  if (to_hex(hmac_sha256(signing, to_sign)) != fields.at("Signature"))
    return {403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided."};
  if (!sent_sha256.empty() && sent_sha256 != sha256_hex(request.body)) {
    if (sent_sha256.size() != 64) return {501, "NotImplemented", "This stand-in takes only signed payloads, not " + sent_sha256};
    return {400, "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed."};
  }
  return {200, ""};
}

}  // namespace chimplift::standins
