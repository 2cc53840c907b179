// Each fault does what its name says, as often and where it was told to.
#include <gtest/gtest.h>

#include <chrono>
#include <set>

#include "plain_client.hpp"

namespace mailchimp_sim::testing {
namespace {

class Faults : public ::testing::Test {
 protected:
  Reply with(const std::string& kind, const std::string& path = "/lists", i64 param = 0) {
    running.simulator.lift_faults();
    running.simulator.plant({.kind = kind, .param = param});
    return running.get(path);
  }
  Running running;
};

TEST_F(Faults, answer_with_other_statuses) {
  for (const auto& [kind, status] : std::vector<std::pair<std::string, int>>{{"status_401", 401},
                                                                             {"status_403", 403},
                                                                             {"status_403_disabled", 403},
                                                                             {"status_403_akamai", 403},
                                                                             {"status_404", 404},
                                                                             {"status_429", 429},
                                                                             {"status_429_empty", 429},
                                                                             {"status_500", 500},
                                                                             {"status_502_html", 502},
                                                                             {"status_503_akamai", 503},
                                                                             {"status_504", 504},
                                                                             {"missing", 404}})
    EXPECT_EQ(with(kind).status, status) << kind;
  EXPECT_EQ(with("status_403_disabled").json().at("title"), "User Disabled");
  EXPECT_EQ(with("status_403_akamai").header("Content-Type"), "text/html");
  EXPECT_EQ(with("status_429_empty").body, "");
  EXPECT_FALSE(with("status_503_akamai").json().contains("detail"));
}

TEST_F(Faults, say_200_and_lie) {
  EXPECT_TRUE(with("html_200").body.starts_with("<html>"));
  EXPECT_EQ(with("invalid_token_200").json().at("error"), "invalid_token");
  EXPECT_EQ(with("empty_200").body, "");
  EXPECT_FALSE(nlohmann::json::accept(with("short_json").body));
  EXPECT_FALSE(nlohmann::json::accept(with("garbage_behind").body));
  for (const std::string kind : {"html_200", "invalid_token_200", "empty_200", "short_json", "garbage_behind"}) {
    const Reply reply = with(kind);
    EXPECT_EQ(reply.status, 200);
    EXPECT_TRUE(reply.complete) << kind;
  }
}

TEST_F(Faults, break_the_connection) {
  const Reply reset = with("reset");
  EXPECT_EQ(reset.status, 0);
  EXPECT_TRUE(reset.reset);
  const Reply torn = with("truncate");
  EXPECT_EQ(torn.status, 200);
  EXPECT_FALSE(torn.complete);
  EXPECT_GT(torn.body.size(), 0U);
  EXPECT_EQ(with("status_404").status, 404) << "the server lives on";
}

TEST_F(Faults, take_their_time) {
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(with("stall", "/lists", 300).status, 200);
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(300));
  const auto middle = std::chrono::steady_clock::now();
  const Reply slow = with("slow_body", "/lists", 20);
  EXPECT_TRUE(slow.complete);
  EXPECT_TRUE(nlohmann::json::accept(slow.body));
  EXPECT_GE(std::chrono::steady_clock::now() - middle, std::chrono::milliseconds(140));
}

TEST_F(Faults, redirect) {
  EXPECT_EQ(with("redirect_same").header("Location"), running.simulator.api_base() + "/lists");
  EXPECT_TRUE(with("redirect_other_host").header("Location").starts_with("http://localhost:"));
}

TEST_F(Faults, bend_pages) {
  const auto total = running.get("/campaigns").json().at("total_items").get<int>();
  const auto rows = running.get("/campaigns?count=3").json().at("campaigns");
  EXPECT_EQ(with("repeat_page", "/campaigns?count=3&offset=3").json().at("campaigns"),
            with("repeat_page", "/campaigns?count=3").json().at("campaigns"));
  EXPECT_EQ(with("ignore_count", "/campaigns?count=2").json().at("campaigns").size(), 10U);
  EXPECT_FALSE(with("total_absent").json().contains("total_items"));
  EXPECT_EQ(with("total_plus", "/campaigns").json().at("total_items"), total + 1);
  EXPECT_EQ(with("total_minus", "/campaigns").json().at("total_items"), total - 1);
  const auto fewer = with("lose_row", "/campaigns?count=2", 1).json();
  EXPECT_EQ(fewer.at("total_items"), total - 1);
  EXPECT_EQ(fewer.at("campaigns")[0], rows[0]);
  EXPECT_EQ(fewer.at("campaigns")[1], rows[2]);
  EXPECT_EQ(with("short_page", "/campaigns?count=8").json().at("campaigns").size(), 4U);
}

TEST_F(Faults, put_odd_values_into_records) {
  EXPECT_FALSE(nlohmann::json::accept(with("invalid_utf8").body));
  EXPECT_NE(with("lone_surrogate").body.find("\\ud83d!"), std::string::npos);
  EXPECT_NE(with("duplicate_keys").body.find(R"("odd_key":1,"odd_key":2)"), std::string::npos);
  EXPECT_NE(with("big_number").body.find("9223372036854775808"), std::string::npos);
  const Reply huge = with("huge_string");
  EXPECT_GT(huge.body.size(), 10'000'000U);
  EXPECT_TRUE(nlohmann::json::accept(huge.body));
}

TEST_F(Faults, strike_files) {
  const std::string url = running.get("/file-manager/files").json()["files"][0]["full_size_url"];
  const auto size = running.get("/file-manager/files").json()["files"][0]["size"].get<std::size_t>();
  const std::string path = url.substr(url.find("/files/"));
  EXPECT_EQ(request(running.simulator.port(), "GET", path, "").body.size(), size);
  running.simulator.plant({.kind = "wrong_size", .path_contains = "/files/", .times = 1});
  EXPECT_NE(request(running.simulator.port(), "GET", path, "").body.size(), size);
  running.simulator.plant({.kind = "endless", .path_contains = "/files/", .times = 1});
  EXPECT_GE(request(running.simulator.port(), "GET", path, "", "", 3'000'000).body.size(), 2'900'000U);
  EXPECT_EQ(running.get("/lists").status, 200);
}

TEST_F(Faults, strike_where_and_as_often_as_they_should) {
  running.simulator.plant({.kind = "status_500", .path_contains = "/lists", .query_contains = "offset=10", .skip = 1, .times = 2});
  EXPECT_EQ(running.get("/campaigns?offset=10").status, 200);
  EXPECT_EQ(running.get("/lists?offset=20").status, 200);
  EXPECT_EQ(running.get("/lists?offset=10").status, 200);
  EXPECT_EQ(running.get("/lists?offset=10").status, 500);
  EXPECT_EQ(running.get("/lists?offset=10").status, 500);
  EXPECT_EQ(running.get("/lists?offset=10").status, 200);
  EXPECT_THROW(running.simulator.plant({.kind = "unheard of"}), std::invalid_argument);
}

TEST_F(Faults, are_all_known_by_name_and_leave_the_server_well) {
  for (const std::string& kind : fault_kinds()) {
    static const std::set<std::string> kSlow = {"stall",       "stall_holding", "silent_body", "endless",
                                                "huge_string", "header_bomb",   "gzip_bomb"};
    if (kSlow.contains(kind)) continue;
    (void)with(kind, "/campaigns?count=5");
  }
  running.simulator.lift_faults();
  EXPECT_EQ(running.get("/campaigns").status, 200);
}

}  // namespace
}  // namespace mailchimp_sim::testing
