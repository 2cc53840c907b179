// Loads a made-up archive into Snowflake's stand-in, batch after batch from the checkpoint on, as `chimplift load` does: what the kill
// tests kill.   snowflake-loader URL KEY-FILE STAGE-FOLDER
#include "base/files.hpp"
#include "standins/folder_stage.hpp"
#include "warehouse/loaded_rows.hpp"
#include "warehouse/snowflake_warehouse.hpp"

int main(int count, char** words) {
  using namespace chimplift;
  if (count != 4) return 2;
  SnowflakeSettings settings;
  settings.login.account = "myorg-my_acct";
  settings.login.user = "chimplift";
  settings.login.private_key = Secret(read_file(words[2]).value_or(""));
  settings.url = words[1];
  settings.place = {"PROD", "MAILCHIMP"};
  settings.stage = "MAILCHIMP_STAGE";
  settings.owner = "TEST";
  settings.patience_millis = 600'000;  // of slow machines too
  settings.first_pause_millis = 1;
  auto warehouse = open_snowflake(settings, std::make_shared<snowflake_standin::FolderStage>(words[3]));
  return warehouse && load_made_up(**warehouse) ? 0 : 1;
}
