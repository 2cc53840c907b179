#include "cli/snowflake_options.hpp"

#include <gmock/gmock.h>

#include "base/files.hpp"
#include "support/temporary_folder.hpp"

namespace chimplift {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class SnowflakeOptions : public testing::Test {
 protected:
  void give(const std::string& name, const std::string& value) { values_.set(name, Given{{value}, "--" + name}); }
  void give_all() {
    for (const auto& [name, value] : {std::pair{"account", "myorg-myacct"},
                                      {"user", "loader"},
                                      {"database", "marketing"},
                                      {"role", "loader_role"},
                                      {"stage-url", "s3://bucket/stage"}}) {
      give(std::string("snowflake-") + name, value);
    }
    give("snowflake-private-key", file("key.p8", "the key"));
  }
  std::string file(const std::string& name, const std::string& text) {
    EXPECT_TRUE(write_file(folder_ / name, text));
    return (folder_ / name).string();
  }
  Result<SnowflakeTarget> target(const std::string& given = "snowflake:", bool is_production = true) {
    return snowflake_of(given, values_, [](const std::string&) { return std::nullopt; }, is_production);
  }

  TemporaryFolder folder_;
  Values values_;
};

TEST_F(SnowflakeOptions, NameTheirObjectsAsSnowflakeDoes) {
  give_all();
  give("snowflake-schema", "\"quoted lower\"");
  const auto found = target();
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->snowflake.place.database, "MARKETING");
  EXPECT_EQ(found->snowflake.place.schema, "quoted lower");
  EXPECT_EQ(found->snowflake.role, "LOADER_ROLE");
  EXPECT_EQ(found->snowflake.warehouse, "");
  EXPECT_EQ(found->snowflake.stage, "CHIMPLIFT_STAGE");
  EXPECT_EQ(found->stage_url, "s3://bucket/stage/");
  EXPECT_EQ(found->snowflake.login.private_key.reveal(), "the key");
}

TEST_F(SnowflakeOptions, SayWhatIsMissing) {
  const auto refused = target();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::usage);
  EXPECT_THAT(refused.error().message,
              AllOf(HasSubstr("--snowflake-account"), HasSubstr("--snowflake-user"), HasSubstr("--snowflake-database"),
                    HasSubstr("--snowflake-stage-url"), HasSubstr("--snowflake-private-key")));
  EXPECT_THAT(target("snowflake:a//b").error().message, HasSubstr("snowflake:ACCOUNT/DATABASE/SCHEMA"));
}

TEST_F(SnowflakeOptions, TheAddressGoesBeforeTheRest) {
  give_all();
  const auto found = target("snowflake:other-acct/sales/raw");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->snowflake.login.account, "other-acct");
  EXPECT_EQ(found->snowflake.place.database, "SALES");
  EXPECT_EQ(found->snowflake.place.schema, "RAW");
  EXPECT_EQ(found->snowflake.reload()->account, "other-acct");
}

TEST_F(SnowflakeOptions, OutsideProductionTheDevelopmentDatabaseIsWrittenOrNothing) {
  give_all();
  const auto refused = target("snowflake:", false);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().advice, AllOf(HasSubstr("--dev-override true"), HasSubstr("MARKETING_DEV")));
  give("dev-override", "true");
  EXPECT_EQ(target("snowflake:", false)->snowflake.place.database, "MARKETING_DEV");
  EXPECT_EQ(target("snowflake:", true)->snowflake.place.database, "MARKETING");
  give("snowflake-dev-database", "playground");
  EXPECT_EQ(target("snowflake:", false)->snowflake.place.database, "PLAYGROUND");
}

