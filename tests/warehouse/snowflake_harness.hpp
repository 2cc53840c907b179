// Snowflake's stand-in with a stage of its own.
#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <memory>

#include "standins/folder_stage.hpp"
#include "standins/snowflake_server.hpp"
#include "warehouse/harness.hpp"
#include "warehouse/snowflake_rows.hpp"
#include "warehouse/snowflake_warehouse.hpp"

namespace chimplift {

/// A key of this test program, made once.
inline const std::string& test_key() {
  static const std::string kKey = [] {
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen("openssl genrsa 2048 2>/dev/null | openssl pkcs8 -topk8 -nocrypt", "r"), pclose);
    std::string text;
    char piece[4096];
    for (std::size_t size = 0; (size = fread(piece, 1, sizeof piece, pipe.get())) > 0;) text.append(piece, size);
    return text;
  }();
  return kKey;
}

class SnowflakeHarness : public Harness {
 public:
  /// `prefix` is the folder of the staged files below the stage, with a slash at its end.
  explicit SnowflakeHarness(const std::string& prefix = snowflake_standin::kStagingPrefix) : prefix_(prefix) {
    server.add_user("MYORG-MY_ACCT", "CHIMPLIFT", PrivateKey::parse(test_key(), Secret())->public_pem());
    server.engine().add_database("PROD");
    server.engine().add_stage("PROD.MAILCHIMP.MAILCHIMP_STAGE", snowflake_standin::stage_of_folder(folder.path(), prefix_));
    server.start();
  }

  [[nodiscard]] SnowflakeSettings settings() const {
    SnowflakeSettings settings;
    settings.login.account = "myorg-my_acct";
    settings.login.user = "chimplift";
    settings.login.private_key = Secret(test_key());
    settings.url = server.url();
    settings.role = "CHIMPLIFT";
    settings.warehouse = "CHIMPLIFT_WH";
    settings.place = {"PROD", "MAILCHIMP"};
    settings.stage = "MAILCHIMP_STAGE";
    settings.owner = "TEST";
    settings.patience_millis = 600'000;  // of slow machines too
    settings.first_pause_millis = 1;
    return settings;
  }

  Result<std::unique_ptr<Warehouse>> open() override { return open_snowflake(settings(), files()); }
  [[nodiscard]] std::shared_ptr<StageFiles> files() const {
    return std::make_shared<snowflake_standin::FolderStage>(folder.path(), prefix_);
  }

  std::vector<std::vector<std::string>> read(const std::string& table, const std::vector<std::string>& columns) override {
    std::vector<std::string> names;
    for (const std::string& column : columns) names.push_back(snowflake::upper(column));
    return server.engine().read("PROD.MAILCHIMP." + snowflake::upper(table), names);
  }
  [[nodiscard]] std::string kept(const std::string& json) const override { return *snowflake::variant_json(json); }

  /// What a run should not leave behind: staging tables and staged files.
  std::vector<std::string> left_behind() {
    std::vector<std::string> names = *files()->list();
    for (const std::string& table : server.engine().tables()) {
      if (table.find("CHIMPLIFT_STAGE_") != std::string::npos || table.find("TRIAL") != std::string::npos) names.push_back(table);
    }
    return names;
  }

  TemporaryFolder folder;
  snowflake_standin::Server server;

 private:
  std::string prefix_;
};

}  // namespace chimplift
