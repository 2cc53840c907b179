// No key leaves: not into the archive, the tables, the output, the process list, or to another server.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

#include "base/hash.hpp"
#include "e2e_compare.hpp"

namespace chimplift::e2e {
namespace {

std::string percent_encoded(const std::string& text) {
  std::string encoded;
  for (const char c : text) encoded += c == '-' ? "%2D" : std::string(1, c);
  return encoded;
}

/// The key in each form in which it could come to light.
Words forms_of(const std::string& key) {
  const std::string digits = key.substr(0, key.find('-'));
  Words forms = {key, digits, percent_encoded(key), base64(key)};
  for (const std::string user : {"chimplift", "anystring", "apikey", "key", "user", ""}) forms.push_back(base64(user + ":" + key));
  // The same inside a longer base64 text, whatever stands before it: what the 3 alignments have in common.
  for (const std::string before : {"", "x", "xx"}) forms.push_back(base64(before + digits).substr(4, 36));
  return forms;
}

void expect_absent(const std::string& text, const Words& forms, const std::string& where) {
  for (const std::string& form : forms) EXPECT_EQ(text.find(form), std::string::npos) << form << " stands in " << where;
}

TEST(e2e_secret, a_key_is_found_in_no_file_and_in_no_output) {
  SimulatorOptions options = Scene::small();
  options.files_on_other_port = true;
  Scene scene(options);
  const Words forms = forms_of(scene.account().key);
  scene.simulator.plant({.kind = "redirect_other_host", .path_contains = "/webhooks"});
  scene.simulator.plant({.kind = "echo_key", .path_contains = "/surveys"});
  scene.simulator.plant({.kind = "echo_key", .path_contains = "/clients"});
  scene.simulator.plant({.kind = "status_500", .times = 5});
  const Ended text = scene.sync({"--verbose"});
  EXPECT_EQ(text.code, 3) << text.all();
  expect_absent(text.all(), forms, "the output");
  // Steps whose answers hold the key, and one with files.
  const Ended json = scene.sync({"--verbose", "--json", "--log-format", "json", "--only-steps", "lists,surveys,stored_files"});
  expect_absent(json.all(), forms, "the JSON output");
  scene.simulator.plant({.kind = "status_401"});
  const Ended refused = scene.sync({"--verbose"});
  EXPECT_EQ(refused.code, 4);
  expect_absent(refused.all(), forms, "the message about a refused key");
  for (const std::string command : {"doctor", "plan", "status", "accounts"}) expect_absent(scene.run(command).all(), forms, command);
  const auto files = files_below(scene.archive);
  EXPECT_GT(files.size(), 50U);
  for (const auto& file : files) expect_absent(read_text(file), forms, file);
  // Pages are compressed: read them as a person would.
  for (const auto& file : files_below(scene.account_folder() / "raw")) {
    const Ended page = Process({"/usr/bin/zstdcat", file}, scene.folder()).wait();
    ASSERT_EQ(page.code, 0);
    expect_absent(page.out, forms, file);
  }
  // So are the tables: read every value of each.
  for (const auto& [table, rows] : tables_in(scene.duckdb(), scene.account().name, true)) {
    for (const std::string& row : rows) expect_absent(row, forms, table);
  }
  EXPECT_EQ(scene.simulator.stats().file_requests_with_key, 0);
  EXPECT_EQ(scene.simulator.stats().other_host_requests_with_key, 0);
}

/// The file of /proc, once the run was answered, so that its memory holds the key.
std::string proc_file(const Hold& hold, Process& process, const std::string& name) {
  EXPECT_TRUE(hold.holds(process)) << process.wait().all();
  return read_text("/proc/" + std::to_string(process.pid()) + "/" + name);
}

constexpr i64 kAnswered = 3;  // requests, before it is held

TEST(e2e_secret, a_key_on_the_command_line_is_blotted_out_of_the_process_list) {
  for (const bool is_one_word : {false, true}) {
    Scene scene;
    Hold hold(scene, kAnswered);
    const std::string& key = scene.account().key;
    Words words = scene.command("sync", {"--only-steps", "lists", "--api-key-override", key, "--account", scene.account().name});
    if (is_one_word) {
      words = scene.command("sync", {"--only-steps", "lists", "--account", scene.account().name, "--api-key-override=" + key});
      words.erase(std::find(words.begin(), words.end(), "--accounts"), std::find(words.begin(), words.end(), "--accounts") + 2);
    }
    Process process(words, scene.folder());
    const std::string list = proc_file(hold, process, "cmdline");
    EXPECT_NE(list.find("****"), std::string::npos) << list;
    expect_absent(list, forms_of(key), "the process list");
    hold.open();
    EXPECT_EQ(process.wait().code, 0);
  }
}

TEST(e2e_secret, a_key_in_the_environment_is_blotted_out_of_proc) {
  Scene scene;
  Hold hold(scene, kAnswered);
  const std::string& key = scene.account().key;
  Words words = scene.command("sync", {"--only-steps", "lists", "--account", scene.account().name});
  words.erase(std::find(words.begin(), words.end(), "--accounts"), std::find(words.begin(), words.end(), "--accounts") + 2);
  Process process(words, scene.folder(), {"CHIMPLIFT_API_KEY_OVERRIDE=" + key});
  const std::string list = proc_file(hold, process, "environ");
  EXPECT_NE(list.find("CHIMPLIFT_API_KEY_OVERRIDE=****"), std::string::npos) << list;
  expect_absent(list, forms_of(key), "the environment");
  hold.open();
  EXPECT_EQ(process.wait().code, 0);
}

TEST(e2e_secret, a_crash_leaves_no_core_dump) {
  Scene scene;
  Hold hold(scene, kAnswered);
  // Whatever limit it was started with.
  const Words words = scene.command("sync");
  Words unlimited = {"/bin/sh", "-c", "ulimit -c unlimited 2>/dev/null; exec \"$@\"", "sh"};
  unlimited.insert(unlimited.end(), words.begin(), words.end());
  Process process(unlimited, scene.folder());
  const std::string limits = proc_file(hold, process, "limits");
  const std::size_t at = limits.find("Max core file size");
  ASSERT_NE(at, std::string::npos);
  const std::string line = limits.substr(at, limits.find('\n', at) - at);
  EXPECT_EQ(std::count(line.begin(), line.end(), '0'), 2) << line;
  process.send(SIGABRT);
  EXPECT_EQ(process.wait().code, 128 + SIGABRT);
}

TEST(e2e_secret, files_and_folders_are_the_owners_alone_under_any_umask) {
  for (const std::string mask : {"000", "777"}) {
    const Scene scene;
    const Words words = scene.command("sync", {"--only-steps", "lists,campaign_content,stored_files"});
    Words masked = {"/bin/sh", "-c", "umask " + mask + "; exec \"$@\"", "sh"};
    masked.insert(masked.end(), words.begin(), words.end());
    const Ended ended = Process(masked, scene.folder()).wait();
    EXPECT_EQ(ended.code, 0) << ended.all();
    int files = 0;
    using std::filesystem::perms;
    EXPECT_EQ(std::filesystem::status(scene.archive).permissions(), perms::owner_all);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(scene.archive)) {
      const perms expected = entry.is_directory() ? perms::owner_all : perms::owner_read | perms::owner_write;
      EXPECT_EQ(entry.status().permissions(), expected) << entry.path() << " under umask " << mask;
      ++files;
    }
    EXPECT_GT(files, 50);
  }
}

}  // namespace
}  // namespace chimplift::e2e
