// An account whose every answer a test writes down, for what plan and doctor ask.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "in_process.hpp"
#include "support/raw_server.hpp"
#include "support/temporary_folder.hpp"

namespace chimplift::e2e {

inline constexpr std::string_view kNoSuchPage = R"({"type":"about:blank","title":"Resource Not Found","status":404})";
inline const std::string kForbidden = R"({"type":"about:blank","title":"Forbidden","status":403})";
inline const std::string kDeactivated = R"({"type":"about:blank","title":"User Disabled","status":403})";

/// Whatever the test gave no answer for is not there.
class Answers {
 public:
  /// What a path (below the API's root) answers, one after another; the last one for ever.
  void give(const std::string& path, std::vector<std::string> bodies) { bodies_["/3.0" + path] = std::move(bodies); }

  [[nodiscard]] Settings settings_for(const Words& steps) {
    Settings settings;
    settings.accounts =
        *parse_accounts(R"([{"account_name":"shop","api_key":"0123456789abcdef0123456789abcdef-us12"}])", "the test", server_.url("/3.0"));
    settings.selection = *Selection::of({}, steps);
    settings.archive = folder_tree(folder_ / "archive");
    settings.pace = hurried();
    return settings;
  }

  /// The archive of the account is one of this Mailchimp account.
  void make_archive_of(const std::string& id) const {
    const auto archive = *AccountArchive::open(*folder_tree(folder_ / "archive"), "shop", false);
    archive->keep(AccountEvent{id, "2026-11-23T19:22:05.000000Z"});
    EXPECT_TRUE(archive->flush());
  }

  /// How many requests had this path, without their queries.
  [[nodiscard]] i64 asked(const std::string& path) const {
    i64 times = 0;
    for (const std::string& head : server_.heads()) times += path_in(head) == "/3.0" + path ? 1 : 0;
    return times;
  }

 private:
  static std::string path_in(const std::string& head) {
    const std::size_t begin = head.find(' ') + 1;
    return head.substr(begin, head.find_first_of("? ", begin) - begin);
  }

  bool answer(RawServer::Connection& connection, const std::string& head) {
    const std::lock_guard lock(mutex_);  // each connection has a thread of its own
    const auto found = bodies_.find(path_in(head));
    if (found == bodies_.end()) return connection.answer(404, kNoSuchPage);
    std::vector<std::string>& bodies = found->second;
    const std::string body = bodies.front();
    if (bodies.size() > 1) bodies.erase(bodies.begin());
    return connection.answer(body == kForbidden || body == kDeactivated ? 403 : 200, body);
  }

  TemporaryFolder folder_;
  std::map<std::string, std::vector<std::string>> bodies_ = {{"/3.0/", {R"({"account_id":"a1"})"}}};
  std::mutex mutex_;
  RawServer server_{[this](RawServer::Connection& connection, const std::string& head) { return answer(connection, head); }};
};

}  // namespace chimplift::e2e
