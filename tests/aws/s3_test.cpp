// The S3 client against the strict stand-in: what it promises, and what it makes of each way in which S3 says no or says nothing.
#include "aws/s3.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <thread>

#include "aws/place.hpp"
#include "base/hash.hpp"
#include "standins/s3_server.hpp"
#include "support/temporary_folder.hpp"

namespace chimplift {
namespace {

using standins::Fault;
using standins::s3_error;
using testing::HasSubstr;
using testing::Not;

Variables variables_of(const standins::S3Server& server) {
  return {{"AWS_ENDPOINT_URL_S3", server.url()},
          {"AWS_REGION", server.verifier.region},
          {"AWS_ACCESS_KEY_ID", server.verifier.keys.begin()->first},
          {"AWS_SECRET_ACCESS_KEY", server.verifier.keys.begin()->second.secret}};
}

class Promise : public testing::TestWithParam<S3Promise> {};

TEST_P(Promise, IsKeptWithTheStandIn) {
  standins::S3Server server;
  server.page_size = 4;
  GetParam().check({variables_of(server), standins::S3Server::kBucket});
}

TEST_P(Promise, IsKeptWithoutChecksums) {
  standins::S3Server server;
  server.keeps_checksums = false;
  GetParam().check({variables_of(server), standins::S3Server::kBucket, true, false});
}

INSTANTIATE_TEST_SUITE_P(S3, Promise, testing::ValuesIn(s3_promises()), [](const auto& each) { return std::string(each.param.name); });

struct S3Test : testing::Test {
  standins::S3Server server;
  S3Settings settings{.bucket = standins::S3Server::kBucket};
  Variables variables = variables_of(server);
  std::unique_ptr<AwsSession> session;

