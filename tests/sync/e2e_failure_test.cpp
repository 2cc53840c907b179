// What can keep a run from ending well: each has its exit code, loses nothing, and the next run goes on.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>

#include "e2e_compare.hpp"
#include "warehouse/duckdb_raii.hpp"

namespace chimplift::e2e {
namespace {

const Words kNoTables = {"--warehouse", "none"};

/// Once what was wrong is mended, the same command completes the archive.
void expect_completed(Scene& scene) {
  scene.simulator.lift_faults();
  const Ended ended = scene.sync(kNoTables);
  EXPECT_EQ(ended.code, 0) << ended.all();
  EXPECT_EQ(scene.certificate().at("verdict"), "safe to close");
}

TEST(e2e_failure, a_key_that_is_revoked_in_the_middle_ends_with_4_and_goes_on_with_another) {
  Scene scene;
  scene.simulator.plant({.kind = "status_401", .skip = 100});
  const Ended ended = scene.sync(kNoTables);
  EXPECT_EQ(ended.code, 4) << ended.all();
  EXPECT_NE(ended.err.find(scene.account().name), std::string::npos) << ended.err;
  EXPECT_EQ(scene.certificate().at("verdict"), "not safe");
  EXPECT_FALSE(scene.certificate().at("gaps").empty());
  scene.simulator.lift_faults();
  const Ended again = scene.sync();
  EXPECT_EQ(again.code, 0) << again.all();
  expect_truth(scene);
}

TEST(e2e_failure, a_wrong_key_ends_with_4) {
  const Scene scene;
  write_text(scene.accounts_file(), R"([{"account_name":"wrong","api_key":"00000000000000000000000000000000-us12"}])");
  EXPECT_EQ(scene.sync().code, 4);
  EXPECT_EQ(scene.simulator.stats().requests(), 0);
}

/// It was taken for a role that may not see the account, and each stream for a gap of its own.
TEST(e2e_failure, an_address_without_the_api_ends_with_2_and_asks_for_nothing_else) {
  Scene scene;
  const std::string whole = scene.simulator.api_base();
  const std::string base = whole.substr(0, whole.rfind("/3.0"));
  for (const std::string command : {"doctor", "plan", "pull", "sync"}) {
    const Ended ended = scene.run(command, {"--api-base", base});
    EXPECT_EQ(ended.code, 2) << command << "\n" << ended.all();
    EXPECT_NE(ended.all().find("Check --api-base and the account's server."), std::string::npos) << ended.all();
  }
  // A role that may not see the account may read all the same.
  scene.simulator.plant({.kind = "status_403", .path_contains = "/$"});
  const Ended ended = scene.sync({"--only-steps", "templates"});
  EXPECT_EQ(ended.code, 0) << ended.all();
}

TEST(e2e_failure, a_deactivated_account_ends_with_4) {
  Scene scene;
  scene.simulator.plant({.kind = "status_403_disabled"});
  const Ended ended = scene.sync(kNoTables);
  EXPECT_EQ(ended.code, 4) << ended.all();
  expect_completed(scene);
}

TEST(e2e_failure, one_wrong_key_of_two_leaves_the_other_account_whole) {
  SimulatorOptions options = Scene::small();
  options.accounts = 2;
  const Scene scene(options);
  Json accounts = Json::parse(scene.simulator.accounts_json());
  accounts[1]["api_key"] = "00000000000000000000000000000000-us13";
  write_text(scene.accounts_file(), accounts.dump());
  const Ended ended = scene.sync();
  EXPECT_EQ(ended.code, 4) << ended.all();
  expect_account_truth(scene, 0, scene.duckdb());
  EXPECT_EQ(scene.certificate(0).at("verdict"), "safe to close");
  EXPECT_EQ(scene.stats(1).requests, 0);
}

/// A port that nobody else can come by, and where every connection is refused.
class NobodyListens {
 public:
  NobodyListens() {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address_;
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address_), size), 0);
    EXPECT_EQ(getsockname(socket_, reinterpret_cast<sockaddr*>(&address_), &size), 0);
  }
  ~NobodyListens() { close(socket_); }
  NobodyListens(const NobodyListens&) = delete;
  NobodyListens& operator=(const NobodyListens&) = delete;
  [[nodiscard]] std::string api_base() const { return "http://127.0.0.1:" + std::to_string(ntohs(address_.sin_port)) + "/3.0"; }

 private:
  int socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address_{};
};

