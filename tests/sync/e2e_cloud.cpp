// See e2e_cloud.hpp.
#include "e2e_cloud.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <system_error>

#include "base/private_key.hpp"
#include "built_paths.hpp"

namespace chimplift::e2e {

Words with(Words environment, const Words& more) {
  for (const std::string& entry : more) {
    const std::string name = entry.substr(0, entry.find('=') + 1);
    std::erase_if(environment, [&name](const std::string& other) { return other.starts_with(name); });
    if (entry != name) environment.push_back(entry);
  }
  return environment;
}

// ---- AWS

AwsCloud::AwsCloud() { sts.verifier.keys[kKeyId] = s3.verifier.keys.at(kKeyId); }

Words AwsCloud::environment(const Words& more) const {
  return with({"HOME=/nonexistent", "AWS_ENDPOINT_URL_S3=" + s3.url(), "AWS_ENDPOINT_URL_SECRETS_MANAGER=" + secrets.url(),
               "AWS_ENDPOINT_URL_STS=" + sts.url(), "AWS_EC2_METADATA_SERVICE_ENDPOINT=" + metadata.url(), "AWS_EC2_METADATA_DISABLED=true",
               std::string("AWS_REGION=") + kRegion, std::string("AWS_ACCESS_KEY_ID=") + kKeyId, "AWS_SECRET_ACCESS_KEY=" + secret_key()},
              more);
}

// ---- Snowflake

namespace {

std::string new_key(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "new_key.p8";
  const std::string make = "openssl genrsa 2048 2>/dev/null | openssl pkcs8 -topk8 -nocrypt -out " + file.string();
  EXPECT_EQ(std::system(make.c_str()), 0);
  return read_text(file);
}

/// The key that the first test made stands in the build's folder for the others: each would take a good part of a second for its own.
std::string kept_key(const std::filesystem::path& folder) {
  const std::filesystem::path kept = std::filesystem::path(CHIMPLIFT_BIN).parent_path().parent_path() / "tests" / "throwaway_key.p8";
  std::string key = read_text(kept);
  if (!key.empty()) return key;
  key = new_key(folder);
  // Under its name it is whole, whoever else is making it.
  const std::filesystem::path part = kept.string() + "." + std::to_string(getpid());
  write_text(part, key);
  std::error_code ignored;
  std::filesystem::rename(part, kept, ignored);
  return key;
}

}  // namespace

SnowflakeCloud::SnowflakeCloud(const Scene& scene) : key_file(scene.folder() / "key.p8"), folder_(scene.folder()) {
  use_key(kept_key(folder_));
  for (const std::string database : {"BRANDS", "BRANDS_DEV"}) snowflake.engine().add_database(database);
  see_stage_at("stage/");
  snowflake.start();
}

void SnowflakeCloud::see_stage_at(const std::string& folder) {
  for (const std::string database : {"BRANDS", "BRANDS_DEV"}) {
    snowflake.engine().add_stage(database + ".MAILCHIMP.CHIMPLIFT_STAGE",
                                 {"s3://test-bucket/" + folder, [this, folder](const std::string& path) { return fetch(folder + path); }});
  }
}

void SnowflakeCloud::replace_key() { use_key(new_key(folder_)); }

void SnowflakeCloud::use_key(const std::string& pem) {
  write_text(key_file, pem);
  snowflake.add_user("MYORG-MYACCT", "LOADER", PrivateKey::parse(pem, Secret())->public_pem());
}

Words SnowflakeCloud::options(const Words& more) const {
  const std::pair<std::string, std::string> all[] = {{"--warehouse", "snowflake:myorg-myacct/brands"},
                                                     {"--snowflake-user", "loader"},
                                                     {"--snowflake-private-key", key_file.string()},
                                                     {"--snowflake-stage-url", "s3://test-bucket/stage/"},
                                                     {"--snowflake-url", snowflake.url()}};
  Words words;
  for (const auto& [option, value] : all) {
    if (std::find(more.begin(), more.end(), option) == more.end()) words.insert(words.end(), {option, value});
  }
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

Words SnowflakeCloud::environment(bool is_production) const {
  return aws.environment(is_production ? Words{"CHIMPLIFT_ENV=production"} : Words{});
}

Json SnowflakeCloud::document() const {
  return {{"account", "myorg-myacct"},
          {"user", "loader"},
          {"database", "brands"},
          {"private_key", read_text(key_file)},
          {"stage_url", "s3://test-bucket/stage/"},
          {"url", snowflake.url()}};
}

std::size_t SnowflakeCloud::rows(const std::string& table, const std::string& database) {
  const std::string name = database + ".MAILCHIMP." + table;
  return snowflake.engine().has_table(name) ? snowflake.engine().read(name, {"ACCOUNT_NAME"}).size() : 0;
}

void SnowflakeCloud::expect_clean() {
  EXPECT_TRUE(aws.s3.things().empty());
  for (const std::string& table : snowflake.engine().tables()) EXPECT_EQ(table.find("CHIMPLIFT_STAGE_"), std::string::npos) << table;
  EXPECT_TRUE(snowflake.breaches().empty()) << testing::PrintToString(snowflake.breaches());
}

std::optional<std::filesystem::path> SnowflakeCloud::fetch(const std::string& key) {
  const auto things = aws.s3.things();
  const auto found = things.find(key);
  if (found == things.end()) return std::nullopt;
  std::filesystem::path file = folder_ / "fetched.zst";
  std::ofstream(file, std::ios::binary) << found->second.bytes;
  return file;
}

}  // namespace chimplift::e2e
