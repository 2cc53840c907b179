#include "standins/aws_services.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ctime>

#include "base/text.hpp"

namespace chimplift::standins {
namespace {

const Key kKey{"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"};

std::string iso_date(long seconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

Answer sts_error(int status, const std::string& code, const std::string& message) {
  return {status,
          fmt::format("<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>{}</Code>"
                      "<Message>{}</Message></Error></ErrorResponse>",
                      code, escape_xml(message)),
          {}};
}

/// The region that a request was signed for: "Credential=KEY/DATE/REGION/…".
std::string region_of(const Request& request) {
  const std::vector<std::string> parts = split(request.header("authorization"), '/');
  return parts.size() > 3 ? parts[2] : "";
}

/// What the services that speak JSON call what S3 calls otherwise.
/// https://docs.aws.amazon.com/secretsmanager/latest/apireference/CommonErrors.html
std::string json_name_of(const std::string& code) {
  if (code == "InvalidAccessKeyId" || code == "InvalidToken") return "UnrecognizedClientException";
  if (code == "SignatureDoesNotMatch") return "InvalidSignatureException";
  if (code == "ExpiredToken") return "ExpiredTokenException";
  if (code == "AccessDenied") return "MissingAuthenticationTokenException";
  return code;
}

}  // namespace

MetadataServer::MetadataServer() : server_([this](const Request& request) { return handle(request); }) {}

Answer MetadataServer::credentials() const {
  const nlohmann::json document = {{"Code", "Success"},
                                   {"Type", "AWS-HMAC"},
                                   {"AccessKeyId", key_id},
                                   {"SecretAccessKey", kKey.secret},
                                   {"Token", "metadata-session-token"},
                                   {"Expiration", iso_date(std::time(nullptr) + lifetime_seconds)}};
  return {200, document.dump(), {{"Content-Type", "application/json"}}};
}

Answer MetadataServer::handle(const Request& request) const {
  if (request.path == "/container") {
    if (request.header("authorization") != container_token) return {401, "no", {}};
    return credentials();
  }
  if (request.path == "/latest/api/token") {
    const bool is_good = request.method == "PUT" && request.header("x-aws-ec2-metadata-token-ttl-seconds") == "21600";
    return is_good ? Answer{200, "imds-token", {}} : Answer{400, "", {}};
  }
  if (request.header("x-aws-ec2-metadata-token") != "imds-token") return {401, "", {}};  // version 1 is turned off
  const std::string roles = "/latest/meta-data/iam/security-credentials/";
  if (request.path == roles && !role.empty()) return {200, role, {}};
  if (request.path == roles + role && !role.empty()) return credentials();
  return {404, "", {}};
}

StsServer::StsServer()
    : verifier{"sts", "eu-central-1", {{"AKIDSOURCE", kKey}}, 0}, server_([this](const Request& request) { return handle(request); }) {}

Answer StsServer::handle(const Request& request) {
  std::map<std::string, std::string> form;
  for (const auto& [name, value] : decode_query(request.body)) form[name] = value;
  const std::string action = form["Action"];
  if (request.method != "POST" || form["Version"] != "2011-06-15") return sts_error(400, "InvalidAction", "not a request of STS");
  if (form["RoleArn"] != role_arn || form["ExternalId"] != external_id)
    return sts_error(403, "AccessDenied", "User is not authorized to perform: sts:" + action);
  if (form["RoleSessionName"].empty()) return sts_error(400, "ValidationError", "RoleSessionName");
  if (action == "AssumeRoleWithWebIdentity") {
    if (!request.header("authorization").empty()) return sts_error(400, "IncompleteSignature", "signed for nothing");
    if (form["WebIdentityToken"] != web_token) return sts_error(400, "InvalidIdentityToken", "No OpenIDConnect provider found");
  } else if (action == "AssumeRole") {
    const Verifier::Refusal refusal = verifier.check(request);
    if (!refusal.code.empty()) return sts_error(refusal.status, refusal.code, refusal.message);
  } else {
    return sts_error(400, "InvalidAction", action);
  }
  last_session_name = form["RoleSessionName"];
  return {200,
          fmt::format(
              "<{0}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{0}Result><Credentials><AccessKeyId>ASIAROLE</AccessKeyId>"
              "<SecretAccessKey>{1}</SecretAccessKey><SessionToken>role-session-token</SessionToken><Expiration>{2}</Expiration>"
              "</Credentials></{0}Result></{0}Response>",
              action, kKey.secret, iso_date(std::time(nullptr) + 3600)),
          {}};
}

SecretsServer::SecretsServer()
    : verifier{"secretsmanager", "eu-central-1", {{"AKIDEXAMPLE", kKey}}, 0},
      server_([this](const Request& request) { return handle(request); }) {}

void SecretsServer::keep(const std::string& name, const std::string& text) {
  keep_answer(name, nlohmann::json{{"SecretString", text}}.dump());
}

void SecretsServer::keep_answer(const std::string& name, const std::string& json) {
  const std::lock_guard lock(mutex_);
  answers_[name] = json;
}

Answer SecretsServer::handle(const Request& request) {
  const std::lock_guard lock(mutex_);
  const auto error = [](int status, const std::string& code, const std::string& message) {
    return Answer{status, nlohmann::json{{"__type", "com.amazonaws.secretsmanager#" + code}, {"message", message}}.dump(), {}};
  };
  const std::string region = region_of(request);
  Verifier there = verifier;
  if (!region.empty()) there.region = region;
  const Verifier::Refusal refused = there.check(request);
  if (!refused.code.empty()) return error(400, json_name_of(refused.code), refused.message);
  if (request.method != "POST" || request.header("content-type") != "application/x-amz-json-1.1" ||
      request.header("x-amz-target") != "secretsmanager.GetSecretValue")
    return error(400, "UnknownOperationException", "");
  if (!refusal.empty()) return error(400, refusal.substr(0, refusal.find('|')), refusal.substr(refusal.find('|') + 1));
  const nlohmann::json asked = nlohmann::json::parse(request.body);
  const auto found = answers_.find(asked.at("SecretId"));
  if (found == answers_.end() || there.region != verifier.region)
    return error(400, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
  nlohmann::json document = nlohmann::json::parse(found->second);
  document["Name"] = found->first;
  return {200, document.dump(), {{"Content-Type", "application/x-amz-json-1.1"}}};
}

}  // namespace chimplift::standins
