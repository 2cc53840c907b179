#include "generate/links.hpp"

#include <fmt/format.h>

#include "warehouse/snowflake_sql.hpp"

namespace chimplift {

std::string snowflake_links_sql(const snowflake::Setup& setup, std::string_view archive) {
  using snowflake::literal;
  std::string root = archive.empty() ? "s3://<bucket>/<prefix of the archive>/" : std::string(archive);
  if (!root.ends_with('/')) root += '/';
  const std::string staged = setup.stage_url.empty() ? root + "_snowflake_stage/" : setup.stage_url;
  // What lies below an allowed location is allowed as well.
  const std::string allowed = staged.starts_with(root) ? literal(root) : literal(staged) + ", " + literal(root);
  const std::string schema = quote(setup.database) + "." + quote(setup.schema);
  const std::string about_stage = setup.stage_url.empty() ? R"(
-- The stage's folder is taken to be _snowflake_stage/ in the archive. Where it is another one, print this anew with its
-- --snowflake-stage-url: no load works any more without that location.)"
                                                          : "";
  return fmt::format(
      R"(-- A link for each file of the archive, for an hour, presigned by Snowflake when it is asked for.
-- Run it as ACCOUNTADMIN, behind what `chimplift generate snowflake-setup` printed and the first load. Each statement may be run again.
-- The role in AWS needs s3:GetObject below the archive's prefix.

USE ROLE ACCOUNTADMIN;

-- SET replaces the whole list of locations (DESC INTEGRATION shows it): whatever else the integration serves has to stand here too.{staged}
ALTER STORAGE INTEGRATION {integration} SET STORAGE_ALLOWED_LOCATIONS = ({allowed});
CREATE STAGE IF NOT EXISTS {schema}.{stage} URL = {root} STORAGE_INTEGRATION = {integration};

-- The table belongs to the role that loads. ACCOUNTADMIN may grant itself what it needs, also where that role is not below it.
GRANT SELECT ON TABLE {schema}."ASSETS" TO ROLE ACCOUNTADMIN;
CREATE OR REPLACE VIEW {schema}.{view} AS
SELECT
  ACCOUNT_NAME,
  STORAGE_URI,
  MAX(SHA256) AS SHA256,
  MAX(BYTES) AS BYTES,
  MAX(CONTENT_TYPE) AS CONTENT_TYPE,
  GET_PRESIGNED_URL(@{schema}.{stage}, SUBSTR(STORAGE_URI, LENGTH({root}) + 1), 3600) AS LINK
FROM {schema}."ASSETS"
WHERE STARTSWITH(STORAGE_URI, {root})
GROUP BY ACCOUNT_NAME, STORAGE_URI;

GRANT USAGE ON STAGE {schema}.{stage} TO ROLE {role};
GRANT SELECT ON VIEW {schema}.{view} TO ROLE {role};
)",
      fmt::arg("integration", quote(setup.stage + "_S3")), fmt::arg("allowed", allowed), fmt::arg("staged", about_stage),
      fmt::arg("schema", schema), fmt::arg("stage", quote("CHIMPLIFT_FILES")), fmt::arg("root", literal(root)),
      fmt::arg("view", quote(snowflake::upper(kLinksView))), fmt::arg("role", quote(setup.role)));
}

std::string duckdb_links_sql(const TablePlace& place) {
  return fmt::format(
      R"(CREATE OR REPLACE VIEW {view} AS
SELECT
  account_name,
  storage_uri,
  max(sha256) AS sha256,
  max(bytes) AS bytes,
  max(content_type) AS content_type,
  CASE WHEN starts_with(storage_uri, 'file://') THEN url_decode(substr(storage_uri, 8)) ELSE storage_uri END AS link
FROM {assets}
WHERE storage_uri IS NOT NULL
GROUP BY account_name, storage_uri;
)",
      fmt::arg("view", table_sql(place, kLinksView)), fmt::arg("assets", table_sql(place, "assets")));
}

}  // namespace chimplift