  S3Client client() {
    session = std::make_unique<AwsSession>(settings_of(variables));
    return value_of_result(S3Client::make(*session, settings));
  }
  void fault(Fault::Kind kind, const std::string& method, int times = 1, standins::Answer answer = {}) {
    server.server().add_fault({kind, method, std::move(answer), times});
  }
  /// The error of reading one object.
  Error error() {
    Result<std::optional<std::string>> got = client().get("key");
    EXPECT_FALSE(got.has_value());
    return got ? Error{} : got.error();
  }
};

using S3Faults = S3Test;

TEST_F(S3Faults, WhatPassesIsTriedAgain) {
  S3Client s3 = client();
  server.put("key", "value");
  const std::pair<int, const char*> answers[] = {{500, "InternalError"},
                                                 {503, "SlowDown"},
                                                 {429, "TooManyRequestsException"},
                                                 {400, "RequestTimeout"},
                                                 {409, "OperationAborted"},
                                                 {502, ""},
                                                 {504, ""}};
  for (const auto& [status, code] : answers) {
    fault(Fault::Kind::answer, "GET", 2, s3_error(status, code, "later"));
    EXPECT_EQ(value_of_result(s3.get("key")), "value") << status;
  }
  for (const Fault::Kind kind : {Fault::Kind::drop_before, Fault::Kind::drop_after, Fault::Kind::cut_answer}) {
    fault(kind, "GET", 2);
    EXPECT_EQ(value_of_result(s3.get("key")), "value");
  }
  fault(Fault::Kind::answer, "PUT", 1, s3_error(400, "BadDigest", "damaged"));
  EXPECT_EQ(value_of_result(s3.put("key", "new")).outcome, S3Outcome::written);
}

TEST_F(S3Faults, WhatDoesNotPassEndsAsTemporaryAfterTheTriesThatWereSet) {
  S3Client s3 = client();
  fault(Fault::Kind::answer, "", 100, s3_error(503, "SlowDown", "Please reduce your request rate."));
  const Result<std::optional<std::string>> got = s3.get("key");
  EXPECT_EQ(got.error().kind, ErrorKind::temporary);
  EXPECT_THAT(got.error().message, HasSubstr("cannot read s3://test-bucket/key: SlowDown (503): Please reduce your request rate."));
  EXPECT_EQ(server.server().requests().size(), 4U);
}

// Whatever is lost on the way, a conditional put says the truth about whose bytes are there.
TEST_F(S3Faults, APutWhoseAnswerWasLostIsKnownAgain) {
  S3Client s3 = client();
  for (const Fault::Kind kind : {Fault::Kind::drop_after, Fault::Kind::cut_answer, Fault::Kind::drop_before}) {
    const std::string key = "once-" + std::to_string(static_cast<int>(kind));
    fault(kind, "PUT");
    EXPECT_EQ(value_of_result(s3.put(key, "mine", {.absent = true})).outcome, S3Outcome::written);
    fault(kind, "PUT");
    EXPECT_EQ(value_of_result(s3.put(key, "yours", {.absent = true})).outcome, S3Outcome::refused);
    fault(kind, "PUT");
    const S3Written next = value_of_result(s3.put(key, "mine again", {.etag = server.things()[key].etag}));
    EXPECT_EQ(next.outcome, S3Outcome::written);
    EXPECT_EQ(next.etag, server.things()[key].etag);
    EXPECT_EQ(server.things()[key].bytes, "mine again");
  }
  fault(Fault::Kind::answer, "PUT", 1, s3_error(409, "ConditionalRequestConflict", "conflict"));
  EXPECT_EQ(value_of_result(s3.put("conflict", "x", {.absent = true})).outcome, S3Outcome::written);
}

TEST_F(S3Faults, AnExpiredTokenIsRenewedOnce) {
  const TemporaryFolder folder;
  const auto write_keys = [&](const std::string& token) {
    std::ofstream(folder / "credentials") << "[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = "
                                          << server.verifier.keys["AKIDEXAMPLE"].secret << "\naws_session_token = " << token << "\n";
  };
  variables.erase("AWS_ACCESS_KEY_ID");
  variables.erase("AWS_SECRET_ACCESS_KEY");
  variables["AWS_SHARED_CREDENTIALS_FILE"] = (folder / "credentials").string();
  server.verifier.keys["AKIDEXAMPLE"].token = "new-session-token";
  write_keys("new-session-token");
  S3Client s3 = client();
  EXPECT_EQ(value_of_result(s3.put("key", "value")).outcome, S3Outcome::written);
  // Somebody renews them, and S3 says so: with the old ones it would now say InvalidToken.
  server.verifier.keys["AKIDEXAMPLE"].token = "newer-session-token";
  write_keys("newer-session-token");
  fault(Fault::Kind::answer, "PUT", 1, s3_error(400, "ExpiredToken", "The provided token has expired."));
  EXPECT_EQ(value_of_result(s3.put("key", "value")).outcome, S3Outcome::written);
  server.verifier.keys["AKIDEXAMPLE"].is_expired = true;
  const Result<S3Written> written = s3.put("key", "value");
  EXPECT_EQ(written.error().kind, ErrorKind::permission);
  EXPECT_THAT(written.error().message, HasSubstr("expired"));
  EXPECT_EQ(server.server().count("PUT"), 5);
  // HEAD says nothing of why; the reason is found out all the same.
  EXPECT_THAT(s3.head("key").error().message, HasSubstr("expired"));
}

TEST_F(S3Faults, AWrongClockIsSetByS3sOnce) {
  for (const long offset : {-3600L, 86'400L}) {
    server.verifier.clock_offset_seconds = offset;
    S3Client s3 = client();
    EXPECT_EQ(value_of_result(s3.put("key", "value")).outcome, S3Outcome::written);
    EXPECT_TRUE(value_of_result(s3.head("key")).has_value());
  }
  S3Client s3 = client();
  EXPECT_TRUE(value_of_result(s3.head("key")).has_value()) << "HEAD has no body that says it";
  fault(Fault::Kind::answer, "GET", 2, s3_error(403, "RequestTimeTooSkewed", "The difference is too large."));
  const Result<std::optional<std::string>> got = s3.get("key");
  EXPECT_EQ(got.error().kind, ErrorKind::permission);
  EXPECT_THAT(got.error().message, HasSubstr("clock"));
}

TEST_F(S3Faults, ManyThreadsShareOneSession) {
  AwsSession shared(settings_of(variables));
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      S3Client s3 = value_of_result(S3Client::make(shared, settings));
      for (int i = 0; i < 20; ++i) {
        const std::string key = std::to_string(t) + "/" + std::to_string(i);
        EXPECT_EQ(value_of_result(s3.put(key, key, {.absent = true})).outcome, S3Outcome::written);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(server.things().size(), 160U);
}

TEST_F(S3Faults, AClientTakesItsOwnSessionAlong) {
  S3Client made = value_of_result(S3Client::make(settings_of(variables), settings));
  S3Client s3 = std::move(made);
  EXPECT_EQ(value_of_result(s3.put("key", "x")).outcome, S3Outcome::written);
  EXPECT_EQ(value_of_result(s3.get("key")), "x");
}

TEST_F(S3Faults, ACancelledRunEndsAsInterrupted) {
  AwsSettings cancelled = settings_of(variables);
  cancelled.is_cancelled = [] { return true; };
  AwsSession over(cancelled);
  EXPECT_EQ(value_of_result(S3Client::make(over, settings)).get("key").error().kind, ErrorKind::interrupted);
}

TEST_F(S3Faults, AnObjectThatIsReplacedWhileItIsReadIsNotMixed) {
  S3Client s3 = client();
  server.put("key", std::string(9'000'000, 'a'));
  const Result<bool> read = s3.read("key", [&](std::string_view) -> Result<void> {
    server.put("key", std::string(9'000'000, 'b'));
    return {};
  });
  EXPECT_EQ(read.error().kind, ErrorKind::temporary);
  EXPECT_THAT(read.error().message, HasSubstr("was replaced"));
}

TEST_F(S3Faults, BytesThatAreNotWhatS3HasTheSumOfAreNotHandedOut) {
  S3Client s3 = client();
  standins::Answer damaged{200, "damaged", {{"x-amz-checksum-sha256", "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="}}};
  fault(Fault::Kind::answer, "GET", 1, damaged);
  server.put("key", "whole");
  EXPECT_EQ(value_of_result(s3.get("key")), "whole");
  fault(Fault::Kind::answer, "GET", 10, damaged);
  EXPECT_EQ(s3.get("key").error().kind, ErrorKind::temporary);
}

TEST_F(S3Faults, AListThatIsNotWholeIsAnError) {
  S3Client s3 = client();
  for (const char* body :
       {"", "<a/>", "<ListBucketResult></ListBucketResult>", "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
        "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a</Key></Contents></ListBucketResult>",
        "<ListBucketResult><IsTruncated>false</IsTruncated>"}) {
    fault(Fault::Kind::answer, "GET", 1, {200, body, {}});
    const Result<void> listed = s3.list("", [](const S3Object&) { return true; });
    ASSERT_FALSE(listed.has_value()) << body;
    EXPECT_EQ(listed.error().kind, ErrorKind::temporary) << body;
  }
}

// A presigned link, or the console's "Open", shows a page instead of saving it.
TEST_F(S3Test, WhatIsPutIsServedAsWhatItIs) {
  S3Client s3 = client();
  const auto type_of = [&](const std::string& key, std::string_view bytes) {
    EXPECT_EQ(value_of_result(s3.put(key, bytes, {.absent = true})).outcome, S3Outcome::written);
    return server.things()[key].content_type;
  };
  EXPECT_EQ(type_of("a/certificate.html", "<p>safe to close, über alles</p>"), "text/html; charset=utf-8");
  EXPECT_EQ(type_of("a/files/campaigns/1.variant-1.local.html", "<p>"), "text/html; charset=utf-8");
  EXPECT_EQ(type_of("a/files/campaigns/1.txt", ""), "text/plain; charset=utf-8");
  EXPECT_EQ(type_of("a/files/stored_files/1.html", "caf\xE9"), "text/html") << "Latin-1: its own words say what it is";
  EXPECT_EQ(type_of("a/certificate.json", "{}"), "application/json");
  EXPECT_EQ(type_of("a/ledger/00000001.ndjson", "{}"), "application/x-ndjson");
  EXPECT_EQ(type_of("a/raw/lists/000001.ndjson.zst", "x"), "application/zstd");
  EXPECT_EQ(type_of("a/files/stored_files/1.JPG", "x"), "image/jpeg");
  EXPECT_EQ(type_of("a/files/campaigns/images/1.svg", "<svg/>"), "image/svg+xml");
  for (const char* unknown : {"a/lock", "a.html/b", "html", "a/1.bin", "a/1.", "a/1.exe"})
    EXPECT_EQ(type_of(unknown, "x"), "application/octet-stream") << unknown;
  // What came as a file is in whatever encoding its maker chose.
  const TemporaryFolder folder;
  std::ofstream(folder / "page") << "<p>";
  EXPECT_EQ(value_of_result(s3.put_file("a/files/stored_files/2.html", S3File{folder / "page", 3, sha256_hex("<p>")})).outcome,
            S3Outcome::written);
  EXPECT_EQ(server.things()["a/files/stored_files/2.html"].content_type, "text/html");
  // Every put was signed with its type, or the stand-in would have refused it.
  EXPECT_THAT(server.server().requests().back().header("authorization"), HasSubstr("SignedHeaders=content-type;host;"));
}

using S3Errors = S3Test;

TEST_F(S3Errors, ABucketThatIsNotThere) {
  settings.bucket = "another-bucket";
  const Error got = error();
  EXPECT_EQ(got.kind, ErrorKind::destination);
  EXPECT_THAT(got.message, HasSubstr("there is no bucket another-bucket in eu-central-1"));
  EXPECT_EQ(client().head("key").error().message, "cannot use bucket another-bucket: there is no bucket another-bucket in eu-central-1");
  EXPECT_EQ(client().put("key", "x").error().kind, ErrorKind::destination);
  EXPECT_EQ(client().check().error().kind, ErrorKind::destination);
}

TEST_F(S3Errors, AnotherRegion) {
  variables["AWS_REGION"] = "us-west-2";
  const Error got = error();
  EXPECT_EQ(got.kind, ErrorKind::destination);
  EXPECT_THAT(got.message, HasSubstr("bucket test-bucket is in eu-central-1, and us-west-2 was asked"));
  EXPECT_EQ(got.advice, "Set AWS_REGION=eu-central-1.");
  fault(Fault::Kind::answer, "GET", 1, {301, "", {{"x-amz-bucket-region", "ap-south-1"}, {"Location", "http://127.0.0.1:1/"}}});
  EXPECT_THAT(client().get("key").error().advice, HasSubstr("ap-south-1"));
}

TEST_F(S3Errors, KeysThatAreNotRight) {
  variables["AWS_SECRET_ACCESS_KEY"] = "not-the-right-secret-at-all";
  Error got = error();
  EXPECT_EQ(got.kind, ErrorKind::permission);
  EXPECT_THAT(got.message, HasSubstr("SignatureDoesNotMatch"));
  EXPECT_THAT(got.message + got.advice, Not(HasSubstr("not-the-right-secret-at-all")));
  EXPECT_THAT(client().head("key").error().message, HasSubstr("SignatureDoesNotMatch"));
  variables["AWS_ACCESS_KEY_ID"] = "AKIDNOBODY";
  got = error();
  EXPECT_EQ(got.kind, ErrorKind::permission);
  EXPECT_THAT(got.message, HasSubstr("InvalidAccessKeyId"));
}

TEST_F(S3Errors, RightsThatAreMissing) {
  server.knows_list = false;
  const Error got = client().check().error();
  EXPECT_EQ(got.kind, ErrorKind::permission);
  EXPECT_THAT(got.message, HasSubstr("s3:ListBucket"));
  EXPECT_EQ(client().head("key").error().kind, ErrorKind::permission) << "what is missing cannot be told from what is forbidden";
}

TEST_F(S3Errors, AnotherOwner) {
  settings.owner = "999999999999";
  const Error got = error();
  EXPECT_EQ(got.kind, ErrorKind::permission);
  EXPECT_THAT(got.message, HasSubstr("bucket test-bucket does not belong to account 999999999999"));
  settings.owner = server.owner;
  EXPECT_TRUE(client().check().has_value());
}

TEST_F(S3Errors, Encryption) {
  settings.encryption = S3Encryption::kms;
  settings.kms_key = "arn:aws:kms:eu-central-1:1:key/good";
  EXPECT_EQ(value_of_result(client().put("key", "x")).outcome, S3Outcome::written);
  EXPECT_EQ(server.things()["key"].encryption, "aws:kms");
  EXPECT_EQ(server.things()["key"].kms_key, settings.kms_key);
  server.denied_kms_key = settings.kms_key;
  Error got = client().put("key", "x").error();
  EXPECT_EQ(got.kind, ErrorKind::permission);
  EXPECT_THAT(got.advice, HasSubstr("kms:GenerateDataKey"));
  settings.kms_key = "missing";
  got = client().put("key", "x").error();
  EXPECT_EQ(got.kind, ErrorKind::destination);
  EXPECT_THAT(got.message, HasSubstr("KMS.NotFoundException"));
}

TEST_F(S3Errors, SettingsThatCannotBe) {
  for (const char* name : {"", "ab", "Bucket", "s3://bucket", "bucket/path", "-bucket", "bucket.", "bück"}) {
    settings.bucket = name;
    session = std::make_unique<AwsSession>(settings_of(variables));
    const Result<S3Client> made = S3Client::make(*session, settings);
    ASSERT_FALSE(made.has_value()) << name;
    EXPECT_EQ(made.error().kind, ErrorKind::usage);
  }
  settings.bucket = standins::S3Server::kBucket;
  variables["AWS_ENDPOINT_URL_S3"] = "127.0.0.1 9000";
  session = std::make_unique<AwsSession>(settings_of(variables));
  EXPECT_EQ(S3Client::make(*session, settings).error().kind, ErrorKind::usage);
  variables.erase("AWS_REGION");
  session = std::make_unique<AwsSession>(settings_of(variables));
  EXPECT_THAT(S3Client::make(*session, settings).error().message, HasSubstr("no AWS region"));
}

TEST_F(S3Errors, NobodyListens) {
  variables["AWS_ENDPOINT_URL_S3"] = "http://127.0.0.1:1";
  const Error got = error();
  EXPECT_EQ(got.kind, ErrorKind::temporary);
  EXPECT_THAT(got.message, HasSubstr("could not be reached"));
}

TEST_F(S3Errors, FilesThatAreTooLargeOrChange) {
  const TemporaryFolder folder;
  std::ofstream(folder / "file") << "content";
  const Error too_large = client().put_file("key", S3File{folder / "file", 5'368'709'121, std::string(64, '0')}).error();
  EXPECT_EQ(too_large.kind, ErrorKind::destination);
  EXPECT_THAT(too_large.message, HasSubstr("5 GiB"));
  EXPECT_EQ(client().put_file("key", S3File{folder / "file", 100, std::string(64, '0')}).error().kind, ErrorKind::destination);
  const Error changed = client().put_file("key", S3File{folder / "file", 7, std::string(64, '0')}).error();
  EXPECT_THAT(changed.message, HasSubstr("Mismatch"));
  EXPECT_TRUE(server.things().empty());
}

TEST_F(S3Errors, VirtualHostsArePartOfTheAddressAndOfTheSignature) {
  settings.path_style = false;
  std::string endpoint = server.url();
  variables["AWS_ENDPOINT_URL_S3"] = "http://localhost" + endpoint.substr(endpoint.rfind(':'));  // *.localhost is this machine to curl
  EXPECT_EQ(value_of_result(client().put("a/b", "x")).outcome, S3Outcome::written);
  EXPECT_THAT(server.server().requests().back().header("host"), testing::StartsWith("test-bucket.localhost"));
  EXPECT_EQ(server.server().requests().back().path, "/a/b");
}

}  // namespace
}  // namespace chimplift
