#include "warehouse/snowflake_setup.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "warehouse/snowflake_sql.hpp"

namespace chimplift::snowflake {
namespace {

/// The base64 between the lines of PEM, on one line.
std::string body_of(std::string_view pem) {
  std::string body;
  for (const std::string& line : split(pem, '\n')) {
    if (!line.starts_with("-----")) body += trim(line);
  }
  return body;
}

std::string or_blank(const std::string& text, std::string_view blank) { return text.empty() ? std::string(blank) : text; }

}  // namespace

std::string setup_sql(const Setup& setup) {
  const std::string role = quote(setup.role);
  const std::string user = quote(setup.user);
  const std::string warehouse = quote(setup.warehouse);
  const std::string integration = quote(setup.stage + "_S3");
  const std::string url = literal(or_blank(setup.stage_url, "s3://<bucket>/<prefix>/"));
  std::string sql = fmt::format(
      R"(-- What chimplift needs in Snowflake, once. Run it as ACCOUNTADMIN, then DESC INTEGRATION at the end, then the trust policy in AWS.
-- Each statement may be run again. Nothing here gives the role more than its own databases, its stage and its virtual warehouse.

USE ROLE ACCOUNTADMIN;

-- XSMALL is enough for most accounts: a batch is up to a million rows or 512 MB. It sleeps after a minute without work.
CREATE WAREHOUSE IF NOT EXISTS {warehouse} WAREHOUSE_SIZE = XSMALL AUTO_SUSPEND = 60 AUTO_RESUME = TRUE INITIALLY_SUSPENDED = TRUE;

-- Below SYSADMIN, as every role should be: administrators see the tables that it makes.
CREATE ROLE IF NOT EXISTS {role};
GRANT ROLE {role} TO ROLE SYSADMIN;
GRANT USAGE ON WAREHOUSE {warehouse} TO ROLE {role};

-- A user that is a program: a key, no password.
CREATE USER IF NOT EXISTS {user} TYPE = SERVICE DEFAULT_ROLE = {role} DEFAULT_WAREHOUSE = {warehouse};
ALTER USER {user} SET RSA_PUBLIC_KEY = {key};
GRANT ROLE {role} TO USER {user};

-- How Snowflake reads the staged files. The role in AWS needs s3:GetObject, s3:GetObjectVersion, s3:ListBucket and s3:GetBucketLocation there.
CREATE STORAGE INTEGRATION IF NOT EXISTS {integration} TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE
  STORAGE_AWS_ROLE_ARN = {arn} STORAGE_ALLOWED_LOCATIONS = ({url});
GRANT USAGE ON INTEGRATION {integration} TO ROLE {role};
)",
      fmt::arg("warehouse", warehouse), fmt::arg("role", role), fmt::arg("user", user), fmt::arg("integration", integration),
      fmt::arg("key", literal(or_blank(body_of(setup.public_key), "<public key, without its first and last line>"))),
      fmt::arg("arn", literal(or_blank(setup.storage_role_arn, "arn:aws:iam::<account>:role/<role>"))), fmt::arg("url", url));
  const std::string dev = setup.dev_database.empty() ? setup.database + "_DEV" : setup.dev_database;
  for (const std::string& database : {setup.database, dev}) {
    const std::string schema = quote(database) + "." + quote(setup.schema);
    sql += fmt::format(
        R"(
-- {what}
CREATE DATABASE IF NOT EXISTS {database};
CREATE SCHEMA IF NOT EXISTS {schema};
CREATE STAGE IF NOT EXISTS {schema}.{stage} URL = {url} STORAGE_INTEGRATION = {integration};
GRANT USAGE ON DATABASE {database} TO ROLE {role};
GRANT USAGE, CREATE TABLE ON SCHEMA {schema} TO ROLE {role};
GRANT USAGE ON STAGE {schema}.{stage} TO ROLE {role};
)",
        fmt::arg("what", database == dev ? "For runs outside production (--dev-override true)." : "The tables."),
        fmt::arg("database", quote(database)), fmt::arg("schema", schema), fmt::arg("stage", quote(setup.stage)), fmt::arg("url", url),
        fmt::arg("integration", integration), fmt::arg("role", role));
  }
  return sql + "\n-- STORAGE_AWS_IAM_USER_ARN and STORAGE_AWS_EXTERNAL_ID go into the trust policy of the role in AWS.\nDESC INTEGRATION " +
         integration + ";\n";
}

}  // namespace chimplift::snowflake
