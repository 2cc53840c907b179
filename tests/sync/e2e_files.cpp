// The files' side of e2e_compare.hpp.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "archive/layout.hpp"
#include "base/hash.hpp"
#include "e2e_compare.hpp"
#include "simulator/truth.hpp"

namespace chimplift::e2e {

namespace {

using Files = std::map<std::string, std::string>;

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
  return text;
}

/// What the simulator's bodies must become: they name images in images alone, in style elements as they are, elsewhere with entities.
class Bodies {
 public:
  Bodies(Files& files, const mailchimp_sim::Account& account) : files_(files) {
    for (const std::string& line : mailchimp_sim::file_truth_of(account)) {
      const Json file = Json::parse(line);
      if (file.at("kind") == "campaign_images")
        images_[file.at("url")] =
            "campaigns/images/" + file.at("sha256").get<std::string>() + "." + extension_of(file.at("url").get<std::string>());
    }
  }

  void add(const std::string& folder, const std::string& name, const Json& record, const char* field) {
    const std::string text = record.value(field, "");
    if (text.empty()) return;
    files_[folder + "/" + name] = sha256_hex(text);
    if (name.ends_with(".html")) files_[folder + "/" + name.substr(0, name.size() - 5) + ".local.html"] = sha256_hex(local(folder, text));
  }

 private:
  [[nodiscard]] std::string local(const std::string& folder, std::string text) const {
    for (const auto& [url, path] : images_) {
      const std::string relative = folder == "campaigns" ? path.substr(folder.size() + 1) : "../" + path;
      text = replaced(replaced(text, replaced(url, "&", "&amp;"), relative), url, relative);
    }
    // What says nothing of UTF-8 begins with a byte order mark, where that matters.
    const bool is_ascii = std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    return is_ascii || text.find("charset=\"utf-8\"") != std::string::npos ? text : "\xEF\xBB\xBF" + text;
  }

  Files& files_;
  std::map<std::string, std::string, std::greater<>> images_;  // longest first where one address begins with another
};

void add_campaign(Bodies& bodies, const Json& truth) {
  const std::string id = truth.at("parents").at("campaign_id");
  const Json& record = truth.at("record");
  bodies.add("campaigns", id + ".html", record, "html");
  bodies.add("campaigns", id + ".txt", record, "plain_text");
  bodies.add("campaigns", id + ".archive.html", record, "archive_html");
  if (!record.contains("variate_contents")) return;
  int number = 0;
  for (const Json& variant : record.at("variate_contents")) {
    const std::string name = id + ".variant-" + std::to_string(++number);
    bodies.add("campaigns", name + ".html", variant, "html");
    bodies.add("campaigns", name + ".txt", variant, "plain_text");
  }
}

void add_sections(Bodies& bodies, const Json& truth) {
  const Json& id = truth.at("parents").at("template_id");
  const Json& sections = truth.at("record").at("sections");
  for (const auto& [name, html] : sections.items())
    bodies.add("template_sections", (id.is_string() ? id.get<std::string>() : id.dump()) + "." + name + ".html", sections, name.c_str());
}

void add_texts(Bodies& bodies, const std::string& folder, const Json& truth, const std::string& parent,
               const std::vector<std::pair<const char*, const char*>>& fields) {
  const std::string id = truth.at("parents").at(parent);
  for (const auto& [field, suffix] : fields) bodies.add(folder, id + suffix, truth.at("record"), field);
}

/// Kept under their own names: what was fetched has an extension that is not known beforehand.
bool is_body(const std::string& path) {
  static const Words kBodies = {"campaigns/", "template_sections/", "landing_pages/"};
  if (path.starts_with("sms_campaigns/")) return path.ends_with(".txt");
  return !path.starts_with("campaigns/images/") &&
         std::any_of(kBodies.begin(), kBodies.end(), [&path](const std::string& folder) { return path.starts_with(folder); });
}

}  // namespace

Files expected_files(const mailchimp_sim::Account& account) {
  static const std::map<std::string, std::string> kFolders = {{"sms_media", "sms_campaigns/"},
                                                              {"stored_files", "stored_files/"},
                                                              {"stored_file_thumbnails", "stored_files/thumbnails/"},
                                                              {"templates", "templates/"}};
  Files files;
  for (const std::string& line : mailchimp_sim::file_truth_of(account)) {
    const Json file = Json::parse(line);
    const std::string sha256 = file.at("sha256");
    const auto folder = kFolders.find(file.at("kind").get<std::string>());
    const std::string path = folder == kFolders.end() ? "campaigns/images/" + sha256 : folder->second + file.at("id").get<std::string>();
    files[path] = sha256;
  }
  const auto truth = mailchimp_sim::truth_of(account);
  Bodies bodies(files, account);
  for (const std::string& line : truth.at("campaign_content")) add_campaign(bodies, Json::parse(line));
  for (const std::string& line : truth.at("template_default_content")) add_sections(bodies, Json::parse(line));
  for (const std::string& line : truth.at("landing_page_content"))
    add_texts(bodies, "landing_pages", Json::parse(line), "page_id", {{"html", ".html"}, {"json", ".json"}});
  for (const std::string& line : truth.at("sms_campaign_content"))
    add_texts(bodies, "sms_campaigns", Json::parse(line), "sms_campaign_id", {{"message_body", ".txt"}});
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
