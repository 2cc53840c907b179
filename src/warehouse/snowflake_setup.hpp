// What an administrator of Snowflake runs once, as SQL.
#pragma once

#include <string>
#include <string_view>

namespace chimplift::snowflake {

struct Setup {
  std::string user = "CHIMPLIFT";
  std::string role = "CHIMPLIFT";
  std::string warehouse = "CHIMPLIFT_WH";
  std::string database = "CHIMPLIFT";
  std::string dev_database;  // "": database and "_DEV"
  std::string schema = "MAILCHIMP";
  std::string stage = "CHIMPLIFT_STAGE";
  std::string stage_url;         // "s3://bucket/prefix/"
  std::string storage_role_arn;  // AWS's role that Snowflake takes on to read there
  std::string public_key;        // PEM
};

/// The statements, with comments that say what each is for. What was not given stands as a place to fill in: "<…>".
std::string setup_sql(const Setup& setup);

}  // namespace chimplift::snowflake
