// Where credentials come from, in which order, and what is said when there are none.
#include "aws/credentials.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "aws/credential_sources.hpp"
#include "aws/place.hpp"
#include "standins/aws_services.hpp"
#include "support/temporary_folder.hpp"

namespace chimplift {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// A clock that stands where a test puts it.
class SetClock final : public Clock {
 public:
  [[nodiscard]] i64 now_micros() const override { return system_clock().now_micros() + ahead_seconds * 1'000'000; }
  [[nodiscard]] i64 steady_millis() const override { return system_clock().steady_millis() + ahead_seconds * 1000; }
  std::atomic<i64> ahead_seconds = 0;
};

struct CredentialsTest : testing::Test {
  TemporaryFolder folder;
  standins::MetadataServer metadata;
  standins::StsServer sts;
  SetClock clock;
  Variables variables = {{"HOME", folder.path().string()},
                         {"AWS_EC2_METADATA_DISABLED", "true"},
                         {"AWS_REGION", "eu-central-1"},
                         {"AWS_ENDPOINT_URL_STS", sts.url()}};
  AwsSettings settings;

  std::string write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((folder / name).parent_path());
    std::ofstream(folder / name) << text;
    return (folder / name).string();
  }
  Result<AwsCredentials> ask() {
    settings = settings_of(variables);
    settings.profile = profile;
    settings.clock = &clock;
    CredentialChain chain(settings);
    return chain.get();
  }
  Error error() {
    const Result<AwsCredentials> got = ask();
    EXPECT_FALSE(got.has_value());
    return got ? Error{} : got.error();
  }
  std::string profile = {};
};

TEST_F(CredentialsTest, TheEnvironmentComesFirst) {
  variables["AWS_ACCESS_KEY_ID"] = "AKIDENV";
  variables["AWS_SECRET_ACCESS_KEY"] = kSecret;
  variables["AWS_SESSION_TOKEN"] = "env-session-token";
  variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = metadata.url("/container");
  const AwsCredentials got = value_of_result(ask());
  EXPECT_EQ(got.access_key_id, "AKIDENV");
  EXPECT_EQ(got.session_token.reveal(), "env-session-token");
  EXPECT_TRUE(metadata.server().requests().empty());
  variables.erase("AWS_SECRET_ACCESS_KEY");
  EXPECT_EQ(error().kind, ErrorKind::usage);
  EXPECT_THAT(error().message, HasSubstr("AWS_SECRET_ACCESS_KEY is not"));
}

TEST_F(CredentialsTest, AWebIdentityBecomesARole) {
  variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = write("token", sts.web_token + "\n");
  variables["AWS_ROLE_ARN"] = sts.role_arn;
  AwsCredentials got = value_of_result(ask());
  EXPECT_EQ(got.access_key_id, "ASIAROLE");
  EXPECT_GT(got.expires_at_micros, clock.now_micros());
  EXPECT_THAT(sts.last_session_name, testing::StartsWith("chimplift-"));
  variables["AWS_ROLE_SESSION_NAME"] = "pod-7";
  ask();
  EXPECT_EQ(sts.last_session_name, "pod-7");
  sts.server().add_fault({standins::Fault::Kind::answer, "", {503, "", {}}, 2});
  EXPECT_TRUE(ask().has_value());

  write("token", "another-token-that-is-not-trusted");
  Error failed = error();
  EXPECT_EQ(failed.kind, ErrorKind::permission);
  EXPECT_THAT(failed.message, HasSubstr("InvalidIdentityToken"));
  EXPECT_THAT(failed.message, HasSubstr("the environment: AWS_ACCESS_KEY_ID is not set"));
  EXPECT_THAT(failed.message, Not(HasSubstr("another-token-that-is-not-trusted")));
  std::filesystem::remove(folder / "token");
  EXPECT_EQ(error().kind, ErrorKind::usage);
  variables["AWS_ENDPOINT_URL_STS"] = "http://127.0.0.1:1";
  write("token", sts.web_token);
  EXPECT_EQ(error().kind, ErrorKind::temporary);
}

TEST_F(CredentialsTest, ASourceThatFailsIsNotPassedOverForAnother) {
  variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = write("token", sts.web_token);
  variables["AWS_ROLE_ARN"] = "arn:aws:iam::111122223333:role/another";
  write(".aws/credentials", std::string("[default]\naws_access_key_id=AKIDFILE\naws_secret_access_key=") + kSecret);
  EXPECT_THAT(error().message, HasSubstr("AccessDenied"));
}

