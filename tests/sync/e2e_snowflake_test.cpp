// The real program into Snowflake's stand-in, through S3's: pull, staged files, COPY, MERGE, the comparison of all keys.
#include <gmock/gmock.h>

#include <fstream>

#include "base/private_key.hpp"
#include "e2e_compare.hpp"
#include "standins/s3_server.hpp"
#include "standins/snowflake_server.hpp"

namespace chimplift::e2e {
namespace {

using testing::HasSubstr;

class Cloud {
 public:
  explicit Cloud(const Scene& scene) : folder_(scene.folder()) {
    s3_.verifier.service = "s3";
    s3_.verifier.region = "eu-central-1";
    s3_.verifier.keys["AKIDEXAMPLE"] = {"secret-of-the-key"};
    const std::string key = (folder_ / "key.p8").string();
    const std::string make = "openssl genrsa 2048 2>/dev/null | openssl pkcs8 -topk8 -nocrypt -out " + key;
    EXPECT_EQ(std::system(make.c_str()), 0);
    snowflake.add_user("MYORG-MYACCT", "LOADER", PrivateKey::parse(read_text(key), Secret())->public_pem());
    for (const std::string database : {"BRANDS", "BRANDS_DEV"}) {
      snowflake.engine().add_database(database);
      snowflake.engine().add_stage(database + ".MAILCHIMP.CHIMPLIFT_STAGE",
                                   {"s3://test-bucket/stage/", [this](const std::string& path) { return fetch("stage/" + path); }});
    }
    snowflake.start();
  }

  [[nodiscard]] Words options() const {
    return {"--warehouse",
            "snowflake:myorg-myacct/brands",
            "--snowflake-user",
            "loader",
            "--snowflake-private-key",
            (folder_ / "key.p8").string(),
            "--snowflake-stage-url",
            "s3://test-bucket/stage/",
            "--snowflake-url",
            snowflake.url()};
  }
  [[nodiscard]] Words environment(bool is_production = true) const {
    Words all{"AWS_ENDPOINT_URL_S3=" + s3_.url(), "AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=AKIDEXAMPLE",
              "AWS_SECRET_ACCESS_KEY=secret-of-the-key", "AWS_EC2_METADATA_DISABLED=true"};
    if (is_production) all.emplace_back("CHIMPLIFT_ENV=production");
    return all;
  }
  /// Rows of a table that the account has.
  std::size_t rows(const std::string& table, const std::string& database = "BRANDS") {
    const std::string name = database + ".MAILCHIMP." + table;
    return snowflake.engine().has_table(name) ? snowflake.engine().read(name, {"ACCOUNT_NAME"}).size() : 0;
  }
  /// Nothing of a run is left in S3 nor in Snowflake.
  void expect_clean() {
    EXPECT_TRUE(s3_.things().empty());
    for (const std::string& table : snowflake.engine().tables()) EXPECT_EQ(table.find("CHIMPLIFT_STAGE_"), std::string::npos) << table;
    EXPECT_TRUE(snowflake.breaches().empty()) << testing::PrintToString(snowflake.breaches());
  }

  snowflake_standin::Server snowflake;

 private:
  std::optional<std::filesystem::path> fetch(const std::string& key) {
    const auto things = s3_.things();
    const auto found = things.find(key);
    if (found == things.end()) return std::nullopt;
    const std::filesystem::path file = folder_ / "fetched.zst";
    std::ofstream(file, std::ios::binary) << found->second.bytes;
    return file;
  }
  std::filesystem::path folder_;
  standins::S3Server s3_;
};

TEST(e2e_snowflake, sync_loads_and_proves_every_key) {
  Scene scene;
  Cloud cloud(scene);
  const Ended synced = scene.run("sync", cloud.options(), cloud.environment());
  ASSERT_EQ(synced.code, 0) << synced.all();
  EXPECT_EQ(scene.certificate().at("verdict"), "safe to close");
  cloud.expect_clean();
  // The same archive into DuckDB: table for table the same rows.
  ASSERT_EQ(scene.run("load").code, 0);
  std::size_t compared = 0;
  for (const std::string& table :
       column_of(scene.duckdb(), "SELECT table_name FROM information_schema.tables WHERE table_schema = 'mailchimp'")) {
    std::string upper = table;
    std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    EXPECT_EQ(std::to_string(cloud.rows(upper)), column_of(scene.duckdb(), "SELECT count(*)::VARCHAR FROM mailchimp." + table).at(0))
        << table;
    ++compared;
  }
  EXPECT_GE(compared, 80U);
  Words theirs;
  for (const auto& row : cloud.snowflake.engine().read("BRANDS.MAILCHIMP.LIST_MEMBERS", {"ID", "EMAIL_ADDRESS", "STATUS", "SYNCED_AT"})) {
    theirs.push_back(row[0] + "|" + row[1] + "|" + row[2] + "|" + row[3]);
  }
  Words ours =
      column_of(scene.duckdb(),
                "SELECT id || '|' || email_address || '|' || status || '|' || (synced_at AT TIME ZONE 'UTC')::VARCHAR || '+00' FROM "
                "mailchimp.list_members");
  std::sort(ours.begin(), ours.end());
  std::sort(theirs.begin(), theirs.end());
  EXPECT_EQ(theirs, ours);
  // Again, with everything there: nothing twice.
  const std::size_t members = cloud.rows("LIST_MEMBERS");
  ASSERT_EQ(scene.run("load", cloud.options(), cloud.environment()).code, 0);
  EXPECT_EQ(cloud.rows("LIST_MEMBERS"), members);
}

TEST(e2e_snowflake, rows_that_the_warehouse_lost_are_gaps) {
  Scene scene;
  Cloud cloud(scene);
  ASSERT_EQ(scene.run("sync", cloud.options(), cloud.environment()).code, 0);
  cloud.snowflake.engine().lose_a_row("BRANDS.MAILCHIMP.LIST_MEMBERS");
  const Ended verified = scene.run("verify", cloud.options(), cloud.environment());
  EXPECT_EQ(verified.code, 3) << verified.all();
  EXPECT_THAT(findings(scene.certificate().at("gaps")), testing::Not(testing::IsEmpty()));
}

TEST(e2e_snowflake, outside_production_only_the_development_database_is_written) {
  Scene scene;
  Cloud cloud(scene);
  const Ended refused = scene.run("sync", cloud.options(), cloud.environment(false));
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("--dev-override true"));
  EXPECT_EQ(cloud.snowflake.requests(), 0);
  Words options = cloud.options();
  options.insert(options.end(), {"--dev-override", "true"});
  const Ended synced = scene.run("sync", options, cloud.environment(false));
  EXPECT_EQ(synced.code, 0) << synced.all();
  EXPECT_EQ(cloud.rows("LIST_MEMBERS"), 0U);
  EXPECT_GT(cloud.rows("LIST_MEMBERS", "BRANDS_DEV"), 0U);
}

TEST(e2e_snowflake, doctor_says_which_right_is_missing) {
  Scene scene;
  Cloud cloud(scene);
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
