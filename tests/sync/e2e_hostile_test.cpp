// What no server should send: nothing crashes, nothing is lost, nothing is reached that must not be.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "e2e_compare.hpp"

namespace chimplift::e2e {
namespace {

/// All pages of a stream, as zstdcat gives them.
std::string pages_of(const Scene& scene, const std::string& stream) {
  std::string pages;
  for (const auto& file : files_below(scene.account_folder() / "raw" / stream))
    pages += Process({"/usr/bin/zstdcat", file}, scene.folder()).wait().out;
  return pages;
}

void plant_at_lists(Scene& scene, const std::string& kind) { scene.simulator.plant({.kind = kind, .path_contains = "/lists", .times = 1}); }

TEST(e2e_hostile, odd_values_are_kept_as_they_came) {
  const std::vector<std::pair<std::string, std::string>> kinds = {{"huge_string", std::string(10'000'000, 'x')},
                                                                  {"lone_surrogate", R"("odd_text":"a\ud83d!")"},
                                                                  {"duplicate_keys", R"("odd_key":1,"odd_key":2)"},
                                                                  {"escaped_nul", R"("odd_text":"a\u0000b")"},
                                                                  {"deep_nesting", std::string(100, '[') + std::string(100, ']')},
                                                                  {"other_type", R"("name":{"en":")"},
                                                                  {"no_name", "{\"lists\":"},
                                                                  {"big_number", R"("odd_number":9223372036854775808,"odd_large":1e400)"}};
  for (const auto& [kind, bytes] : kinds) {
    Scene scene;
    plant_at_lists(scene, kind);
    const Ended ended = scene.sync({"--only-steps", "lists"});
    EXPECT_EQ(ended.code, 0) << kind << "\n" << ended.err;
    EXPECT_NE(pages_of(scene, "lists").find(bytes), std::string::npos) << kind << ": the archive has other bytes";
    EXPECT_EQ(column_of(scene.duckdb(), "SELECT count(*)::VARCHAR FROM mailchimp.lists"),
              Words{std::to_string(scene.account().collections.at("/lists").rows.size())})
        << kind;
    if (kind == "big_number") {
      EXPECT_EQ(column_of(scene.duckdb(), "SELECT odd_number__text FROM mailchimp.lists WHERE odd_number__text IS NOT NULL"),
                Words{"9223372036854775808"});
    }
    if (kind == "huge_string") {
      EXPECT_EQ(column_of(scene.duckdb(), "SELECT length(odd_text)::VARCHAR FROM mailchimp.lists WHERE odd_text IS NOT NULL"),
                Words{"10000000"});
    }
  }
}

TEST(e2e_hostile, bytes_that_are_no_text_are_kept_as_base64) {
  Scene scene;
  plant_at_lists(scene, "invalid_utf8");
  const Ended ended = scene.sync({"--only-steps", "lists"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_NE(pages_of(scene, "lists").find("body_base64"), std::string::npos);
  EXPECT_EQ(column_of(scene.duckdb(), "SELECT count(*)::VARCHAR FROM mailchimp.lists"),
            Words{std::to_string(scene.account().collections.at("/lists").rows.size())});
}

TEST(e2e_hostile, endless_answers_end) {
  Scene scene;
  scene.simulator.plant({.kind = "endless", .path_contains = "/linked/", .times = 1});
  const Ended ended = scene.sync({"--only-steps", "campaign_content"});
  EXPECT_EQ(ended.code, 3) << ended.all();
  EXPECT_EQ(scene.certificate().at("gaps").size(), 1U) << scene.certificate().at("gaps");
  EXPECT_EQ(scene.sync({"--only-steps", "campaign_content"}).code, 0);
}

/// Listens on loopback and counts who comes.
class Canary {
 public:
  Canary() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(socket_, reinterpret_cast<const sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(socket_, 8), 0);
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~Canary() { close(socket_); }
  Canary(const Canary&) = delete;
  Canary& operator=(const Canary&) = delete;
  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] bool was_called() const {
    pollfd wait{socket_, POLLIN, 0};
    return poll(&wait, 1, 0) > 0;
  }

 private:
  int socket_;
  int port_ = 0;
};

TEST(e2e_hostile, links_to_private_addresses_are_not_followed) {
  const Canary canary;
  SimulatorOptions options = Scene::small();
  options.hostile_links = true;
  options.hostile_port = canary.port();
  const Scene scene(options);
  const Ended ended = scene.sync();
  EXPECT_EQ(ended.code, 0) << ended.all();
  EXPECT_FALSE(canary.was_called()) << "a link in an e-mail made chimplift call a port of this machine";
  const Json certificate = scene.certificate();
  EXPECT_EQ(certificate.at("verdict"), "safe to close, with exceptions");
  EXPECT_EQ(certificate.at("exceptions").size(), 4U) << certificate.at("exceptions");
  expect_truth(scene);
}

// The simulator is on loopback itself, so its own origin may be asked; another port of this machine may not, whoever sends us there.
TEST(e2e_hostile, redirects_to_private_addresses_are_not_followed) {
  const Canary canary;
  Scene scene;
  scene.simulator.plant({.kind = "redirect_private", .path_contains = "/linked/", .param = canary.port()});
  const Ended ended = scene.sync({"--only-steps", "campaign_content"});
  EXPECT_EQ(ended.code, 3) << ended.all();
  EXPECT_FALSE(canary.was_called()) << "a redirect made chimplift call a port of this machine";
  EXPECT_NE(reasons(scene.certificate().at("gaps")).find("the address is a private one"), std::string::npos)
      << scene.certificate().at("gaps");
}

TEST(e2e_hostile, names_of_accounts_never_leave_the_archive) {
  const Words names = {"../outside", "a/b", "..", "emoji 🎈", ".hidden", std::string(300, 'n')};
  SimulatorOptions options = Scene::small();
  options.accounts = static_cast<int>(names.size());
  const Scene scene(options);
  Json accounts = Json::parse(scene.simulator.accounts_json());
  for (std::size_t i = 0; i < names.size(); ++i) accounts[i]["account_name"] = names[i];
  write_text(scene.accounts_file(), accounts.dump());
  const auto before = std::distance(std::filesystem::directory_iterator(scene.folder()), {});
  const Ended ended = scene.sync({"--only-steps", "stored_files"});
  EXPECT_EQ(ended.code, 0) << ended.all();
  // Besides the archive there are only the program's two outputs.
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(scene.folder()), {}), before + 3);
  i64 folders = 0;
  for (const auto& entry : std::filesystem::directory_iterator(scene.archive)) folders += entry.is_directory() ? 1 : 0;
  EXPECT_EQ(folders, static_cast<i64>(names.size()));
  const Words had = column_of(scene.duckdb(), "SELECT DISTINCT account_name FROM mailchimp.stored_files ORDER BY 1");
  EXPECT_EQ(had.size(), names.size()) << ended.all();
}

}  // namespace
}  // namespace chimplift::e2e
