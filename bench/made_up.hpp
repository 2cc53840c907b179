// Pages such as Mailchimp sends them, and a folder to measure in.
#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "mailchimp/catalogue.hpp"

namespace chimplift::bench {

/// Removed when it goes.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "chimplift-bench-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no folder to measure in");
    path_ = pattern;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// A value that has to be there.
template <typename T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

inline std::string members_page(i64 first, i64 records) {
  std::string body = R"({"members":[)";
  for (i64 i = first; i < first + records; ++i) {
    if (i > first) body += ',';
    body += fmt::format(
        R"({{"id":"{0:032x}","email_address":"person{0}@example.com","unique_email_id":"{0:010x}","contact_id":"{0:032x}",)"
        R"("full_name":"Person Number {0}","web_id":{0},"email_type":"html","status":"subscribed","unsubscribe_reason":"",)"
        R"("consents_to_one_to_one_messaging":true,"merge_fields":{{"FNAME":"Person","LNAME":"{0}","ADDRESS":{{"addr1":"Main Street {0}","city":"Springfield","zip":"{0}"}}}},)"
        R"("interests":{{"9143cf3bd1":true,"3a2a927344":false}},"stats":{{"avg_open_rate":0.25,"avg_click_rate":0.0625}},"ip_signup":"",)"
        R"("timestamp_signup":"","ip_opt":"198.51.100.7","timestamp_opt":"2021-05-06T07:08:09+00:00","member_rating":4,)"
        R"("last_changed":"2022-01-02T03:04:05+00:00","language":"en","vip":false,"email_client":"Gmail",)"
        R"("location":{{"latitude":47.61,"longitude":-122.33,"gmtoff":-8,"dstoff":-7,"country_code":"US","timezone":"America/Los_Angeles","region":"WA"}},)"
        R"("source":"API - Generic","tags_count":2,"tags":[{{"id":1,"name":"one"}},{{"id":2,"name":"two"}}],"list_id":"abc123def4"}})",
        i);
  }
  return body + fmt::format(R"(],"list_id":"abc123def4","total_items":{}}})", records);
}

inline std::string activity_page(i64 first, i64 records) {
  std::string body = R"({"emails":[)";
  for (i64 i = first; i < first + records; ++i) {
    if (i > first) body += ',';
    body += fmt::format(
        R"({{"campaign_id":"c0ffee1234","list_id":"abc123def4","list_is_active":true,"email_id":"{0:032x}","email_address":"person{0}@example.com",)"
        R"("activity":[{{"action":"open","timestamp":"2022-01-02T03:04:05+00:00","ip":"198.51.100.7"}},{{"action":"open","timestamp":"2022-01-03T03:04:05+00:00","ip":"198.51.100.7"}},)"
        R"({{"action":"click","timestamp":"2022-01-02T03:05:05+00:00","url":"https://example.com/offer?id={0}","ip":"198.51.100.7"}}]}})",
        i);
  }
  return body + fmt::format(R"(],"campaign_id":"c0ffee1234","total_items":{}}})", records);
}

inline Table table_named(std::string_view name) { return table_of(*find_stream(name)); }

}  // namespace chimplift::bench