TEST_F(SnowflakeOptions, TheDocumentHoldsWhatOptionsDoNotSay) {
  give("snowflake-secret",
       file("secret.json", R"({"account": "myorg-myacct", "user": "u", "private_key": "-----BEGIN\\nkey", "database": "d",
    "stage_url": "s3://b/", "private_key_passphrase": "open", "port": 443, "something": "else"})"));
  give("snowflake-user", "v");
  const auto found = target();
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->snowflake.login.user, "v");
  EXPECT_EQ(found->snowflake.login.passphrase.reveal(), "open");
  EXPECT_EQ(found->snowflake.place.database, "D");
  give("snowflake-secret", file("broken.json", R"({"private_key": "never-seen)"));
  EXPECT_THAT(target().error().message, AllOf(HasSubstr("not a JSON object"), Not(HasSubstr("never-seen"))));
}

TEST_F(SnowflakeOptions, HoldWhatAFileWouldHoldButNotOnTheCommandLine) {
  give_all();
  const auto set = [this](const std::string& name, const std::string& value) {
    values_.set(name, Given{{value}, environment_name(*find_option(name))});
  };
  const std::string pem = "-----BEGIN PRIVATE KEY-----\nnever-seen\n-----END PRIVATE KEY-----";
  set("snowflake-private-key", pem + "\n");
  ASSERT_TRUE(target()) << target().error().message;
  EXPECT_EQ(target()->snowflake.login.private_key.reveal(), pem);
  set("snowflake-secret", R"( {"user": "never-seen", "token": "never-seen", "role": "r"})");
  EXPECT_EQ(target()->snowflake.role, "LOADER_ROLE");
  EXPECT_EQ(target()->snowflake.login.token.reveal(), "never-seen");
  set("snowflake-secret", R"({"user": "never-seen)");
  EXPECT_THAT(target().error().message, AllOf(HasSubstr("CHIMPLIFT_SNOWFLAKE_SECRET"), Not(HasSubstr("never-seen"))));
  give("snowflake-secret", R"({"user": "never-seen"})");
  EXPECT_THAT(target().error().message, AllOf(HasSubstr("every user of this machine"), Not(HasSubstr("never-seen"))));
}

TEST_F(SnowflakeOptions, NeverShowAValueThatMayBeTheSecretItself) {
  for (const std::string name : {"snowflake-private-key", "snowflake-passphrase", "snowflake-token", "snowflake-secret"}) {
    for (const std::string value :
         {"never-seen", "/never-seen/x", "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC/never-seen+x=", "never-seen: or not"}) {
      give_all();
      values_.set(name, Given{{value}, environment_name(*find_option(name))});
      const auto refused = target();
      ASSERT_FALSE(refused) << name;
      EXPECT_EQ(refused.error().kind, ErrorKind::usage);
      EXPECT_THAT(refused.error().message, AllOf(HasSubstr(environment_name(*find_option(name))), HasSubstr("No such file")));
      EXPECT_THAT(refused.error().message + refused.error().advice, Not(HasSubstr("never-seen")));
      values_ = {};
    }
  }
}

TEST_F(SnowflakeOptions, AnEmptyFieldOfTheDocumentIsNone) {
  give("snowflake-private-key", file("key.p8", "the key"));
  give("snowflake-secret",
       file("secret.json", R"({"account": "a-b", "user": "u", "private_key": "", "token": "", "database": "d", "schema": "",
    "stage": "", "stage_url": "s3://b/", "url": "", "role": ""})"));
  const auto found = target();
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->snowflake.place.schema, "MAILCHIMP");
  EXPECT_EQ(found->snowflake.stage, "CHIMPLIFT_STAGE");
  EXPECT_EQ(found->snowflake.login.private_key.reveal(), "the key");
}

TEST_F(SnowflakeOptions, WhatIsSaidOfBucketsHoldsForTheStageToo) {
  give_all();
  EXPECT_EQ(target()->s3.encryption, S3Encryption::by_bucket);
  give("s3-kms-key", "key-1");
  give("s3-bucket-owner", "111122223333");
  EXPECT_EQ(target()->s3.encryption, S3Encryption::kms);
  EXPECT_EQ(target()->s3.kms_key, "key-1");
  EXPECT_EQ(target()->s3.owner, "111122223333");
}

