// Values that can be read as something and mean something else: an empty choice, a file without certificates, a mistyped variable. None of
// them is taken for "not given".
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/config.hpp"
#include "cli/parse.hpp"
#include "cli/settings.hpp"
#include "cli/unknown_variables.hpp"
#include "process.hpp"

namespace chimplift {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const std::string kKey = "fedcba9876543210fedcba9876543210-us9";
const Environment kNothing = [](const std::string&) { return std::nullopt; };

Result<Values> values(const std::vector<std::string>& words) {
  const Result<CommandLine> line = parse_command_line(words);
  if (!line) return tl::unexpected(line.error());
  return resolve(*line, kNothing);
}

/// What a sync of one account says of the options; "" where it takes them.
std::string refusal(std::vector<std::string> options) {
  options.insert(options.begin(), {"sync", "--api-key-override", kKey});
  const Result<Values> given = values(options);
  const Result<Settings> settings = given ? settings_of(Command::sync, *given, kNothing) : tl::unexpected(given.error());
  if (settings) return "";
  EXPECT_EQ(settings.error().kind, ErrorKind::usage);
  EXPECT_NE(settings.error().advice, "");
  return settings.error().message;
}

TEST(MisleadingValues, AChoiceOfNoStepIsNotAllSteps) {
  for (const std::string empty : {",", ", ", " ,,"}) {
    EXPECT_EQ(refusal({"--only-steps", empty}), "--only-steps is an empty list");
    EXPECT_EQ(refusal({"--only-steps", "lists", "--only-steps", empty}), "--only-steps is an empty list");
  }
  EXPECT_EQ(refusal({"--only-steps", "lists,"}), "");
  const testing::Folder folder;
  const std::string file = (folder.path() / "c.toml").string();
  folder.write("c.toml", "only-steps = []\n");
  EXPECT_EQ(refusal({"--config", file}), "only-steps in " + file + ", line 1 is an empty list");
  folder.write("c.toml", "account = []\n");
  EXPECT_EQ(refusal({"--config", file}), "account in " + file + ", line 1 is an empty list");
}

TEST(MisleadingValues, ExcludingNoStepIsExcludingNothing) {
  for (const std::string empty : {",", "none", "", " , "}) {
    const Result<Values> given = values({"sync", "--excluded-steps", empty});
    ASSERT_TRUE(given) << given.error().message;
    EXPECT_FALSE(given->has("excluded-steps")) << "it stands in no certificate: " << empty;
  }
  const testing::Folder folder;
  folder.write("c.toml", "excluded-steps = []\n");
  EXPECT_EQ(refusal({"--config", (folder.path() / "c.toml").string()}), "");
}

TEST(MisleadingValues, ABucketsOwnerIsTheNumberOfAnAccount) {
  for (const std::string wrong : {"abc", "11112222333", "1111222233334", "1111-2222-3333", "arn:aws:iam::111122223333:root"}) {
    EXPECT_THAT(refusal({"--archive", "s3://bucket/prefix", "--s3-bucket-owner", wrong}),
                AllOf(HasSubstr("--s3-bucket-owner is the number of an AWS account, 12 digits"), HasSubstr(wrong)));
  }
  EXPECT_THAT(refusal({"--archive", "s3://bucket/prefix", "--s3-bucket-owner", "111122223333"}), Not(HasSubstr("12 digits")));
}

TEST(MisleadingValues, AFileOfAuthoritiesHoldsACertificate) {
  const testing::Folder folder;
  const std::string file = (folder.path() / "ca.pem").string();
  EXPECT_THAT(refusal({"--ca-file", file}), HasSubstr("No such file"));
  EXPECT_THAT(refusal({"--ca-file", folder.path().string()}), HasSubstr("Is a directory"));
  for (const std::string text : {"", "not PEM", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"}) {
    folder.write("ca.pem", text);
    // An address without TLS as well: the file would be asked for by whatever comes next.
    EXPECT_EQ(refusal({"--ca-file", file, "--api-base", "http://127.0.0.1:1/3.0"}), file + " holds no certificate");
  }
  for (const std::string heading : {"CERTIFICATE", "TRUSTED CERTIFICATE", "X509 CERTIFICATE"}) {
    folder.write("ca.pem", "# The authorities of this company.\n-----BEGIN " + heading + "-----\nAAAA\n-----END " + heading + "-----\n");
    EXPECT_EQ(refusal({"--ca-file", file}), "");
  }
  folder.write("ca.pem", "");
  const testing::Ended accounts = testing::run({.words = {"accounts", "--api-key-override", "none", "--ca-file", file}});
  EXPECT_EQ(accounts.code, 2);
  EXPECT_THAT(accounts.err, HasSubstr("ca.pem holds no certificate"));
}

TEST(MisleadingValues, AWarehouseThatIsNoneIsNoneForLookmlToo) {
  const testing::Folder folder;
  const std::string out = (folder.path() / "out").string();
  for (const std::string wrong : {"bogus", "duckdb:", "snowflake:a/b/c/d", "none"}) {
    const testing::Ended ended = testing::chimplift({"generate", "lookml", "--out", out, "--warehouse", wrong});
    EXPECT_EQ(ended.code, 2) << wrong;
    EXPECT_THAT(ended.err, HasSubstr("--warehouse")) << wrong;
    EXPECT_FALSE(std::filesystem::exists(out)) << wrong;
  }
  for (const std::string wrong : {"bogus", "snowflake:", "snowflake:a/b/c", "none"}) {
    const testing::Ended ended = testing::chimplift({"generate", "duckdb-links", "--warehouse", wrong});
    EXPECT_EQ(ended.code, 2) << wrong;
    EXPECT_THAT(ended.err, HasSubstr("--warehouse duckdb:")) << wrong;
    EXPECT_EQ(ended.out, "") << wrong;
  }
  EXPECT_EQ(testing::chimplift({"generate", "lookml", "--out", out, "--warehouse", "snowflake:a/b/c"}).code, 0);
}

TEST(MisleadingValues, AVariableThatNothingReadsIsNamedWithTheNearestOne) {
  const std::vector<std::string> names = {"CHIMPLIFT_EXCLUDED_STEP", "CHIMPLIFT_ENV", "CHIMPLIFT_ARCHIVE", "CHIMPLIFT_QQQQQQQQ",
                                          "CHIMPLIFT_CONFIG",        "HOME",          "MY_CHIMPLIFT_X",    "CHIMPLIFT_DUCKDB"};
  EXPECT_THAT(unknown_variables(names),
              ElementsAre("The variable CHIMPLIFT_EXCLUDED_STEP is none that chimplift reads; did you mean CHIMPLIFT_EXCLUDED_STEPS?",
                          "The variable CHIMPLIFT_QQQQQQQQ is none that chimplift reads."));
  const std::map<std::string, std::string> environment = {{"CHIMPLIFT_EXCLUDED_STEP", "secret-value"}, {"CHIMPLIFT_JSON", "false"}};
  const testing::Ended ended = testing::chimplift({"version"}, environment);
  EXPECT_EQ(ended.code, 0) << "other programs may use the prefix";
  EXPECT_THAT(ended.err, AllOf(HasSubstr("did you mean CHIMPLIFT_EXCLUDED_STEPS?"), Not(HasSubstr("secret-value"))));
  EXPECT_THAT(testing::chimplift({"version", "--quiet"}, environment).err, IsEmpty());
}

TEST(MisleadingValues, AnArchiveThatIsNotThereIsADestinationWithAndWithoutAnAccountsFile) {
  const testing::Folder folder;
  for (const std::string command : {"load", "status", "verify"}) {
    const testing::Ended ended = testing::run({.words = {command, "--archive", "nope"}, .folder = folder.path()});
    EXPECT_EQ(ended.code, 6) << command;
    EXPECT_THAT(ended.err, HasSubstr("there is no account in the archive nope")) << command;
  }
  folder.write("accounts.json", nlohmann::json::array({{{"account_name", "a"}, {"api_key", kKey}}}).dump());
  EXPECT_EQ(testing::run({.words = {"status", "--archive", "nope"}, .folder = folder.path()}).code, 6);
}

}  // namespace
}  // namespace chimplift
