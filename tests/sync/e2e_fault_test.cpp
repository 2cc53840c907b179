// What passes leaves no trace: every temporary fault, struck a few times anywhere, ends as a run without faults does.
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <set>

#include "in_process.hpp"

namespace chimplift::e2e {
namespace {

using mailchimp_sim::Fault;

/// Final answers, and odd records that are kept as they come: other tests are about these.
const std::set<std::string>& not_temporary() {
  static const std::set<std::string> kKinds = {"status_400",
                                               "status_403",
                                               "status_403_disabled",
                                               "status_404",
                                               "missing",
                                               "redirect_other_host",
                                               "redirect_other_scheme",
                                               "redirect_private",
                                               "endless",
                                               "header_bomb",
                                               "gzip_bomb",
                                               "echo_key",
                                               "lose_row",
                                               "new_field",
                                               "no_texts",
                                               "other_type",
                                               "no_name",
                                               "invalid_utf8",
                                               "lone_surrogate",
                                               "huge_string",
                                               "duplicate_keys",
                                               "big_number",
                                               "escaped_nul",
                                               "deep_nesting"};
  return kKinds;
}

Fault fault_of(const std::string& kind, double probability) {
  constexpr i64 kMilliseconds = 300;
  Fault fault{.kind = kind, .times = 3, .probability = probability};
  // Three refusals are a refused key, and a total that is wrong in two passes in a row is a gap, as it should be.
  if (kind == "status_401") {
    fault.times = 2;
    fault.path_contains = "/reports";
  }
  static const std::set<std::string> kOfPages = {"early_page", "turned_page", "row_twice"};
  if (kind.starts_with("total_") || kOfPages.contains(kind)) fault.times = 1;
  if (kind.starts_with("stall") || kind == "silent_body") fault.param = kMilliseconds;
  if (kind == "slow_body") fault.param = 5;
  // Of a file without a size nobody can say that its bytes are others; a page tells.
  static const std::set<std::string> kOfBytes = {"short_json",  "garbage_behind", "wrong_size",   "short_length",  "early_end",
                                                 "broken_gzip", "raw_nul",        "not_a_number", "other_charset", "problem_200"};
  if (kOfBytes.contains(kind)) fault.path_contains = "/reports";
  return fault;
}

void expect_no_trace(const Scene& scene, const std::string& what) {
  const Ended ended = scene.sync();
  EXPECT_EQ(ended.code, 0) << what << "\n" << ended.all();
  expect_truth(scene);
  EXPECT_EQ(scene.certificate().at("verdict"), "safe to close") << what << scene.certificate().at("gaps");
  EXPECT_EQ(scene.stats().beyond_limit, 0) << what;
  EXPECT_EQ(scene.stats().non_get_requests, 0) << what;
  // Which of ten connections is first is chance: the seed alone does not bring the same strikes again.
  if (::testing::Test::HasFailure())
    ADD_FAILURE() << what << ": struck were\n" << fmt::format("{}", fmt::join(scene.simulator.strikes(), "\n"));
}

/// Collections of several pages.
SimulatorOptions in_short_pages() {
  SimulatorOptions options = Scene::small();
  options.most_rows = 15;
  return options;
}

// Rarely enough that no request is struck eight times, often enough that nearly every strike is spent.
constexpr double kSeldom = 0.005;
// An answer that looks right is not asked for again: what it costs is a pass over its collection, and of them there are four.
constexpr double kSeldomer = 0.0015;

/// For a run in which everything is struck by everything: what is a gap, or cannot be seen, where two strikes fall together is left out.
Fault one_of_many(const std::string& kind) {
  static const std::set<std::string> kLooksRight = {"short_page",  "empty_page",  "early_page",   "row_twice",
                                                    "turned_page", "repeat_page", "ignore_count", "total_absent",
                                                    "total_plus",  "total_minus", "empty_object", "empty_no_total"};
  static const std::set<std::string> kLacksRows = {"short_page", "empty_page", "early_page", "empty_no_total"};
  Fault fault = fault_of(kind, kLooksRight.contains(kind) ? kSeldomer : kSeldom);
  // A contact's activity has no total, and there are too many contacts to read it twice (docs/reliability.md).
  if (kLacksRows.contains(kind)) fault.spares_path = "/activity-feed$";
  // A total that is too low is believed where a page that came short happens to end there: this one is 0.
  if (kind == "total_minus") fault.param = 1'000'000;
  return fault;
}

TEST(e2e_fault, all_temporary_faults_together_leave_no_trace) {
  Chance chance;
  SimulatorOptions options = in_short_pages();
  options.seed = static_cast<mailchimp_sim::u64>(chance.between(1, 1'000'000));
  Scene scene(options);
  for (const std::string& kind : mailchimp_sim::fault_kinds()) {
    if (!not_temporary().contains(kind)) scene.simulator.plant(one_of_many(kind));
  }
  expect_no_trace(scene, chance.seed());
}

// The worst that there is: an answer with status 200 that is something else, and is taken for what was asked for.
TEST(e2e_fault, answers_that_only_look_well_leave_no_trace) {
  Scene scene;
  for (const std::string kind : {"invalid_token_200", "html_200", "empty_200"}) {
    for (const std::string path :
         {"/content", "/eepurl", "/send-checklist", "/default-content", "/thumbs/", "/linked/", "/images/", "/templates/"})
      scene.simulator.plant({.kind = kind, .path_contains = path, .times = 1});
  }
  expect_no_trace(scene, "each kind once at each place");
}

// A gateway's 403 is about the moment and not about the file: CI once ended with a gap for it.
TEST(e2e_fault, refusals_of_files_that_pass_leave_no_trace) {
  Scene scene;
  for (const std::string path : {"/images/", "/thumbs/", "/linked/"}) {
    for (const std::string kind : {"status_403_akamai", "status_404", "status_204"})
      scene.simulator.plant({.kind = kind, .path_contains = path, .times = 2});
  }
  expect_no_trace(scene, "each kind twice at each place");
}

TEST(e2e_fault, pages_of_the_members_that_lie_leave_no_trace) {
  Scene scene(in_short_pages());
  for (const std::string kind : {"short_page", "repeat_page", "ignore_count", "total_plus", "total_minus", "total_absent", "short_json"}) {
    Fault fault = fault_of(kind, 0.5);
    fault.path_contains = "/members";
    scene.simulator.plant(fault);
  }
  expect_no_trace(scene, "pages of members");
}

// Of many requests that are turned away some have bad luck so often that they are given up: before the run ends they are tried once more.
TEST(e2e_fault, what_had_bad_luck_too_often_gets_a_second_chance) {
  Scene scene;
  const auto fail_often = [&scene](const char* kind, const std::string& path, int times) {
    scene.simulator.plant({.kind = kind, .path_contains = path, .times = times});
  };
  std::string file;
  for (const auto& [path, one] : scene.account().files) {
    if (one.kind == "stored_files") file = one.url;
  }
  fail_often("status_500", "/campaign-folders$", kMostAttempts + 2);
  fail_often("status_429", "/automations$", kMostThrottled + 2);
  fail_often("status_500", file.substr(file.find("/files/")), kMostAttempts);  // files are given up sooner than pages
  const RunResult result = sync_in_process(scene, hurried(), true);
  EXPECT_EQ(trouble_of(result), "");
  expect_truth(scene);
}

// Every request has 120 seconds at Mailchimp. Where a gateway cuts it sooner, no 504 tells that less would come.
TEST(e2e_fault, pages_that_a_gateway_cuts_are_read_in_smaller_ones) {
  Scene scene;
  for (const std::string path : {"/email-activity", "/members$", "/campaigns$"}) {
    for (const std::string count : {"count=1000", "count=500"})
      scene.simulator.plant({.kind = "status_502_html", .path_contains = path, .query_contains = count});
  }
  Pace pace = hurried();
  pace.server_limit_millis = 2;  // half of it is slow
  const RunResult result = sync_in_process(scene, pace, true);
  EXPECT_EQ(trouble_of(result), "");
  expect_truth(scene);
}

TEST(e2e_fault, each_temporary_fault_leaves_no_trace) {
  if (times(0, 1) == 0) GTEST_SKIP() << "takes a minute: set CHIMPLIFT_TORTURE";
  for (const std::string& kind : mailchimp_sim::fault_kinds()) {
    if (not_temporary().contains(kind)) continue;
    for (const char* path : {"/reports", "/lists", "/campaigns", "/files/"}) {
      Scene scene;
      Fault fault = fault_of(kind, 1);
      if (fault.path_contains.empty()) fault.path_contains = path;
      scene.simulator.plant(fault);
      expect_no_trace(scene, kind + " at " + path);
    }
  }
}

}  // namespace
}  // namespace chimplift::e2e
