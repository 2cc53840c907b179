// The whole list of faults against the whole list of pages. What passes leaves no trace, wherever it strikes; what stays is a gap, and the
// gaps are exactly what was planted.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <map>
#include <set>

#include "in_process.hpp"
#include "support/part.hpp"
#include "support/tries.hpp"

namespace chimplift::e2e {
namespace {

using mailchimp_sim::Fault;

/// How often a thing may strike one page and still be called passing, and whether it can be told from a file's bytes.
struct Passing {
  std::string kind;
  bool spares_files = false;  // of a file without a size nobody can say that its bytes are others
  i64 param = 0;
  bool looks_right = false;  // an answer that is none of a failure's: nothing asks for the same page again
  bool lacks_rows = false;   // which nobody can see where nothing says how many there are, and a second reading would cost too much
};

const std::vector<Passing>& all_passing() {
  static const std::vector<Passing> kKinds = {{"status_429"},
                                              {"status_429_empty"},
                                              {"status_429_retry_after"},
                                              {"status_429_retry_date"},
                                              {"status_500"},
                                              {"status_502_html"},
                                              {"status_503_akamai"},
                                              {"status_503_retry_after"},
                                              {"status_504"},
                                              {"status_403_akamai"},
                                              {"status_401", true},
                                              {"status_204"},
                                              {"html_200", true},
                                              {"invalid_token_200", true},
                                              {"problem_200", true},
                                              {"empty_200", true},
                                              {"reset"},
                                              {"hang_up"},
                                              {"not_http"},
                                              {"reset_in_head"},
                                              {"cut_in_head"},
                                              {"reset_in_body"},
                                              {"truncate"},
                                              {"open_chunks"},
                                              {"short_length", true},
                                              {"early_end", true},
                                              {"short_json", true},
                                              {"garbage_behind", true},
                                              {"broken_gzip", true},
                                              {"raw_nul", true},
                                              {"not_a_number", true},
                                              {"stall", false, 20},
                                              {"stall_holding", false, 20},
                                              {"slow_body", false, 2},
                                              {"silent_body", false, 20},
                                              {"redirect_same"},
                                              {"redirect_same", false, 301},
                                              {"redirect_same", false, 307},
                                              {"redirect_same", false, 308},
                                              {"other_charset", true},
                                              {"old_date"},
                                              {"short_page", false, 0, true, true},
                                              {"empty_page", false, 0, true, true},
                                              {"early_page", false, 0, true, true},
                                              {"row_twice", false, 0, true},
                                              {"turned_page", false, 0, true},
                                              {"repeat_page", false, 0, true},
                                              {"ignore_count", false, 0, true},
                                              {"total_absent", false, 0, true},
                                              {"total_plus", false, 0, true},
                                              {"total_minus", false, 0, true},
                                              {"total_plus", false, 3, true},
                                              {"total_minus", false, 3, true},
                                              {"empty_object", false, 0, true},
                                              {"empty_no_total", false, 0, true, true}};
  return kKinds;
}

/// All of them, or those that CHIMPLIFT_KINDS names, with commas between: what came last need not wait for what was tried before.
const std::vector<Passing>& passing() {
  static const std::vector<Passing> kKinds = [] {
    const char* wanted = std::getenv("CHIMPLIFT_KINDS");
    if (wanted == nullptr) return all_passing();
    const std::string list = fmt::format(",{},", wanted);
    std::vector<Passing> kinds;
    std::ranges::copy_if(all_passing(), std::back_inserter(kinds),
                         [&](const Passing& one) { return list.find("," + one.kind + ",") != std::string::npos; });
    return kinds;
  }();
  return kKinds;
}

Fault fault_of(const Passing& one) {
  return {.kind = one.kind, .param = one.param, .spares_files = one.spares_files, .spares_path = one.lacks_rows ? "/activity-feed$" : ""};
}

std::string name_of(const Passing& one) { return one.param == 0 ? one.kind : fmt::format("{} {}", one.kind, one.param); }

/// What a certificate says of streams and files, without what may differ between two runs.
struct Essence {
  std::string text;
  std::string without_totals;  // where a total did not come, nothing was lost, and the certificate says that none was given
};

Essence essence_of(const RunResult& result) {
  Essence essence;
  for (const StreamLine& line : result.accounts.at(0).certificate->streams) {
    const std::string units = fmt::format("{} {} {}", line.table, name_of(line.state), line.units);
    const std::string rows = fmt::format("{} {}\n", line.pulled, line.archived);
    essence.text += fmt::format("{} {} {}", units, line.expected.value_or(-1), rows);
    essence.without_totals += units + " " + rows;
  }
  for (const FileLine& line : result.accounts.at(0).certificate->files) {
    const std::string files =
        fmt::format("{} {} {} {} {} {}\n", line.kind, line.expected, line.fetched, line.bytes, line.missing, line.skipped);
    essence.text += files;
    essence.without_totals += files;
  }
  return essence;
}

TEST(e2e_fault_matrix, every_page_struck_once_by_what_passes_leaves_no_trace) {
  if (times(0, 1) == 0) GTEST_SKIP() << "takes minutes: set CHIMPLIFT_TORTURE";
  Chance chance;
  const auto kinds = static_cast<i64>(passing().size());
  ASSERT_GT(kinds, 0) << "CHIMPLIFT_KINDS names none that there is";
  const i64 first = chance.between(0, kinds - 1);
  const i64 runs = times(2, static_cast<int>(kinds));
  for (i64 i = 0; i < runs; ++i) {
    const Passing& one = passing()[static_cast<std::size_t>((first + i) % kinds)];
    if (one.looks_right) continue;  // a server that lies on every page that is new to it is none whose trouble passes
    SCOPED_TRACE(name_of(one) + ", " + chance.seed());
    SimulatorOptions options = Scene::very_small();
    options.seed = static_cast<mailchimp_sim::u64>(chance.between(1, 1'000'000));
    const Scene quiet(options);
    const RunResult clean = sync_in_process(quiet, hurried(), false);
    ASSERT_EQ(trouble_of(clean), "");
    Scene scene(options);
    Fault fault = fault_of(one);
    fault.once_each = true;
    if (one.kind == "status_401") fault.path_contains = "/reports";  // the account itself, refused, is a refused key
    scene.simulator.plant(fault);
    const RunResult result = sync_in_process(scene, hurried(), false);
    ASSERT_EQ(trouble_of(result), "");
    EXPECT_EQ(essence_of(result).text, essence_of(clean).text);
    EXPECT_EQ(scene.stats().beyond_limit, 0);
    EXPECT_EQ(scene.stats().non_get_requests, 0);
  }
  tried(runs);
}

TEST(e2e_fault_matrix, each_that_passes_alone_at_each_page_ends_as_the_clean_run) {
  Chance chance;
  // One account for all of it: what is compared is what the certificate says, which reads every page again.
  Essence clean;
  i64 requests = 0;
  {
    const Scene scene(Scene::very_small());
    const RunResult result = sync_in_process(scene, hurried(), false);
    ASSERT_EQ(trouble_of(result), "");
    clean = essence_of(result);
    requests = scene.stats().requests + scene.stats().file_requests;
  }
  const auto kinds = static_cast<i64>(passing().size());
  ASSERT_GT(kinds, 0) << "CHIMPLIFT_KINDS names none that there is";
  const i64 all = kinds * requests;
  // Each in its turn where there is time for it; from a random place on, so that a campaign that is cut short is another one each time.
  const bool is_all = times(0, 1) != 0;
  const Part part = wanted_part(all);
  const i64 first = is_all ? part.first : chance.between(0, all - 1);
  const i64 runs = is_all ? part.end - part.first : 4;
  const i64 step = is_all ? 1 : all / runs;
  i64 struck = 0;
  for (i64 i = 0; i < runs; ++i) {
    const i64 at = (first + i * step) % all;
    const Passing& one = passing()[static_cast<std::size_t>(at % kinds)];
    SCOPED_TRACE(fmt::format("{} at request {}, {}", name_of(one), at / kinds, chance.seed()));
    Scene scene(Scene::very_small());
    Fault fault = fault_of(one);
    fault.skip = static_cast<int>(at / kinds);
    fault.times = 1;
    scene.simulator.plant(fault);
    const RunResult result = sync_in_process(scene, hurried(), false);
    ASSERT_EQ(trouble_of(result), "");
    const Essence essence = essence_of(result);
    if (one.kind == "total_absent") {
      EXPECT_EQ(essence.without_totals, clean.without_totals);
    } else {
      EXPECT_EQ(essence.text, clean.text);
    }
    EXPECT_EQ(scene.stats().beyond_limit, 0);
    ++struck;
  }
  tried(struck);
  std::printf("  %lld of %lld: %lld kinds at %lld requests\n", static_cast<long long>(struck), static_cast<long long>(all),
              static_cast<long long>(kinds), static_cast<long long>(requests));
}

/// A collection or record of the account that nothing hangs below, and the gap that it is when it cannot be read.
struct Place {
  std::string path;
  std::string gap;
  bool operator<(const Place& other) const { return path < other.path; }
};

std::vector<Place> places_of(const Scene& scene) {
  std::vector<Place> places;
  Words paths;
  for (const auto& [path, _] : scene.account().collections) paths.push_back(path);
  for (const auto& [path, _] : scene.account().singles) paths.push_back(path);
  const auto add = [&places, &paths](const std::string& path, const std::string& table, const mailchimp_sim::Parents& parents) {
    const Stream* stream = table.empty() ? nullptr : find_stream(table);
    // What is asked for in the account's own words only; a stream that others are read below would hide their gaps.
    const bool is_plain = path.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-_") == std::string::npos;
    if (stream == nullptr || !is_plain || !children_of(*stream).empty() || !stream->embedded.empty()) return;
    // Without an answer about the account itself there is no run; and what ends another path would strike both.
    const auto ends_alike = std::count_if(paths.begin(), paths.end(), [&path](const std::string& other) { return other.ends_with(path); });
    if (stream->table == "account" || ends_alike > 1) return;
    std::string gap = table;
    const std::vector<std::string> columns = parent_columns(*stream);
    if (columns.size() != parents.size()) return;
    std::map<std::string, std::string> words;  // in the order in which a certificate has them
    for (const auto& [column, text] : parents) {
      const Json id = Json::parse(text);
      words[column] = id.is_string() ? id.get<std::string>() : id.dump();
    }
    for (const auto& [column, id] : words) gap += " " + column + "=" + id;
    places.push_back({path, gap});
  };
  for (const auto& [path, collection] : scene.account().collections) add(path, collection.table, collection.parents);
  for (const auto& [path, single] : scene.account().singles) add(path, single.table, single.parents);
  return places;
}

// Mixed by seed: some things pass, some stay; the gaps are what stays, and nothing else.
TEST(e2e_fault_matrix, the_gaps_are_exactly_what_was_planted_for_good) {
  const Words for_good = {"status_403",   "status_400",  "redirect_other_host", "redirect_other_scheme", "status_500",    "html_200",
                          "reset",        "hang_up",     "empty_200",           "problem_200",           "redirect_same", "short_json",
                          "not_a_number", "cut_in_head", "header_bomb"};
  Chance chance;
  const int runs = times(4, 300);
  for (int i = 0; i < runs; ++i) {
    SCOPED_TRACE(fmt::format("run {}, {}", i, chance.seed()));
    SimulatorOptions options = Scene::very_small();
    options.seed = static_cast<mailchimp_sim::u64>(chance.between(1, 1'000'000));
    Scene scene(options);
    const std::vector<Place> places = places_of(scene);
    std::map<Place, std::string> planted;  // → kind
    for (i64 left = chance.between(1, 6); left > 0; --left) {
      const Place& place = places[static_cast<std::size_t>(chance.between(0, static_cast<i64>(places.size()) - 1))];
      const std::string& kind = for_good[static_cast<std::size_t>(chance.between(0, static_cast<i64>(for_good.size()) - 1))];
      if (!planted.emplace(place, kind).second) continue;
      scene.simulator.plant({.kind = kind, .path_contains = place.path + "$", .spares_files = true});
    }
    std::string what = "at random: ";
    for (int noise = 0; noise < 4; ++noise) {
      Fault fault = fault_of(passing()[static_cast<std::size_t>(chance.between(0, static_cast<i64>(passing().size()) - 1))]);
      if (fault.kind == "status_401" || fault.kind.starts_with("total_")) continue;  // these add up, to a refused key or to another total
      fault.times = 3;
      fault.probability = 0.01;
      what += fault.kind + "; ";
      scene.simulator.plant(fault);
    }
    const RunResult result = sync_in_process(scene, hurried(), false);
    std::set<std::string> named;
    for (const std::string& gap : findings(scene.certificate().at("gaps"))) named.insert(gap);
    std::set<std::string> expected;
    what += "for good: ";
    const std::map<std::string, i64> asked = scene.stats().by_path;
    for (const auto& [place, kind] : planted) {
      // Nothing hangs below a campaign that has no report, and nobody asks for it.
      const bool is_asked_for =
          std::any_of(asked.begin(), asked.end(), [&path = place.path](const auto& one) { return one.first.ends_with(path); });
      if (is_asked_for) expected.insert(place.gap);
      what += kind + " at " + place.gap + (is_asked_for ? "; " : ", which nobody asked for; ");
    }
    if (expected.empty()) {
      EXPECT_EQ(trouble_of(result), "") << what;
      continue;
    }
    EXPECT_EQ(named, expected) << what << "\n" << scene.certificate().at("gaps");
    EXPECT_EQ(result.failure(), ErrorKind::gaps) << trouble_of(result);
    EXPECT_EQ(scene.stats().beyond_limit, 0);
    // Once it is gone, the same command completes the account.
    scene.simulator.lift_faults();
    EXPECT_EQ(trouble_of(sync_in_process(scene, hurried(), false)), "") << what;
  }
  tried(runs);
}

// Answers that would take for ever, or all memory: each ends as the gap that it is.
TEST(e2e_fault_matrix, slow_and_endless_answers_end_as_gaps) {
  if (times(0, 1) == 0) GTEST_SKIP() << "takes half a minute: set CHIMPLIFT_TORTURE";
  const std::vector<Fault> faults = {{.kind = "slow_body", .param = 400},
                                     {.kind = "silent_body", .param = 60'000},
                                     {.kind = "stall", .param = 60'000},
                                     {.kind = "endless"},
                                     {.kind = "gzip_bomb", .param = 300'000'000},
                                     {.kind = "header_bomb"},
                                     {.kind = "redirect_same"}};
  for (Fault fault : faults) {
    SCOPED_TRACE(fault.kind);
    Scene scene(Scene::very_small());
    fault.path_contains = "/file-manager/folders$";
    scene.simulator.plant(fault);
    Pace pace = hurried();
    pace.timeout_millis = 2000;
    if (fault.kind == "slow_body" || fault.kind == "silent_body" || fault.kind == "stall") pace.timeout_millis = 150;
    const RunResult result = sync_in_process(scene, pace, false, {"stored_files"});
    EXPECT_EQ(findings(scene.certificate().at("gaps")), Words{"stored_file_folders"}) << trouble_of(result);
    EXPECT_LE(scene.stats().max_in_flight, 10);
  }
}

// Only pages of 1,000 are too much; smaller ones are not.
TEST(e2e_fault_matrix, pages_that_are_too_large_are_asked_for_in_smaller_ones) {
  Scene scene(Scene::very_small());
  scene.simulator.plant({.kind = "gzip_bomb", .path_contains = "/campaigns$", .query_contains = "count=1000", .param = 300'000'000});
  const RunResult result = sync_in_process(scene, hurried(), false, {"campaigns"});
  EXPECT_EQ(trouble_of(result), "");
  EXPECT_GE(result.accounts.at(0).retries, 1);
}

}  // namespace
}  // namespace chimplift::e2e
