// The real program into Snowflake's stand-in, through S3's: pull, staged files, COPY, MERGE, the comparison of all keys.
#include <gmock/gmock.h>

#include <map>
#include <mutex>

#include "e2e_cloud.hpp"
#include "e2e_compare.hpp"

namespace chimplift::e2e {
namespace {

using testing::HasSubstr;

TEST(e2e_snowflake, rows_that_the_warehouse_lost_are_gaps) {
  Scene scene;
  SnowflakeCloud cloud(scene);
  const Words lists = {"--only-steps", "lists"};
  ASSERT_EQ(scene.run("sync", cloud.options(lists), cloud.environment()).code, 0);
  cloud.snowflake.engine().lose_a_row("BRANDS.MAILCHIMP.LIST_MEMBERS");
  std::mutex guard;  // the stand-in answers each connection in a thread of its own
  std::map<std::string, int> counted;
  cloud.snowflake.fault = [&](const snowflake_standin::Asked& one) {
    const std::lock_guard lock(guard);
    ++counted[one.sql.substr(0, one.sql.find_first_of("\"."))];
    return snowflake_standin::Fault::none;
  };
  const Ended verified = scene.run("verify", cloud.options(lists), cloud.environment());
  std::map<std::string, int> asked;  // by the first words
  {
    const std::lock_guard lock(guard);
    asked = counted;
  }
  EXPECT_EQ(verified.code, 3) << verified.all();
  // What docs/operations.md says of its statements: beside COPY and the comparison of each stream there are these.
  EXPECT_EQ(asked["SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, COMMENT FROM "], 1) << testing::PrintToString(asked);
  // One COPY more: the checkpoint of the table that lacks a row is taken back.
  EXPECT_EQ(asked["COPY INTO "], asked["SELECT a"] + asked["SELECT COUNT(*), COUNT(l"] + 1) << testing::PrintToString(asked);
  EXPECT_EQ(asked["MERGE INTO "], 0) << testing::PrintToString(asked);
  EXPECT_THAT(findings(scene.certificate().at("gaps")), testing::Not(testing::IsEmpty()));
}

TEST(e2e_snowflake, outside_production_only_the_development_database_is_written) {
  Scene scene;
  SnowflakeCloud cloud(scene);
  const Ended refused = scene.run("sync", cloud.options(), cloud.environment(false));
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("--dev-override true"));
  EXPECT_EQ(cloud.snowflake.requests(), 0);
  Words options = cloud.options();
  options.insert(options.end(), {"--dev-override", "true", "--only-steps", "lists"});
  const Ended synced = scene.run("sync", options, cloud.environment(false));
  EXPECT_EQ(synced.code, 0) << synced.all();
  EXPECT_EQ(cloud.rows("LIST_MEMBERS"), 0U);
  EXPECT_GT(cloud.rows("LIST_MEMBERS", "BRANDS_DEV"), 0U);
}

TEST(e2e_snowflake, doctor_says_which_right_is_missing) {
  Scene scene;
  SnowflakeCloud cloud(scene);
  const Ended good = scene.run("doctor", cloud.options(), cloud.environment());
  EXPECT_EQ(good.code, 0) << good.all();
  EXPECT_THAT(good.out, HasSubstr("through the stage CHIMPLIFT_STAGE"));
  cloud.snowflake.engine().deny("COPY INTO");
  const Ended bad = scene.run("doctor", cloud.options(), cloud.environment());
  EXPECT_EQ(bad.code, 4) << bad.all();
  EXPECT_THAT(bad.all(), HasSubstr("Insufficient privileges"));
  cloud.expect_clean();
}

}  // namespace
}  // namespace chimplift::e2e
