// What tests of a real Snowflake account there are besides the contract (contract_test.cpp), and that all of them do something: they are
// run here against the stand-ins, as if those were an account.
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <fstream>

#include "standins/s3_server.hpp"
#include "warehouse/live_harness.hpp"
#include "warehouse/snowflake_harness.hpp"

namespace chimplift {
namespace {

using testing::IsEmpty;

TEST(LiveSnowflakeAccount, HasEveryRightThatALoadNeeds) {
  const std::unique_ptr<Harness> made = LiveHarness::make();
  if (made == nullptr) GTEST_SKIP() << LiveHarness::kVariable << " names no account";
  auto& live = dynamic_cast<LiveHarness&>(*made);
  for (const auto& check : check_snowflake(live.target().snowflake, *open_stage_files(live.target()))) {
    EXPECT_FALSE(check.error) << check.what << ": " << check.error->message << "\n" << check.error->advice;
  }
  EXPECT_THAT(live.left_behind(), IsEmpty());
}

TEST(LiveSuite, RunsWhereAnAccountIsConfigured) {
  if (std::getenv(LiveHarness::kVariable) != nullptr) GTEST_SKIP() << "it runs against an account";
  standins::S3Server s3;
  snowflake_standin::Server server;
  const TemporaryFolder folder;
  server.add_user("MYORG-MYACCT", "LOADER", PrivateKey::parse(test_key(), Secret())->public_pem());
  server.engine().add_database("BRANDS");
  server.engine().reads_tables = true;
  const auto fetch = [&](const std::string& path) -> std::optional<std::filesystem::path> {
    const auto things = s3.things();
    const auto found = things.find("stage/" + path);
    if (found == things.end()) return std::nullopt;
    std::ofstream(folder / "fetched", std::ios::binary) << found->second.bytes;
    return folder / "fetched";
  };
  for (const std::string schema : {"BRANDS.LIVE_TEST.", "BRANDS.MAILCHIMP."})
    server.engine().add_stage(schema + "CHIMPLIFT_STAGE", {"s3://test-bucket/stage/", fetch});
  server.start();
  const auto run_live = [&](const std::string& schema, const std::string& filter) {
    const nlohmann::json document = {{"account", "myorg-myacct"},
                                     {"user", "loader"},
                                     {"database", "brands"},
                                     {"schema", schema},
                                     {"private_key", test_key()},
                                     {"url", server.url()},
                                     {"stage_url", "s3://test-bucket/stage/"}};
    EXPECT_TRUE(write_file(folder / "account.json", document.dump()));
    const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
    const std::string command = "AWS_ENDPOINT_URL_S3=" + s3.url() + " AWS_REGION=eu-central-1 AWS_ACCESS_KEY_ID=AKIDEXAMPLE " +
                                "AWS_SECRET_ACCESS_KEY=" + s3.verifier.keys.at("AKIDEXAMPLE").secret + " " + LiveHarness::kVariable + "=" +
                                (folder / "account.json").string() + " " + self + " --gtest_brief=1 --gtest_filter='" + filter + "' >" +
                                (folder / "said").string() + " 2>&1";
    return std::system(command.c_str());
  };
  EXPECT_EQ(run_live("live_test", "LiveSnowflake*"), 0) << *read_file(folder / "said");
  EXPECT_THAT(*read_file(folder / "said"),
              testing::AllOf(testing::HasSubstr("[  PASSED  ] "), testing::Not(testing::HasSubstr("SKIPPED"))));
  EXPECT_THAT(server.breaches(), IsEmpty());
  EXPECT_THAT(server.engine().tables(), IsEmpty());
  EXPECT_TRUE(s3.things().empty());
  // A schema that somebody may need is left alone.
  const int before = server.requests();
  EXPECT_NE(run_live("mailchimp", "LiveSnowflakeAccount*"), 0);
  EXPECT_EQ(server.requests(), before);
}

}  // namespace
}  // namespace chimplift
