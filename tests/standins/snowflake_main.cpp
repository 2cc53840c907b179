// The stand-in for Snowflake as a program, for trying chimplift by hand.
//   snowflake-sim PORT PUBLIC.pem STAGE-FOLDER SECONDS
// One account MYORG-MYACCT with the user CHIMPLIFT, the databases PROD and PROD_DEV with the schema MAILCHIMP, and the stage
// MAILCHIMP_STAGE, which sees the folder as s3://bucket/. All that it holds is gone when it ends.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "standins/folder_stage.hpp"
#include "standins/snowflake_server.hpp"

int main(int count, char** words) {
  if (count != 5) {
    std::fprintf(stderr, "usage: snowflake-sim PORT PUBLIC.pem STAGE-FOLDER SECONDS\n");
    return 2;
  }
  const auto key = chimplift::read_file(words[2]);
  if (!key) {
    std::fprintf(stderr, "%s\n", key.error().message.c_str());
    return 2;
  }
  snowflake_standin::Server server;
  server.add_user("MYORG-MYACCT", "CHIMPLIFT", *key);
  for (const std::string database : {"PROD", "PROD_DEV"}) {
    server.engine().add_database(database);
    server.engine().add_stage(database + ".MAILCHIMP.MAILCHIMP_STAGE", snowflake_standin::stage_of_folder(words[3]));
  }
  server.start(std::atoi(words[1]));
  std::printf("listening on %s\n", server.url().c_str());
  std::fflush(stdout);
  std::this_thread::sleep_for(std::chrono::seconds(std::atoi(words[4])));
  return 0;
}