/// The next source may be somebody else: the role of the machine in place of a person's keys.
TEST_F(CredentialsTest, ProfilesThatCannotBeReadAreNotPassedOverForAnother) {
  variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = metadata.url("/container");
  EXPECT_TRUE(ask().has_value());
  const auto expect_refused = [&](const std::string& file, const std::string& name, const std::string& why) {
    SCOPED_TRACE(file);
    const std::size_t asked = metadata.server().requests().size();
    const Error failed = error();
    EXPECT_EQ(failed.kind, ErrorKind::usage);
    EXPECT_THAT(failed.message, HasSubstr(file));
    EXPECT_THAT(failed.message, HasSubstr(why));
    EXPECT_THAT(failed.advice, HasSubstr(name));
    EXPECT_EQ(metadata.server().requests().size(), asked);
    variables[name] = "/dev/null";  // as the advice says
    EXPECT_TRUE(ask().has_value());
    variables.erase(name);
  };
  std::filesystem::create_directories(folder / ".aws");
  std::filesystem::create_symlink("credentials", folder / ".aws/credentials");
  expect_refused((folder / ".aws/credentials").string(), "AWS_SHARED_CREDENTIALS_FILE", "symbolic links");
  std::filesystem::remove(folder / ".aws/credentials");
  std::filesystem::create_directories(folder / ".aws/config");  // there, and cannot be read
  expect_refused((folder / ".aws/config").string(), "AWS_CONFIG_FILE", "Is a directory");
  variables.erase("AWS_REGION");
  const Result<std::string> region = region_of(settings_of(variables));
  ASSERT_FALSE(region);
  EXPECT_EQ(region.error().kind, ErrorKind::usage);
  EXPECT_THAT(region.error().message, HasSubstr("Is a directory"));
}

TEST_F(CredentialsTest, ProfilesAreReadAsAmazonsToolsReadThem) {
  write(".aws/credentials", std::string("# comment\n[default]\naws_access_key_id = AKIDDEFAULT\naws_secret_access_key = ") + kSecret +
                                "\n\n[ other ]\r\naws_access_key_id=AKIDOTHER # mine\r\naws_secret_access_key=" + kSecret +
                                "\r\naws_session_token = a=b==\r\n[half]\naws_access_key_id = x\n");
  write(".aws/config", "[default]\nregion = us-east-2\ns3 =\n  aws_access_key_id = nested\n[profile other]\nregion = ap-south-1\n");
  EXPECT_EQ(value_of_result(ask()).access_key_id, "AKIDDEFAULT");
  variables["AWS_PROFILE"] = "other";
  const AwsCredentials got = value_of_result(ask());
  EXPECT_EQ(got.access_key_id, "AKIDOTHER");
  EXPECT_EQ(got.session_token.reveal(), "a=b==");
  EXPECT_EQ(got.secret_access_key.reveal(), kSecret);
  variables.erase("AWS_REGION");
  EXPECT_EQ(value_of_result(region_of(settings_of(variables))), "ap-south-1");
  variables["AWS_PROFILE"] = "half";
  EXPECT_THAT(error().message, HasSubstr("only half"));
  variables["AWS_PROFILE"] = "missing";
  EXPECT_EQ(error().kind, ErrorKind::usage);
  EXPECT_THAT(error().message, HasSubstr("there is no profile \"missing\""));
  // A profile that is named on the command line goes before keys in the environment.
  variables["AWS_ACCESS_KEY_ID"] = "AKIDENV";
  variables["AWS_SECRET_ACCESS_KEY"] = kSecret;
  profile = "other";
  EXPECT_EQ(value_of_result(ask()).access_key_id, "AKIDOTHER");
}

TEST_F(CredentialsTest, AProfileMayAssumeARoleWithAnothersKeys) {
  write(".aws/credentials", std::string("[base]\naws_access_key_id = AKIDSOURCE\naws_secret_access_key = ") + kSecret + "\n");
  const std::string config = "[profile role]\nrole_arn = " + sts.role_arn + "\nexternal_id = e x/t\nsource_profile = ";
  write(".aws/config", config + "base\n");
  sts.external_id = "e x/t";
  variables["AWS_PROFILE"] = "role";
  EXPECT_EQ(value_of_result(ask()).access_key_id, "ASIAROLE");
  write(".aws/config", config + "role\n");
  EXPECT_THAT(error().message, HasSubstr("its own source"));
  write(".aws/config", config + "nobody\n");
  EXPECT_THAT(error().message, HasSubstr("there is no profile \"nobody\""));
  write(".aws/config", "[profile role]\nrole_arn = " + sts.role_arn + "\nexternal_id = e x/t\ncredential_source = Environment\n");
  variables["AWS_PROFILE"] = "role";
  EXPECT_THAT(error().message, HasSubstr("nothing to assume it with"));
  write(".aws/config", "[profile role]\ncredential_process = /bin/true\n");
  EXPECT_THAT(error().advice, HasSubstr("aws configure export-credentials --profile role"));
  write(".aws/config", config + "base\nmfa_serial = arn:1\n");
  EXPECT_EQ(error().kind, ErrorKind::usage);
}