TEST_F(SnowflakeOptions, RunsOfAnotherChoiceAreAnotherOwner) {
  const auto named = [](const std::string& name) { return Account{name, Secret(), "", ""}; };
  const std::vector<Account> one{named("a")};
  SnowflakeSettings into;
  const std::string owner = snowflake_owner(Command::sync, values_, one, into);
  EXPECT_EQ(owner, snowflake_owner(Command::sync, values_, one, into));
  EXPECT_EQ(owner.find_first_not_of("0123456789ABCDEF"), std::string::npos);
  EXPECT_NE(owner, snowflake_owner(Command::verify, values_, one, into));
  EXPECT_NE(owner, snowflake_owner(Command::load, values_, one, into));
  const std::vector<Account> two{named("b"), named("a")};
  EXPECT_NE(owner, snowflake_owner(Command::sync, values_, two, into));
  EXPECT_EQ(snowflake_owner(Command::sync, values_, {named("a"), named("b")}, into), snowflake_owner(Command::sync, values_, two, into));
  give("is-test", "true");
  EXPECT_NE(owner, snowflake_owner(Command::sync, values_, one, into));
  give("is-test", "false");
  EXPECT_EQ(owner, snowflake_owner(Command::sync, values_, one, into));
  give("only-steps", "lists");
  EXPECT_NE(owner, snowflake_owner(Command::sync, values_, one, into));
  give("only-steps", "");
  ASSERT_EQ(owner, snowflake_owner(Command::sync, values_, one, into));
  for (std::string* part : {&into.login.account, &into.url, &into.place.database, &into.place.schema}) {
    *part = "OTHER";
    EXPECT_NE(owner, snowflake_owner(Command::sync, values_, one, into));
    part->clear();
  }
}

// The administrator made the stage for the real run.
TEST_F(SnowflakeOptions, ATestRunIsStagedWhereTheRealOneIs) {
  for (const char* name : {"account", "user", "database"}) give(std::string("snowflake-") + name, "name");
  give("snowflake-private-key", file("key.p8", "the key"));
  give("is-test", "true");
  for (const char* archive : {"s3://bucket/prefix", "s3://bucket/prefix/"}) {
    give("archive", archive);
    ASSERT_TRUE(target()) << target().error().message;
    EXPECT_EQ(target()->stage_url, "s3://bucket/prefix/_snowflake_stage/");
  }
}

TEST_F(SnowflakeOptions, ASetupIsRefusedForAPlaceThatARunRefuses) {
  for (const char* wrong : {"foo", "s3://", "s3://B_x/y", "https://bucket/stage"}) {
    give("snowflake-stage-url", wrong);
    const auto setup = snowflake_setup_of(values_);
    ASSERT_FALSE(setup) << wrong;
    EXPECT_EQ(setup.error().kind, ErrorKind::usage);
  }
  give_all();
  give("snowflake-stage-url", "foo");
  EXPECT_EQ(snowflake_setup_of(values_).error().message, "foo/ is not a place for staged files");
}

TEST_F(SnowflakeOptions, TheSetupIsWholeAndMarksWhatIsMissing) {
  give("snowflake-database", "marketing");
  give("snowflake-stage-url", "s3://bucket/it's/stage");
  const auto setup = snowflake_setup_of(values_);
  ASSERT_TRUE(setup);
  const std::string sql = snowflake::setup_sql(*setup);
  for (const char* part : {"CREATE DATABASE IF NOT EXISTS \"MARKETING\";", "CREATE DATABASE IF NOT EXISTS \"MARKETING_DEV\";",
                           "GRANT USAGE, CREATE TABLE ON SCHEMA \"MARKETING\".\"MAILCHIMP\" TO ROLE \"CHIMPLIFT\";",
                           "'s3://bucket/it''s/stage/'", "GRANT ROLE \"CHIMPLIFT\" TO ROLE SYSADMIN;", "RSA_PUBLIC_KEY = '<public key",
                           "STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::<account>", "AUTO_SUSPEND = 60"}) {
    EXPECT_THAT(sql, HasSubstr(part));
  }
}

}  // namespace
}  // namespace chimplift
