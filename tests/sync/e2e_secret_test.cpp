// No key leaves: not into the archive, the tables, the output, the process list, or to another server.
#include <gtest/gtest.h>

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
  scene.simulator.plant({.kind = "status_500", .times = 5});
  const Ended text = scene.sync({"--verbose"});
  EXPECT_EQ(text.code, 3) << text.all();
  expect_absent(text.all(), forms, "the output");
  const Ended json = scene.sync({"--verbose", "--json", "--log-format", "json"});
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
  EXPECT_EQ(scene.simulator.stats().file_requests_with_key, 0);
  EXPECT_EQ(scene.simulator.stats().other_host_requests_with_key, 0);
}

TEST(e2e_secret, a_key_from_a_file_is_not_in_the_process_list) {
  const Scene scene;
  const auto file = scene.folder() / "key";
  write_text(file, scene.account().key + "\n");
  const Words words = {"--api-key-override", "@" + file.string(), "--account", scene.account().name};
  Process process(scene.command("sync", words), scene.folder());
  while (scene.stats().requests == 0 && !process.ended_within(std::chrono::milliseconds(1))) {
  }
  const std::string list = read_text("/proc/" + std::to_string(process.pid()) + "/cmdline");
  EXPECT_EQ(process.wait().code, 0);
  expect_absent(list, forms_of(scene.account().key), "the process list");
  expect_truth(scene);
}

}  // namespace
}  // namespace chimplift::e2e
