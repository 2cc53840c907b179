// The files' side of e2e_compare.hpp.
#include <gtest/gtest.h>

#include "base/hash.hpp"
#include "e2e_compare.hpp"
#include "simulator/truth.hpp"

namespace chimplift::e2e {

namespace {

using Files = std::map<std::string, std::string>;

void add_body(Files& files, const std::string& name, const Json& record, const char* field) {
  const std::string text = record.value(field, "");
  if (!text.empty()) files["campaigns/" + name] = sha256_hex(text);
}

void add_bodies(Files& files, const Json& truth) {
  const std::string id = truth.at("parents").at("campaign_id");
  const Json& record = truth.at("record");
  add_body(files, id + ".html", record, "html");
  add_body(files, id + ".txt", record, "plain_text");
  add_body(files, id + ".archive.html", record, "archive_html");
  if (!record.contains("variate_contents")) return;
  int number = 0;
  for (const Json& variant : record.at("variate_contents")) {
    const std::string name = id + ".variant-" + std::to_string(++number);
    add_body(files, name + ".html", variant, "html");
    add_body(files, name + ".txt", variant, "plain_text");
  }
}

bool is_body(const std::string& path) { return path.starts_with("campaigns/") && !path.starts_with("campaigns/images/"); }

}  // namespace

Files expected_files(const mailchimp_sim::Account& account) {
  static const std::map<std::string, std::string> kFolders = {
      {"stored_files", "stored_files/"}, {"stored_file_thumbnails", "stored_files/thumbnails/"}, {"templates", "templates/"}};
  Files files;
  for (const std::string& line : mailchimp_sim::file_truth_of(account)) {
    const Json file = Json::parse(line);
    const std::string sha256 = file.at("sha256");
    const auto folder = kFolders.find(file.at("kind").get<std::string>());
    const std::string path = folder == kFolders.end() ? "campaigns/images/" + sha256 : folder->second + file.at("id").get<std::string>();
    files[path] = sha256;
  }
  const auto truth = mailchimp_sim::truth_of(account);
  for (const std::string& line : truth.at("campaign_content")) add_bodies(files, Json::parse(line));
  return files;
}

Files files_in(const std::filesystem::path& account_folder) {
  Files files;
  for (const std::filesystem::path& file : files_below(account_folder / "files")) {
    std::filesystem::path path = std::filesystem::relative(file, account_folder / "files");
    if (!is_body(path)) path.replace_extension();
    EXPECT_FALSE(files.contains(path)) << path << " is there twice";
    files[path] = sha256_hex(read_text(file));
  }
  return files;
}

}  // namespace chimplift::e2e
