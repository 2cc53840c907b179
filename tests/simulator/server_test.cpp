// Keys, errors, limits and counting: what holds for every request.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "plain_client.hpp"

namespace mailchimp_sim::testing {
namespace {

constexpr i64 kForEver = 3'600'000;  // milliseconds: longer than ctest waits for a test

TEST(server, takes_the_key_by_basic_with_any_user_and_by_bearer) {
  const Running running;
  const std::string key = running.simulator.accounts()[0].key;
  EXPECT_EQ(running.get("/ping").status, 200);
  EXPECT_EQ(request(running.simulator.port(), "GET", "/3.0/ping", "Bearer " + key).status, 200);
  EXPECT_EQ(request(running.simulator.port(), "GET", "/3.0/ping", "").status, 401);
  const Reply wrong = request(running.simulator.port(), "GET", "/3.0/", basic(key + "0"));
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(wrong.json().at("title"), "API Key Invalid");
  EXPECT_EQ(wrong.json().at("status"), 401);
  EXPECT_TRUE(wrong.json().contains("detail") && wrong.json().contains("instance") && wrong.json().contains("type"));
  EXPECT_EQ(wrong.header("Content-Type"), "application/problem+json; charset=utf-8");
  EXPECT_EQ(running.simulator.stats().unknown_key_requests, 2);
}

TEST(server, gives_each_account_its_own_data) {
  SimulatorOptions options = Running::small();
  options.accounts = 2;
  const Running running(options);
  EXPECT_NE(running.get("/", 0).json().at("account_id"), running.get("/", 1).json().at("account_id"));
  EXPECT_NE(running.get("/lists", 0).body, running.get("/lists", 1).body);
  EXPECT_EQ(running.get("/", 0).json().at("role"), "owner");
  EXPECT_NE(running.get("/", 0).json().at("account_name").get<std::string>(), running.simulator.accounts()[0].name);
}

TEST(server, refuses_what_is_not_get_and_counts_it) {
  const Running running;
  const Reply reply =
      request(running.simulator.port(), "DELETE", "/3.0/lists/" + running.list_id(), basic(running.simulator.accounts()[0].key));
  EXPECT_EQ(reply.status, 405);
  EXPECT_EQ(running.simulator.stats().accounts[0].non_get_requests, 1);
}

TEST(server, reads_by_id_and_says_404_for_what_is_not_there) {
  const Running running;
  EXPECT_EQ(running.get("/lists/" + running.list_id()).json().at("id"), running.list_id());
  EXPECT_EQ(running.get("/lists/0000000000").status, 404);
  EXPECT_EQ(running.get("/lists/0000000000/members").status, 404);
  EXPECT_EQ(running.get("/no-such-thing").status, 404);
  const auto drafts = running.get("/campaigns?status=save").json();
  ASSERT_FALSE(drafts.at("campaigns").empty());
  const std::string draft = drafts["campaigns"][0]["id"];
  EXPECT_EQ(drafts["campaigns"][0]["send_time"], "");
  EXPECT_EQ(running.get("/campaigns/" + draft).status, 200);
  EXPECT_EQ(running.get("/reports/" + draft).status, 404);
  EXPECT_EQ(running.get("/reports/" + draft + "/email-activity").json().at("emails").size(), 0U);
}

TEST(server, answers_ten_at_once_and_refuses_the_eleventh) {
  Running running;
  const auto stats = [&running] { return running.simulator.stats().accounts[0]; };
  running.simulator.plant({.kind = "stall", .times = 10, .param = kForEver});
  std::vector<int> statuses(10);
  std::vector<std::thread> threads;
  for (int& status : statuses) threads.emplace_back([&status, &running] { status = running.get("/ping").status; });
  while (stats().requests < 10) std::this_thread::yield();
  EXPECT_EQ(stats().max_in_flight, 10);
  EXPECT_EQ(stats().beyond_limit, 0);
  EXPECT_EQ(running.get("/ping").status, 429);
  EXPECT_EQ(stats().max_in_flight, 11);
  EXPECT_EQ(stats().beyond_limit, 1);
  // The longer they are held the nearer the mean is to ten; a request brings it up to date.
  while (stats().mean_in_flight <= 8) EXPECT_EQ(running.get("/ping").status, 429);
  running.simulator.stop();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::count(statuses.begin(), statuses.end(), 429), 0);
}

TEST(server, ten_connections_at_full_speed_are_never_too_many) {
  const Running running;
  std::atomic<int> refused{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 10; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 60; ++n)
        if (running.get("/lists").status != 200) ++refused;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(refused, 0);
  EXPECT_LE(running.simulator.stats().accounts[0].max_in_flight, 10);
}

TEST(server, sees_a_key_that_goes_along_to_files_or_to_another_host) {
  SimulatorOptions options = Running::small();
  options.files_on_other_port = true;
  Running running(options);
  const std::string key = basic(running.simulator.accounts()[0].key);
  const std::string url = running.get("/file-manager/files").json()["files"][0]["full_size_url"];
  const int port = std::stoi(url.substr(url.find(':', 6) + 1));
  EXPECT_NE(port, running.simulator.port());
  const std::string path = url.substr(url.find("/files/"));
  EXPECT_EQ(request(port, "GET", path, "").status, 200);
  EXPECT_EQ(running.simulator.stats().file_requests_with_key, 0);
  EXPECT_EQ(request(port, "GET", path, key).status, 200);
  EXPECT_EQ(running.simulator.stats().file_requests_with_key, 1);

  running.simulator.plant({.kind = "redirect_other_host"});
  const Reply redirect = running.get("/lists?count=3");
  EXPECT_EQ(redirect.status, 302);
  const std::string place = redirect.header("Location");
  EXPECT_EQ(place, "http://127.0.0.1:" + std::to_string(port) + "/elsewhere/3.0/lists?count=3");
  EXPECT_EQ(request(port, "GET", "/elsewhere/3.0/lists", key).status, 200);
  EXPECT_EQ(running.simulator.stats().other_host_requests_with_key, 1);
}

TEST(server, is_controlled_over_http_too) {
  const Running running;
  EXPECT_EQ(
      request(running.simulator.port(), "POST", "/_sim/faults", "", R"([{"kind":"status_500","path_contains":"/lists","times":1}])").body,
      "{}");
  EXPECT_EQ(running.get("/ping").status, 200);
  EXPECT_EQ(running.get("/lists").status, 500);
  EXPECT_EQ(running.get("/lists").status, 200);
  EXPECT_TRUE(request(running.simulator.port(), "POST", "/_sim/faults", "", R"([{"kind":"no such"}])").json().contains("error"));
  const auto stats = request(running.simulator.port(), "GET", "/_sim/stats", "").json();
  EXPECT_EQ(stats["accounts"][0]["requests"], 3);
  EXPECT_EQ(stats["accounts"][0]["by_path"]["/lists"], 2);
}

TEST(server, stops_at_once_with_connections_open_and_requests_stalled) {
  Running running;
  running.simulator.plant({.kind = "stall", .param = kForEver});
  std::thread stalled([&] { (void)running.get("/ping"); });
  while (running.simulator.stats().accounts[0].requests < 1) std::this_thread::yield();
  running.simulator.stop();
  stalled.join();
}

}  // namespace
}  // namespace mailchimp_sim::testing
