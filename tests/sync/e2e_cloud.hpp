// AWS and Snowflake on this machine for the real program: start one of these beside a Scene, and hand `environment()` to what is run.
//   Scene scene;
//   AwsCloud aws;
//   scene.run("sync", {"--accounts", "aws:brands"}, aws.environment());
#pragma once

#include <optional>
#include <string>

#include "e2e.hpp"
#include "standins/aws_services.hpp"
#include "standins/s3_server.hpp"
#include "standins/snowflake_server.hpp"

namespace chimplift::e2e {

/// "NAME=value" each; of the same name the later one stands, and "NAME=" takes it away.
Words with(Words environment, const Words& more);

/// S3 (the bucket "test-bucket"), Secrets Manager, STS and a machine's metadata (not asked, unless AWS_EC2_METADATA_DISABLED= is taken
/// away), all in eu-central-1 and for one key. Faults are planted with their server().add_fault(…).
class AwsCloud {
 public:
  static constexpr const char* kRegion = "eu-central-1";
  static constexpr const char* kKeyId = "AKIDEXAMPLE";

  AwsCloud();
  AwsCloud(const AwsCloud&) = delete;
  AwsCloud& operator=(const AwsCloud&) = delete;

  /// Endpoints, region, keys, a HOME without ~/.aws; and `more`, as `with` takes it.
  [[nodiscard]] Words environment(const Words& more = {}) const;
  /// What a program was given and must never show.
  [[nodiscard]] std::string secret_key() const { return s3.verifier.keys.at(kKeyId).secret; }

  standins::S3Server s3;
  standins::SecretsServer secrets;
  standins::StsServer sts;
  standins::MetadataServer metadata;
};

/// Snowflake beside it: the account myorg-myacct with the user LOADER and its key in `key_file`, the databases BRANDS and BRANDS_DEV, and
/// in the schema MAILCHIMP of each the stage CHIMPLIFT_STAGE over s3://test-bucket/stage/.
class SnowflakeCloud {
 public:
  explicit SnowflakeCloud(const Scene& scene);
  SnowflakeCloud(const SnowflakeCloud&) = delete;
  SnowflakeCloud& operator=(const SnowflakeCloud&) = delete;

  /// --warehouse snowflake:… with all that belongs to it; of those in `more` the given value stands.
  [[nodiscard]] Words options(const Words& more = {}) const;
  [[nodiscard]] Words environment(bool is_production = true) const;
  /// The same settings as a secret's document.
  [[nodiscard]] Json document() const;
  /// Rows of a table, of all accounts; 0 where there is no such table.
  std::size_t rows(const std::string& table, const std::string& database = "BRANDS");
  /// Nothing of a run is left in S3 nor in Snowflake, and every request had its form.
  void expect_clean();
  /// Lets both stages see this folder of the bucket ("stage/" at first).
  void see_stage_at(const std::string& folder);
  /// Another key for the user, in place of the one that is there: what the program has is refused from now on.
  void replace_key();

  AwsCloud aws;
  snowflake_standin::Server snowflake;
  const std::filesystem::path key_file;

 private:
  void use_key(const std::string& pem);
  std::optional<std::filesystem::path> fetch(const std::string& key);
  std::filesystem::path folder_;
};

}  // namespace chimplift::e2e
