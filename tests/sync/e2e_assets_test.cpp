// Every byte of the account can be found by SQL.
#include <gtest/gtest.h>

#include <set>

#include "base/hash.hpp"
#include "e2e_compare.hpp"
#include "simulator/truth.hpp"

namespace chimplift::e2e {
namespace {

std::string percent_decoded(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    plain += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
    i += 2;
  }
  return plain;
}

std::filesystem::path path_of(const std::string& uri) {
  EXPECT_TRUE(uri.starts_with("file:///")) << uri;
  return percent_decoded(uri.substr(std::string("file://").size()));
}

class Assets : public testing::Test {
 protected:
  /// Runs the command for the steps that have most kinds of files, and few tables.
  [[nodiscard]] int code_of(const std::string& command) const {
    return scene.run(command, {"--only-steps", "campaign_content,stored_files,templates"}).code;
  }
  [[nodiscard]] Tables tables() const { return tables_in(scene.duckdb(), scene.account().name, true); }
  Scene scene;
};

TEST_F(Assets, EveryFileIsFoundWhereItsRowSaysAndByTheRecordsThatNameIt) {
  ASSERT_EQ(scene.sync().code, 0);
  const Sql sql(scene.duckdb());
  const auto column = [&sql](const std::string& query) { return sql.column(query); };
  const auto one = [&column](const std::string& query) {
    const std::vector<std::string> rows = column(query);
    return rows.size() == 1 ? rows[0] : std::to_string(rows.size()) + " rows";
  };
  {
    SCOPED_TRACE("every file is there, and where its row says");
    static const std::map<std::string, std::string> kKinds = {{"sms_media", "sms_campaigns"},
                                                              {"stored_files", "stored_files"},
                                                              {"stored_file_thumbnails", "stored_files/thumbnails"},
                                                              {"templates", "templates"}};
    std::size_t files = 0;
    for (const std::string& line : mailchimp_sim::file_truth_of(scene.account())) {
      const Json file = Json::parse(line);
      const auto kind = kKinds.find(file.at("kind").get<std::string>());
      const std::string id = file.at(kind == kKinds.end() ? "url" : "id");
      const std::string where = " WHERE kind = '" + (kind == kKinds.end() ? "images" : kind->second) + "' AND file_id = '" + id + "'";
      const std::vector<std::string> uris = column("SELECT DISTINCT storage_uri FROM mailchimp.assets" + where);
      ASSERT_EQ(uris.size(), 1U) << line;
      EXPECT_EQ(sha256_hex(read_text(path_of(uris[0]))), file.at("sha256").get<std::string>()) << line;
      EXPECT_EQ(one("SELECT DISTINCT sha256 || ' ' || bytes || ' ' || outcome || ' ' || source_url FROM mailchimp.assets" + where),
                file.at("sha256").get<std::string>() + " " + file.at("bytes").dump() + " fetched " + file.at("url").get<std::string>());
      ++files;
    }
    EXPECT_GT(files, 10U);
    // And nothing lies in the folder that no row speaks of.
    std::set<std::filesystem::path> known;
    for (const std::string& uri : column("SELECT DISTINCT storage_uri FROM mailchimp.assets WHERE storage_uri IS NOT NULL"))
      known.insert(path_of(uri));
    for (const auto& file : files_below(std::filesystem::absolute(scene.account_folder()) / "files"))
      EXPECT_TRUE(known.contains(file)) << file;
  }
  {
    SCOPED_TRACE("a campaign's images by its id");
    const auto truth = mailchimp_sim::truth_of(scene.account());
    for (const std::string& line : truth.at("campaign_content")) {
      const Json content = Json::parse(line);
      const std::string id = content.at("parents").at("campaign_id");
      std::set<std::string> expected;
      for (const auto& [path, file] : scene.account().files) {
        std::string in_html = file.url;
        for (std::size_t at = in_html.find('&'); at != std::string::npos; at = in_html.find('&', at + 5)) in_html.replace(at, 1, "&amp;");
        const std::string text = content.at("record").dump();
        if (text.find(file.url) != std::string::npos || text.find(in_html) != std::string::npos) expected.insert(file.url);
      }
      const auto found = column(
          "SELECT source_url FROM mailchimp.assets WHERE kind = 'images' AND used_in = 'campaign_content' AND used_in_id = '" + id + "'");
      EXPECT_EQ(std::set<std::string>(found.begin(), found.end()), expected) << id;
      EXPECT_EQ(found.size(), expected.size()) << id;
    }
  }
  {
    SCOPED_TRACE("records that are files");
    EXPECT_EQ(
        one("SELECT count(*)::VARCHAR FROM mailchimp.stored_files WHERE sha256 IS NULL OR bytes IS DISTINCT FROM size OR content_type "
            "IS NULL"),
        "0");
    EXPECT_EQ(one("SELECT count(*)::VARCHAR FROM mailchimp.templates WHERE (thumbnail <> '') IS DISTINCT FROM (storage_uri IS NOT NULL)"),
              "0");
    EXPECT_EQ(one("SELECT count(*)::VARCHAR FROM mailchimp.templates WHERE content_type IS NOT NULL AND content_type NOT LIKE 'image/%'"),
              "0");
    EXPECT_EQ(
        one("SELECT count(*)::VARCHAR FROM mailchimp.stored_files f JOIN mailchimp.assets a ON a.kind = 'stored_files' AND a.used_in_id = "
            "f.id::VARCHAR AND a.account_name = f.account_name AND a.storage_uri = f.storage_uri AND a.sha256 = f.sha256"),
        one("SELECT count(*)::VARCHAR FROM mailchimp.stored_files"));
  }
  {
    SCOPED_TRACE("pictures that records name");
    // The simulator has one form with a picture and another in its message, one ad with two, and a social card for each automation's e-mail
    // that was sent.
    const std::map<std::string, std::string> kPictures = {{"list_signup_forms", "2"}, {"facebook_ads", "2"}, {"facebook_ad_stats", "1"}};
    for (const auto& [table, count] : kPictures) {
      EXPECT_EQ(
          one("SELECT count(*)::VARCHAR FROM mailchimp.assets WHERE kind = 'images' AND outcome = 'fetched' AND used_in = '" + table + "'"),
          count)
          << table;
    }
    // An automation's e-mail is a campaign that is had by its id alone: the whole answer is its record.
    EXPECT_EQ(
        one("SELECT count(*)::VARCHAR FROM mailchimp.campaigns c JOIN mailchimp.automation_emails e ON e.id = c.id LEFT JOIN "
            "mailchimp.assets a ON a.used_in = 'campaigns' AND a.used_in_id = c.id AND a.outcome = 'fetched' WHERE a.storage_uri IS NULL"),
        "0");
    EXPECT_NE(one("SELECT count(*)::VARCHAR FROM mailchimp.assets WHERE used_in = 'campaigns' AND outcome = 'fetched'"), "0");
    EXPECT_EQ(
        one("SELECT count(*)::VARCHAR FROM mailchimp.automation_emails e LEFT JOIN mailchimp.assets a ON a.account_name = "
            "e.account_name AND a.used_in = 'automation_emails' AND a.used_in_id = e.id AND a.outcome = 'fetched' WHERE (e.emails_sent "
            "> 0) IS DISTINCT FROM (a.storage_uri IS NOT NULL)"),
        "0");
  }
}

TEST_F(Assets, VerifyFindsWhatIsGoneAndLoadMakesItAsItWas) {
  ASSERT_EQ(code_of("sync"), 0);
  const Tables before = tables();
  {
    SCOPED_TRACE("a row that is gone");
    execute(scene.duckdb(), "DELETE FROM mailchimp.assets WHERE sha256 = (SELECT min(sha256) FROM mailchimp.assets)");
    EXPECT_EQ(code_of("verify"), 3);
    EXPECT_EQ(scene.certificate().at("gaps")[0].at("stream"), "assets");
    EXPECT_EQ(code_of("load"), 0);
    EXPECT_EQ(code_of("verify"), 0);
    expect_equal(before, tables(), "loaded again");
  }
  {
    SCOPED_TRACE("a record that is a file: what is known of its file comes back with it");
    execute(scene.duckdb(), "DELETE FROM mailchimp.stored_files WHERE id = (SELECT min(id) FROM mailchimp.stored_files)");
    EXPECT_EQ(code_of("verify"), 3);
    EXPECT_EQ(code_of("load"), 0);
    expect_equal(before, tables(), "loaded again");
  }
  {
    SCOPED_TRACE("a warehouse of an earlier version");
    execute(scene.duckdb(), "DROP TABLE mailchimp.assets");
    for (const std::string column : {"storage_uri", "sha256", "bytes", "content_type"})
      execute(scene.duckdb(), "ALTER TABLE mailchimp.stored_files DROP COLUMN " + column);
    execute(scene.duckdb(), "DELETE FROM chimplift.checkpoints WHERE table_name LIKE 'assets of %'");
    EXPECT_EQ(code_of("load"), 0);
    expect_equal(before, tables(), "loaded again");
  }
  {
    SCOPED_TRACE("an archive that was moved says where it is now");
    const auto moved = scene.folder() / "moved here & \xC3\xBC";
    std::filesystem::rename(scene.archive, moved);
    scene.archive = moved;
    EXPECT_EQ(code_of("load"), 0);
    for (const std::string& uri :
         column_of(scene.duckdb(),
                   "SELECT storage_uri FROM mailchimp.assets WHERE storage_uri IS NOT NULL UNION SELECT storage_uri FROM "
                   "mailchimp.stored_files WHERE storage_uri IS NOT NULL"))
      ASSERT_TRUE(std::filesystem::is_regular_file(path_of(uri))) << uri;
  }
}

}  // namespace
}  // namespace chimplift::e2e