TEST(e2e_failure, a_gateway_that_blocks_ends_with_8_and_a_server_that_is_down_with_5) {
  Scene blocked;
  const Scene down;
  blocked.simulator.plant({.kind = "status_403_akamai"});
  const NobodyListens nobody;
  // Both wait between their attempts: side by side it takes half as long.
  Process one(blocked.command("sync", kNoTables), blocked.folder());
  Process two(down.command("sync", {"--warehouse", "none", "--api-base", nobody.api_base()}), down.folder());
  const Ended of_blocked = one.wait();
  const Ended of_down = two.wait();
  EXPECT_EQ(of_blocked.code, 8) << of_blocked.all();
  EXPECT_EQ(of_down.code, 5) << of_down.all();
  expect_completed(blocked);
}

TEST(e2e_failure, a_second_run_of_one_archive_ends_with_11_and_disturbs_nothing) {
  Scene scene;
  Hold hold(scene, 20);
  Process first(scene.command("sync"), scene.folder());
  ASSERT_TRUE(hold.holds(first)) << first.wait().all();
  const Ended second = scene.sync();
  EXPECT_EQ(second.code, 11) << second.all();
  hold.open();
  EXPECT_EQ(first.wait().code, 0);
  EXPECT_LE(scene.stats().max_in_flight, 10);
  expect_truth(scene);
}

TEST(e2e_failure, a_duckdb_file_in_use_is_said_before_anything_else_and_the_next_run_completes) {
  Scene scene;
  const auto file = scene.folder() / "in-use.duckdb";
  Words words = {"--warehouse", "duckdb:" + file.string()};
  {
    const auto holder = duck::Database::open(file, {});
    ASSERT_TRUE(holder);
    const Ended ended = scene.sync(words);
    EXPECT_EQ(ended.code, 11) << ended.all();
    EXPECT_NE(ended.err.find("in-use.duckdb"), std::string::npos) << ended.err;
  }
  EXPECT_EQ(scene.sync(words).code, 0);
  expect_truth(scene, file);
}

/// A small file system of its own.
class SmallDisk {
 public:
  SmallDisk(std::filesystem::path place, const char* size) : place_(std::move(place)) {
    std::filesystem::create_directories(place_);
    const std::string options = std::string("size=") + size;
    mounted_ = mount("tmpfs", place_.c_str(), "tmpfs", 0, options.c_str()) == 0;
  }
  ~SmallDisk() {
    if (mounted_) umount2(place_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  [[nodiscard]] bool is_mounted() const { return mounted_; }
  void grow(const char* size) const {
    const std::string options = std::string("size=") + size;
    EXPECT_EQ(mount("tmpfs", place_.c_str(), "tmpfs", MS_REMOUNT, options.c_str()), 0);
  }

 private:
  std::filesystem::path place_;
  bool mounted_ = false;
};

TEST(e2e_failure, a_full_disk_ends_with_6_and_the_next_run_goes_on) {
  Scene scene;
  const SmallDisk disk(scene.archive, "300k");
  if (!disk.is_mounted()) GTEST_SKIP() << "may not mount a file system of its own";
  const auto other = scene.folder() / "tables.duckdb";
  const Words words = {"--warehouse", "duckdb:" + other.string()};
  const Ended ended = scene.sync(words);
  EXPECT_EQ(ended.code, 6) << ended.all();
  disk.grow("300m");
  EXPECT_EQ(scene.sync(words).code, 0);
  expect_truth(scene, other);
}

}  // namespace
}  // namespace chimplift::e2e