TEST_F(CredentialsTest, AContainerHandsOutItsOwn) {
  metadata.container_token = "pod token";
  variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = metadata.url("/container");
  variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = write("pod", "pod token\n");
  EXPECT_EQ(value_of_result(ask()).access_key_id, "AKIDMETADATA");
  variables.erase("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "pod token";
  EXPECT_TRUE(ask().has_value());
  variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "another token";
  EXPECT_EQ(error().kind, ErrorKind::permission);
  EXPECT_THAT(error().message, HasSubstr("status 401"));
}

TEST_F(CredentialsTest, OnlyKnownPlacesAreAskedWithoutTls) {
  const auto address = [](const Variables& given) { return container_address(settings_of(given)); };
  EXPECT_EQ(value_of_result(address({{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/x"}})), "http://169.254.170.2/v2/x");
  for (const char* good :
       {"http://127.0.0.1:1/", "http://localhost/x", "http://[::1]/", "http://169.254.170.23/v1/credentials", "https://any.example/"})
    EXPECT_EQ(value_of_result(address({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", good}})), good);
  for (const char* bad : {"http://any.example/", "http://169.254.169.254/", "http://10.0.0.1/", "http://127.0.0.1.example/", "no address",
                          "ftp://localhost/"}) {
    const Result<std::string> refused = address({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", bad}});
    ASSERT_FALSE(refused.has_value()) << bad;
    EXPECT_EQ(refused.error().kind, ErrorKind::usage);
  }
}

TEST_F(CredentialsTest, AMachineOnEc2HasARole) {
  variables["AWS_EC2_METADATA_DISABLED"] = "false";
  variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = metadata.url("/");
  EXPECT_EQ(value_of_result(ask()).access_key_id, "AKIDMETADATA");
  metadata.server().add_fault({standins::Fault::Kind::answer, "GET", {500, "", {}}, 2});
  EXPECT_TRUE(ask().has_value());
  metadata.role = "";
  EXPECT_EQ(error().kind, ErrorKind::permission);
  EXPECT_THAT(error().message, HasSubstr("EC2: this machine has no role"));
  variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "http://127.0.0.1:1";
  EXPECT_THAT(error().message, HasSubstr("nobody answers at http://127.0.0.1:1"));
}

TEST_F(CredentialsTest, WhereThereAreNoneEachSourceSaysWhy) {
  const Error got = error();
  EXPECT_EQ(got.kind, ErrorKind::permission);
  for (const char* said : {"AWS_ACCESS_KEY_ID is not set", "AWS_WEB_IDENTITY_TOKEN_FILE is not set", "there is no profile \"default\"",
                           "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_EC2_METADATA_DISABLED is true"})
    EXPECT_THAT(got.message, HasSubstr(said));
}

TEST_F(CredentialsTest, ManyUsersWaitForOneRefreshBeforeTheEnd) {
  variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = metadata.url("/container");
  settings = settings_of(variables);
  settings.clock = &clock;
  CredentialChain chain(settings);
  const auto ask_all = [&] {
    std::vector<std::thread> threads;
    for (int i = 0; i < 16; ++i) threads.emplace_back([&] { EXPECT_TRUE(chain.get().has_value()); });
    for (std::thread& thread : threads) thread.join();
  };
  ask_all();
  EXPECT_EQ(metadata.server().count("GET"), 1);
  clock.ahead_seconds = 3600 - 400;  // 300 is where it begins; the real clock goes on meanwhile
  ask_all();
  EXPECT_EQ(metadata.server().count("GET"), 1);
  clock.ahead_seconds = 3600 - 299;
  metadata.lifetime_seconds = 7200;
  ask_all();
  EXPECT_EQ(metadata.server().count("GET"), 2);

  const AwsCredentials current = value_of_result(chain.get());
  AwsCredentials older = current;
  older.session_token = Secret("an older session token");
  chain.expired(older);
  ask_all();
  EXPECT_EQ(metadata.server().count("GET"), 2) << "somebody else's refresh was meant";
  chain.expired(current);
  ask_all();
  EXPECT_EQ(metadata.server().count("GET"), 3);
}

TEST_F(CredentialsTest, WhatIsStillGoodIsUsedWhileTheSourceIsAway) {
  variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = metadata.url("/container");
  settings = settings_of(variables);
  settings.clock = &clock;
  CredentialChain chain(settings);
  ASSERT_TRUE(chain.get().has_value());
  metadata.server().add_fault({standins::Fault::Kind::answer, "", {500, "", {}}, 1000});
  clock.ahead_seconds = 3600 - 200;
  EXPECT_TRUE(chain.get().has_value());
  const int asked = metadata.server().count("GET");
  EXPECT_TRUE(chain.get().has_value());
  EXPECT_EQ(metadata.server().count("GET"), asked) << "not with each request";
  clock.ahead_seconds = 3600 + 10;
  EXPECT_EQ(chain.get().error().kind, ErrorKind::temporary);
}

}  // namespace
}  // namespace chimplift
