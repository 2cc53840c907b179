// What `status` says of an archive is what its certificate says.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "e2e.hpp"

namespace chimplift::e2e {
namespace {

Json status_of(const Scene& scene) { return Json::parse(scene.run("status", {"--json"}).out).at("accounts").at(0); }

Json stream_of(const Json& status, const std::string& table) {
  for (const Json& stream : status.at("streams")) {
    if (stream.at("table") == table) return stream;
  }
  ADD_FAILURE() << "status has no " << table;
  return Json();
}

TEST(e2e_status, agrees_with_the_certificate_of_the_same_run) {
  const Scene scene;
  ASSERT_EQ(scene.sync({"--excluded-steps", "templates"}).code, 0);
  const Json certificate = scene.certificate();
  const Json status = status_of(scene);
  std::map<std::string, std::string> states;
  for (const Json& stream : certificate.at("streams")) states[stream.at("table")] = stream.at("state");
  EXPECT_EQ(states.at("templates"), "excluded");
  for (const Json& stream : status.at("streams")) {
    const std::string table = stream.at("table");
    EXPECT_EQ(stream.at("state"), states.at(table)) << table;
  }
  i64 files = 0;
  for (const Json& kind : certificate.at("files")) files += kind.at("fetched").get<i64>();
  EXPECT_EQ(status.at("files"), files) << "copies of bodies with links into the archive are files too";
}

TEST(e2e_status, tables_that_come_in_other_tables_records_stand_as_those_do) {
  const Scene scene;
  ASSERT_EQ(scene.run("pull", {"--only-steps", "ecommerce"}).code, 0);
  const Json status = status_of(scene);
  const Json lines = stream_of(status, "order_lines");
  EXPECT_EQ(lines.at("inside"), "orders");
  EXPECT_EQ(lines.at("state"), stream_of(status, "orders").at("state"));
  EXPECT_EQ(lines.at("state"), "read so far");
  EXPECT_TRUE(stream_of(status, "orders").at("inside").is_null());
  EXPECT_EQ(stream_of(status, "templates").at("state"), "not begun");
  EXPECT_NE(scene.run("status").out.find("in orders"), std::string::npos);
}

}  // namespace
}  // namespace chimplift::e2e
