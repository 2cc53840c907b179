// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
#include "aws/secrets.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "aws/session.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "rows/json.hpp"

namespace chimplift {
namespace {

/// The region in arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME; "" where it is no ARN.
std::string region_in(const std::string& name) {
  const std::vector<std::string> parts = split(name, ':');
  return parts.size() > 5 && parts[0] == "arn" ? parts[3] : "";
}

Error error_of(const std::string& name, const std::string& region, const AwsAnswer& answer) {
  const std::string message = fmt::format("cannot read secret {} in {}: {}", name, region, reason_of(answer.response, answer.problem));
  const std::string& code = answer.problem.code;
  if (answer.response.error == TransportError::bad_url)
    return {ErrorKind::usage, message, "Check AWS_ENDPOINT_URL_SECRETS_MANAGER and the region."};
  if (answer.response.error == TransportError::tls) {
    return {ErrorKind::destination, fmt::format("{} ({})", message, answer.response.message),
            "Check that nothing between here and AWS opens TLS; --ca-file or AWS_CA_BUNDLE names the certificates to trust."};
  }
  if (answer.response.error != TransportError::none)
    return {ErrorKind::temporary, message, "Check the region and the network, and run again."};
  if (may_pass(answer.response, answer.problem)) return {ErrorKind::temporary, message, "Run again."};
  if (is_skewed(answer.problem)) return {ErrorKind::permission, message, "Set the clock of this machine, by NTP."};
  if (code == "UnrecognizedClientException" || code == "InvalidSignatureException" || code == "InvalidClientTokenId") {
    return {
        ErrorKind::permission, message,
        "AWS does not know these keys, or not with that secret: check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or "
        "the profile."};
  }
  if (code == "ResourceNotFoundException")
    return {ErrorKind::usage, message, "Check the name and the region; a full ARN says both, and is needed for another account's secret."};
  if (code == "InvalidRequestException")
    return {ErrorKind::usage, message, "The secret may be marked for deletion: restore it, or name another."};
  if (code == "DecryptionFailure" || code.starts_with("KMS") || answer.problem.message.find("KMS") != std::string::npos)
    return {ErrorKind::permission, message, "Allow kms:Decrypt on the secret's key, in the role and in the key's policy."};
  if (is_expired(answer.problem))
    return {ErrorKind::permission, message, "Log in again, or use credentials that renew themselves: a role."};
  return {ErrorKind::permission, message, "Allow secretsmanager:GetSecretValue on this secret."};
}

}  // namespace

Result<Secret> read_secret(const AwsSettings& settings, const std::string& name_or_arn) {
  std::string region = region_in(name_or_arn);
  if (region.empty()) {
    TRY_ASSIGN(region, region_of(settings));
  }
  AwsSession session(settings);
  AwsCall call;
  call.request.method = HttpMethod::post;
  call.request.endpoint = endpoint_of(session.settings(), "secretsmanager", "SECRETS_MANAGER", region);
  call.body = nlohmann::json{{"SecretId", to_utf8(name_or_arn)}, {"VersionStage", "AWSCURRENT"}}.dump();
  call.request.payload_sha256 = sha256_hex(call.body);
  call.request.headers = {{"Content-Type", "application/x-amz-json-1.1"}, {"X-Amz-Target", "secretsmanager.GetSecretValue"}};
  TRY_ASSIGN(const AwsAnswer answer, AwsCaller(session, {"secretsmanager", region}, problem_of_json).send(call));
  if (!answer.ok()) return tl::unexpected(error_of(name_or_arn, region, answer));
  // A document that cannot be read is not told further: it may hold half of the secret.
  const Result<JsonDocument> document = JsonDocument::parse(answer.response.body);
  const JsonNode* text = document ? find_field(document->root(), "SecretString") : nullptr;
  if (text != nullptr && text->kind == JsonKind::string) return Secret(std::string(text->text));
  const JsonNode* bytes = document ? find_field(document->root(), "SecretBinary") : nullptr;
  if (bytes != nullptr && bytes->kind == JsonKind::string) {
    if (std::optional<std::string> value = from_base64(bytes->text)) return Secret(std::move(*value));
  }
  return fail(ErrorKind::temporary, fmt::format("Secrets Manager in {} answered without the value of {}", region, name_or_arn));
}

}  // namespace chimplift
