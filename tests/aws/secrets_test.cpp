#include "aws/secrets.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <optional>

#include "aws/place.hpp"
#include "base/files.hpp"
#include "net/certificates.hpp"
#include "standins/aws_services.hpp"
#include "support/raw_server.hpp"
#include "support/temporary_folder.hpp"

namespace chimplift {
namespace {

using testing::HasSubstr;

struct SecretsTest : testing::Test {
  standins::SecretsServer server;
  Variables variables = {{"AWS_ENDPOINT_URL_SECRETS_MANAGER", server.url()},
                         {"AWS_REGION", "eu-central-1"},
                         {"AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"},
                         {"AWS_SECRET_ACCESS_KEY", server.verifier.keys["AKIDEXAMPLE"].secret}};
  Result<Secret> read(const std::string& name) { return read_secret(settings_of(variables), name); }
  Error error(const std::string& name) {
    const Result<Secret> got = read(name);
    EXPECT_FALSE(got.has_value());
    return got ? Error{} : got.error();
  }
};

TEST_F(SecretsTest, TextAndBytesComeAsTheyWereKept) {
  server.keep_answer("mailchimp/keys", R"({"SecretString": "{\"a\": \"ü\\n\"}"})");
  server.keep_answer("binary", R"({"SecretBinary": "AAH/aGVsbG8="})");
  EXPECT_EQ(value_of_result(read("mailchimp/keys")).reveal(), "{\"a\": \"ü\\n\"}");
  EXPECT_EQ(value_of_result(read("binary")).reveal(), std::string("\x00\x01\xFFhello", 8));
  EXPECT_EQ(redact("it is {\"a\": \"ü\\n\"}!"), "it is [secret]!");
}

TEST_F(SecretsTest, AnArnSaysWhichRegionToAsk) {
  const std::string arn = "arn:aws:secretsmanager:us-west-2:111122223333:secret:mailchimp-AbCdEf";
  server.keep_answer(arn, R"({"SecretString": "value-in-the-west"})");
  EXPECT_THAT(error(arn).message, HasSubstr("in us-west-2")) << "the secret is in eu-central-1";
  server.verifier.region = "us-west-2";
  variables.erase("AWS_REGION");
  EXPECT_EQ(value_of_result(read(arn)).reveal(), "value-in-the-west");
  EXPECT_EQ(error("name").kind, ErrorKind::usage) << "no region";
}

TEST_F(SecretsTest, RefusalsSayWhatToDo) {
  Error got = error("missing");
  EXPECT_EQ(got.kind, ErrorKind::usage);
  EXPECT_THAT(got.message, HasSubstr("cannot read secret missing in eu-central-1: ResourceNotFoundException (400)"));
  const std::tuple<const char*, ErrorKind, const char*> cases[] = {
      {"AccessDeniedException|User is not authorized to perform: secretsmanager:GetSecretValue", ErrorKind::permission,
       "Allow secretsmanager:GetSecretValue"},
      {"AccessDeniedException|Access to KMS is not allowed", ErrorKind::permission, "kms:Decrypt"},
      {"DecryptionFailure|cannot decrypt", ErrorKind::permission, "kms:Decrypt"},
      {"InvalidRequestException|You can't perform this operation on the secret because it was marked for deletion.", ErrorKind::usage,
       "deletion"},
      {"ThrottlingException|Rate exceeded", ErrorKind::temporary, "Run again"},
      {"UnrecognizedClientException|The security token included in the request is invalid.", ErrorKind::permission, ""},
  };
  for (const auto& [refusal, kind, advice] : cases) {
    server.refusal = refusal;
    got = error("name");
    EXPECT_EQ(got.kind, kind) << refusal;
    EXPECT_THAT(got.advice, HasSubstr(advice));
  }
  variables["AWS_SECRET_ACCESS_KEY"] = "wrong-secret-key";
  EXPECT_THAT(error("name").message, HasSubstr("InvalidSignatureException"));
}

/// What opens TLS on the way does so the next time too: a person has to say whom to trust.
TEST_F(SecretsTest, AConnectionThatIsNotTrustedIsNoPassingTrouble) {
  const Identity authority = make_identity("a proxy's authority", "", 10, nullptr);
  const TlsContext context = server_context(make_identity("localhost", "DNS:localhost,IP:127.0.0.1", 10, &authority));
  RawServer proxy([](RawServer::Connection& c, const std::string&) { return c.answer(200, "{}"); }, context.get());
  const std::string url = proxy.url("");
  variables["AWS_ENDPOINT_URL_SECRETS_MANAGER"] = url;
  const Error of_secret = error("name");
  EXPECT_EQ(of_secret.kind, ErrorKind::destination);
  EXPECT_THAT(of_secret.message, HasSubstr("cannot read secret name in eu-central-1: the secure connection was refused"));
  EXPECT_THAT(of_secret.advice, HasSubstr("--ca-file"));
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder / "token", "token"));
  variables = {{"AWS_ENDPOINT_URL_STS", url},
               {"AWS_REGION", "eu-central-1"},
               {"AWS_ROLE_ARN", "arn:aws:iam::1:role/x"},
               {"AWS_WEB_IDENTITY_TOKEN_FILE", (folder / "token").string()}};
  const Error of_role = error("name");
  EXPECT_EQ(of_role.kind, ErrorKind::destination) << of_role.message;
  EXPECT_TRUE(proxy.heads().empty());
}

/// Its milliseconds are no number any more; a request at once is the last thing that is asked for.
TEST_F(SecretsTest, AServerThatAsksToWaitForEverIsNotAskedAtOnce) {
  server.keep_answer("name", R"({"SecretString": "the value of it"})");
  server.server().add_fault({standins::Fault::Kind::answer, "", {503, "{}", {{"Retry-After", "9223372036854775807"}}}, 1});
  AwsSettings settings = settings_of(variables);
  std::optional<std::chrono::steady_clock::time_point> refused;
  settings.is_cancelled = [&] {  // ends the wait, which would be a minute
    const auto now = std::chrono::steady_clock::now();
    if (!refused && server.server().count("POST") > 0) refused = now;
    return refused && now - *refused > std::chrono::milliseconds(500);
  };
  const Result<Secret> got = read_secret(settings, "name");
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::interrupted);
  EXPECT_EQ(server.server().count("POST"), 1);
}

TEST_F(SecretsTest, WhatPassesIsTriedAgainAndHalfAnAnswerIsNone) {
  server.keep_answer("name", R"({"SecretString": "the value of it"})");
  server.server().add_fault({standins::Fault::Kind::answer, "", {500, "{\"__type\":\"InternalServiceError\"}", {}}, 2});
  server.server().add_fault({standins::Fault::Kind::cut_answer});
  EXPECT_EQ(value_of_result(read("name")).reveal(), "the value of it");
  server.server().add_fault({standins::Fault::Kind::answer, "", {200, "{\"SecretString\": \"the val", {}}, 1});
  EXPECT_EQ(error("name").kind, ErrorKind::temporary);
  server.server().add_fault({standins::Fault::Kind::answer, "", {200, "{\"SecretBinary\": \"AAH/a\"}", {}}, 1});
  EXPECT_EQ(error("name").kind, ErrorKind::temporary);
}

}  // namespace
}  // namespace chimplift
