// What docs/operations.md says of wrong secrets, credentials, buckets and Snowflake settings is what the program says, with that exit code.
#include <gmock/gmock.h>

#include <memory>

#include "base/hash.hpp"
#include "built_paths.hpp"
#include "e2e_cloud.hpp"
#include "error_table.hpp"

namespace chimplift::e2e {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Case {
  std::string message;                         // the row
  Words environment = {};                      // as `with` takes it
  std::string refusal = {};                    // of Secrets Manager
  std::string secret = "aws:brands";           // --accounts
  std::function<void(AwsCloud&)> before = {};  // what is wrong on the other side
};

TEST(e2e_error_table, secrets_and_credentials) {
  const std::vector<ErrorRow> rows = error_rows("What secrets and AWS's credentials say");
  std::set<std::string> seen;
  const Scene scene;
  const std::filesystem::path home = scene.folder() / "home";
  std::filesystem::create_directories(home / ".aws");
  write_text(home / ".aws" / "config",
             "[profile half]\naws_access_key_id = AKIDEXAMPLE\n[profile sso]\nsso_session = corp\n[profile role]\n"
             "role_arn = arn:aws:iam::111122223333:role/not-ours\nsource_profile = base\n"
             "[profile base]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\n");
  write_text(scene.folder() / "token", "web-identity-token");
  const Words no_keys = {"AWS_ACCESS_KEY_ID=", "AWS_SECRET_ACCESS_KEY=", "HOME=" + home.string()};
  const auto by_profile = [&](const std::string& name) { return with(no_keys, {"AWS_PROFILE=" + name}); };
  const Case cases[] = {
      {"no AWS credentials were found: …", no_keys},
      {"AWS credentials from *place*: …", by_profile("nobody")},
      {"AWS credentials from *place*: …", by_profile("half")},
      {"AWS credentials from *place*: …", by_profile("sso")},
      {"AWS credentials from *place*: … STS at *address* gives no credentials for *role*: AccessDenied …", by_profile("role")},
      {"AWS credentials from *place*: … STS at *address* gives no credentials for *role*: AccessDenied …",
       with(no_keys, {"AWS_ROLE_ARN=arn:aws:iam::1:role/x", "AWS_WEB_IDENTITY_TOKEN_FILE=" + (scene.folder() / "token").string()})},
      {"no AWS region is named …", {"AWS_REGION="}},
      {"cannot read secret *name* in *region*: ResourceNotFoundException …", {}, {}, "aws:brandz"},
      {"cannot read secret *name* in *region*: ResourceNotFoundException …", {"AWS_REGION=us-west-2"}},
      {"cannot read secret *name* in *region*: ResourceNotFoundException …",
       {},
       {},
       "aws:arn:aws:secretsmanager:us-west-2:111122223333:secret:brands-AbCdEf"},
      {"cannot read secret *name* in *region*: AccessDeniedException …",
       {},
       "AccessDeniedException|User: arn:aws:iam::1:user/u is not authorized to perform: secretsmanager:GetSecretValue on resource: brands"},
      {"cannot read secret *name* in *region*: DecryptionFailure …",
       {},
       "DecryptionFailure|Secrets Manager can't decrypt the secret value"},
      {"cannot read secret *name* in *region*: InvalidRequestException …",
       {},
       "InvalidRequestException|You can't perform this operation on the secret because it was marked for deletion."},
      {"cannot read secret *name* in *region*: UnrecognizedClientException …", {"AWS_ACCESS_KEY_ID=AKIDNOBODY"}},
      {"cannot read secret *name* in *region*: InvalidSignatureException …", {"AWS_SECRET_ACCESS_KEY=another-secret-key"}},
      {"cannot read secret *name* in *region*: ExpiredTokenException …",
       {},
       {},
       "aws:brands",
       [](AwsCloud& aws) { aws.secrets.change([](auto& server) { server.verifier.keys[AwsCloud::kKeyId].is_expired = true; }); }},
      {"cannot read secret *name* in *region*: the host could not be reached", {"AWS_ENDPOINT_URL_SECRETS_MANAGER=http://127.0.0.1:9"}},
      {"*name* is not JSON", {}, {}, "aws:brands", [](AwsCloud& aws) { aws.secrets.keep("brands", "key=value"); }},
      {"*name* holds no list of accounts", {}, {}, "aws:brands", [](AwsCloud& aws) { aws.secrets.keep("brands", R"({"a": "b"})"); }},
      {"entry *n* of *name*…", {}, {}, "aws:brands", [](AwsCloud& aws) { aws.secrets.keep("brands", R"([{"account_name": "a"}])"); }},
  };
  // The one that is tried again and again takes half a minute: all of them go side by side.
  struct Running {
    const Case* what;
    std::unique_ptr<AwsCloud> aws;
    std::unique_ptr<Process> process;
  };
  std::vector<Running> running;
  for (const Case& one : cases) {
    auto aws = std::make_unique<AwsCloud>();
    aws->secrets.keep("brands", scene.simulator.accounts_json());
    aws->secrets.change([&one](auto& server) { server.refusal = one.refusal; });
    if (one.before) one.before(*aws);
    auto process = std::make_unique<Process>(Words{CHIMPLIFT_BIN, "accounts", "--accounts", one.secret}, scene.folder(),
                                             aws->environment(one.environment));
    running.push_back({&one, std::move(aws), std::move(process)});
  }
  for (Running& one : running) {
    const Ended ended = one.process->wait();
    expect_row(rows, one.what->message, ended, seen);
    EXPECT_THAT(ended.err, testing::MatchesRegex("(.*\n)*chimplift: [^\n]+\n[^\n]+\n")) << "what happened, and what to do about it";
    EXPECT_THAT(ended.all(), Not(HasSubstr(one.aws->secret_key())));
    EXPECT_THAT(ended.all(), Not(HasSubstr(scene.account().key.substr(0, 32))));
  }
  expect_all_rows(rows, seen,
                  {
                      // A server with a certificate of its own: tests/aws/secrets_test.cpp, AConnectionThatIsNotTrustedIsNoPassingTrouble.
                      "cannot read secret *name* in *region*: the secure connection was refused",
                  });
}

TEST(e2e_error_table, s3) {
  using standins::s3_error;
  const std::vector<ErrorRow> rows = error_rows("What S3 and AWS say");
  std::set<std::string> seen;
  const Scene scene;
  const auto expect = [&](const std::string& message, const Words& options = {}, const Words& environment = {},
                          const std::function<void(AwsCloud&)>& before = {}) {
    AwsCloud aws;
    if (before) before(aws);
    Words words = {"--only-steps", "account"};
    if (std::ranges::find(options, "--archive") == options.end()) words.insert(words.end(), {"--archive", "s3://test-bucket/archive"});
    words.insert(words.end(), options.begin(), options.end());
    const Ended ended = scene.run("pull", words, aws.environment(environment));
    expect_row(rows, message, ended, seen);
    EXPECT_THAT(ended.all(), Not(HasSubstr(aws.secret_key())));
  };
  const auto answer = [](int status, const std::string& code, const std::string& message, const std::string& method = "") {
    return
        [=](AwsCloud& aws) { aws.s3.server().add_fault({standins::Fault::Kind::answer, method, s3_error(status, code, message), 1'000}); };
  };
  expect("NotImplemented", {}, {}, answer(501, "NotImplemented", "Conditional object PUTs are not supported.", "PUT"));
  expect("there is no bucket *b* in *region*", {"--archive", "s3://other-bucket/archive"});
  expect("bucket *b* is in *region*, and *other region* was asked", {}, {"AWS_REGION=us-west-2"});
  expect("AccessDenied", {}, {}, answer(403, "AccessDenied", "Access Denied"));
  expect("bucket *b* does not belong to account *n*", {"--s3-bucket-owner", "999999999999"});
  expect("… kms:…", {"--s3-kms-key", "denied"}, {},
         [](AwsCloud& aws) { aws.s3.change([](auto& server) { server.denied_kms_key = "denied"; }); });
  expect("KMS.NotFoundException", {}, {}, answer(400, "KMS.NotFoundException", "Invalid arn", "PUT"));
  expect("KMS.DisabledException", {}, {}, answer(400, "KMS.DisabledException", "the key is disabled", "PUT"));
  expect("InvalidAccessKeyId", {}, {"AWS_ACCESS_KEY_ID=AKIDNOBODY"});
  expect("SignatureDoesNotMatch", {}, {"AWS_SECRET_ACCESS_KEY=another-secret-key"});
  expect("InvalidToken", {}, {"AWS_SESSION_TOKEN=foreign"});
  expect("the AWS credentials have expired", {}, {},
         [](AwsCloud& aws) { aws.s3.change([](auto& server) { server.verifier.keys[AwsCloud::kKeyId].is_expired = true; }); });
  expect("the clock of this machine says …", {}, {}, answer(403, "RequestTimeTooSkewed", "The difference is too large."));
  // Half a minute of tries, and 5 GiB: tests/aws/s3_test.cpp, WhatDoesNotPassEndsAsTemporaryAfterTheTriesThatWereSet, NobodyListens,
  // FilesThatAreTooLargeOrChange; refused certificates: tests/net/tls_test.cpp.
  expect_all_rows(rows, seen,
                  {"SlowDown", "InternalError", "the host could not be reached", "S3 takes at most 5 GiB at once",
                   "the secure connection was refused"});
}

TEST(e2e_error_table, snowflake) {
  using snowflake_standin::Asked;
  using snowflake_standin::Fault;
  using snowflake_standin::SqlError;
  const std::vector<ErrorRow> rows = error_rows("What Snowflake says");
  std::set<std::string> seen;
  const Scene scene;
  ASSERT_EQ(scene.run("pull", {"--only-steps", "account"}).code, 0);
  SnowflakeCloud cloud(scene);
  std::string command = "load";
  const auto expect = [&](const std::string& message, const Words& options = {}, const Words& environment = {}) {
    const Ended ended = scene.run(command, cloud.options(options), with(cloud.environment(), environment));
    expect_row(rows, message, ended, seen);
    EXPECT_THAT(ended.all(), Not(HasSubstr("PRIVATE KEY-----\n")));
    cloud.snowflake.fault = nullptr;
    cloud.snowflake.engine().allow_all();
  };
  const auto refuse = [&](const std::string& words, const std::string& code, const std::string& state, const std::string& text) {
    cloud.snowflake.engine().refuse(words, SqlError(code, state, text));
  };
  const auto answer = [&](Fault fault) { cloud.snowflake.fault = [fault](const Asked&) { return fault; }; };

  expect("Snowflake as the warehouse needs …", {"--warehouse", "snowflake:"});
  expect("this is not a production run, and *database* is shared", {}, {"CHIMPLIFT_ENV="});
  expect("cannot read the file that *option* names: …", {"--snowflake-private-key", "/nonexistent/key.p8"});
  expect("cannot read secret *name* in *region*: …", {"--snowflake-secret", "aws:nothing"});
  cloud.aws.secrets.keep("broken", "user=loader");
  expect("the secret *name* is not a JSON object", {"--snowflake-secret", "aws:broken"});
  write_text(scene.folder() / "no-key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
  expect("the private key is not PEM that OpenSSL can read", {"--snowflake-private-key", (scene.folder() / "no-key").string()});
  const std::string encrypted = (scene.folder() / "encrypted").string();
  ASSERT_EQ(std::system(("openssl pkcs8 -topk8 -in " + cloud.key_file.string() + " -passout pass:word -out " + encrypted).c_str()), 0);
  expect("the private key is encrypted, and no passphrase was given", {"--snowflake-private-key", encrypted});
  write_text(scene.folder() / "word", "another");
  expect("the private key cannot be read with that passphrase",
         {"--snowflake-private-key", encrypted, "--snowflake-passphrase", (scene.folder() / "word").string()});
  expect("Snowflake does not take the login of user *user*: …", {"--snowflake-user", "somebody"});
  answer(Fault::forbidden);
  expect("Snowflake refuses this machine or this user (403)…");
  answer(Fault::not_found);
  expect("*address* is not an account of Snowflake's: status 404");
  expect("… does not exist or not authorized. (002003/*state*)", {"--snowflake-database", "nothing", "--warehouse", "snowflake:"},
         {"CHIMPLIFT_SNOWFLAKE_ACCOUNT=myorg-myacct"});
  expect("… does not exist or not authorized. (002003/*state*)", {"--snowflake-stage", "nothing"});
  expect("the stage *stage* points to *url*, and the files for it go to *url*", {"--snowflake-stage-url", "s3://test-bucket/elsewhere/"});
  expect("there is no bucket *b* in *region*", {"--snowflake-stage-url", "s3://other-bucket/stage/"});
  expect("*url* is not a place for staged files", {"--snowflake-stage-url", "s3//test-bucket/stage"});
  // What a statement fails with, doctor says before a run does.
  command = "doctor";
  cloud.snowflake.engine().deny("CREATE TABLE");
  expect("… Insufficient privileges to operate on … (003001/*state*)");
  refuse("COPY INTO", "003167", "42601",
         "Error assuming AWS_ROLE:\nUser: arn:aws:iam::1:user/snowflake is not authorized to perform: sts:AssumeRole");
  expect("… Error assuming AWS_ROLE …");
  refuse("COPY INTO", "091003", "22000", "Failure using stage area. Cause: [Access Denied (Status Code: 403; Error Code: AccessDenied)]");
  expect("… Failure using stage area. Cause: [Access Denied (Status Code: 403; …");
  refuse("COPY INTO", "091016", "22000", "Remote file 's3://test-bucket/stage/x' was not found.");
  expect("… Remote file *file* was not found. (091016/*state*)");
  refuse("COPY INTO", "000606", "57P03", "No active warehouse selected in the current session.");
  expect("… No active warehouse selected in the current session. (000606/*state*)");
  answer(Fault::timed_out);
  expect("… Statement reached its timeout …");

  expect_all_rows(rows, seen,
                  {
                      // Ten minutes of patience: tests/warehouse/snowflake_client_test.cpp, PatienceEnds.
                      "Snowflake (*address*) could not be reached for *time*: …",
                      // The same, and answers that are not whole: A200WithoutAResultIsNoSuccess and its neighbours there.
                      "Snowflake sent *n* of the *n* rows of a result",
                      "… the number of waiters for this lock exceeds … (000625/*state*)",
                      // Two runs at once: tests/warehouse/snowflake_warehouse_test.cpp, snowflake_rivals_test.cpp.
                      "another run loads the same tables in Snowflake, and has gone on since this one read how far they are loaded",
                      "another run has just added the column *column* to *table*, …",
                      "another run of the same command has taken this one's place in Snowflake: …",
                      "Snowflake compared no rows of *table*, though some were handed to it",
                      // A record of 16 MB: tests/warehouse/snowflake_sql_test.cpp, ThatAreTooLargeAreNamed.
                      "a record of *table* has *size*, more than Snowflake takes in one value",
                  });
}

}  // namespace
}  // namespace chimplift::e2e
