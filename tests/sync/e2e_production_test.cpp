// Production as a whole, and everything that can be taken from it: answers, connections, the program itself.
#include "e2e_production.hpp"

#include <gmock/gmock.h>
#include <signal.h>

#include <map>
#include <mutex>
#include <set>

#include "base/text.hpp"
#include "e2e_compare.hpp"
#include "support/tries.hpp"

namespace chimplift::e2e {
namespace {

using snowflake_standin::Asked;
using testing::HasSubstr;
using AwsFault = standins::Fault;
using SnowflakeFault = snowflake_standin::Fault;

SimulatorOptions two_accounts() {
  SimulatorOptions options = Scene::small();
  options.accounts = 2;
  options.scale = 0.015;
  return options;
}

SimulatorOptions few_rows() {
  SimulatorOptions options = Scene::small();
  options.scale = 0.01;
  return options;
}

/// What to leave out, so that a run has something of everything and few requests.
Words but_few_steps() {
  return {
      "segment_members", "campaign_stats", "email_activity", "unsubscriptions", "conversations", "landing_pages", "surveys", "ads", "sms",
      "ecommerce",       "contacts",       "member_details"};
}

Words without(const Words& steps) { return steps.empty() ? Words() : Words{"--excluded-steps", join(steps, ",")}; }

TEST(e2e_production, two_accounts_end_safe_to_close_and_snowflake_holds_what_duckdb_holds) {
  Production scene(two_accounts());
  const Ended synced = scene.run("sync", {"--json"});
  ASSERT_EQ(synced.code, 0) << synced.all();
  const Json document = Json::parse(synced.out);
  ASSERT_EQ(document.at("accounts").size(), 2U);
  for (const Json& account : document.at("accounts")) EXPECT_EQ(account.at("certificate").at("verdict"), "safe to close");
  // A field that no catalogue knows, and a value of another type than its column's: columns that came in the middle of the run.
  const std::set<std::string> texts = scene.cloud.snowflake.engine().texts();
  for (const std::string column : {"SMS_PROGRAM_2026", "TIMESTAMP_SIGNUP__TEXT"}) {
    const std::string added = "ALTER TABLE \"BRANDS\".\"MAILCHIMP\".\"LIST_MEMBERS\" ADD COLUMN IF NOT EXISTS \"" + column + "\"";
    EXPECT_TRUE(std::ranges::any_of(texts, [&](const std::string& sql) { return sql.starts_with(added); })) << column;
    const auto values = scene.cloud.snowflake.engine().read("BRANDS.MAILCHIMP.LIST_MEMBERS", {column});
    EXPECT_TRUE(std::ranges::any_of(values, [](const Words& row) { return row[0] != "NULL"; })) << column;
  }
  EXPECT_EQ(scene.run("verify").code, 0);
  // Again, with everything there: nothing twice.
  EXPECT_EQ(scene.run("load").code, 0);
  scene.expect_all_is_right();
}

// ---- answers that do not come

struct Trouble {
  const char* name;
  AwsFault s3;
  SnowflakeFault snowflake;
};

AwsFault answer(int status, const std::string& code) { return {AwsFault::Kind::answer, {}, standins::s3_error(status, code, "later"), 1}; }

/// Fails every request to S3 and to Snowflake the first `times` that it is made; with `one_in`, one in so many of them, by `seed`.
class EachRequest {
 public:
  EachRequest(Production& scene, Trouble trouble, int times, std::size_t one_in, std::size_t seed)
      : scene_(scene), trouble_(std::move(trouble)), times_(times), one_in_(one_in), seed_(seed) {
    scene.cloud.aws.s3.server().set_gate([this](const standins::Request& request) -> std::optional<AwsFault> {
      if (!is_early("S3 " + request.method + " " + request.path + "?" + request.query)) return std::nullopt;
      return trouble_.s3;
    });
    scene.cloud.snowflake.fault = [this](const Asked& asked) {
      // A statement's id is in its path, and the same in every try.
      const std::string name = asked.path.substr(0, asked.path.find("&retry="));
      return is_early("Snowflake " + asked.method + " " + name) ? trouble_.snowflake : SnowflakeFault::none;
    };
  }
  EachRequest(const EachRequest&) = delete;
  EachRequest& operator=(const EachRequest&) = delete;
  ~EachRequest() {
    scene_.cloud.aws.s3.server().set_gate({});
    scene_.cloud.snowflake.fault = nullptr;
  }
  /// Different requests that failed.
  [[nodiscard]] std::size_t failed(const std::string& service) const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::ranges::count_if(seen_, [&](const auto& one) { return one.first.starts_with(service); }));
  }

 private:
  bool is_early(const std::string& what) {
    if (std::hash<std::string>()(what + std::to_string(seed_)) % one_in_ != 0) return false;
    const std::lock_guard lock(mutex_);
    return ++seen_[what] <= times_;
  }
  Production& scene_;
  Trouble trouble_;
  int times_;
  std::size_t one_in_, seed_;
  mutable std::mutex mutex_;
  std::map<std::string, int> seen_;
};

TEST(e2e_production, every_request_to_s3_and_snowflake_may_fail_at_first) {
  const Trouble troubles[] = {
      {"cut before", {AwsFault::Kind::drop_before}, SnowflakeFault::cut_before},
      {"cut after", {AwsFault::Kind::drop_after}, SnowflakeFault::cut_after},
      {"429", answer(429, "TooManyRequestsException"), SnowflakeFault::too_many},
      {"503", answer(503, "SlowDown"), SnowflakeFault::unavailable},
      {"cut in the answer, and 504 after it was done", {AwsFault::Kind::cut_answer}, SnowflakeFault::gateway},
      {"500, and 401", answer(500, "InternalError"), SnowflakeFault::unauthorized},
  };
  Chance chance;
  const i64 only = times(static_cast<int>(chance.between(0, 5)), -1);  // another one in each short run
  long long failed = 0;
  for (i64 i = 0; const Trouble& trouble : troubles) {
    const i64 at = i++;
    if (only >= 0 && at != only) continue;
    SCOPED_TRACE(std::string(trouble.name) + ", " + chance.seed());
    Production scene(few_rows());
    const Words excluded = times(0, 1) != 0 ? Words() : but_few_steps();
    {
      // 401 twice is a wrong key, and each statement may have one new login.
      const int burst = trouble.snowflake == SnowflakeFault::unauthorized ? 1 : static_cast<int>(chance.between(1, times(1, 3)));
      const auto one_in = static_cast<std::size_t>(times(4, 1));  // it is mostly waiting
      const EachRequest each(scene, trouble, burst, one_in, static_cast<std::size_t>(chance.between(0, 1'000'000)));
      const Ended synced = scene.run("sync", without(excluded));
      ASSERT_EQ(synced.code, 0) << synced.all();
      EXPECT_THAT(synced.out, HasSubstr("safe to close"));
      EXPECT_GT(each.failed("S3"), 30U);
      EXPECT_GT(each.failed("Snowflake"), 8U);
      failed += static_cast<long long>(each.failed("S3") + each.failed("Snowflake"));
      std::printf("%s, %d times each: %zu requests to S3, %zu to Snowflake\n", trouble.name, burst, each.failed("S3"),
                  each.failed("Snowflake"));
    }
    scene.expect_all_is_right(excluded);
  }
  tried(failed);
}

// ---- a program that dies

/// Kills the program at each durable step once, before the step's effect or after it: at the first segment of each stream, each piece of
/// the ledger, each file, and each kind of statement.
class EachStep {
 public:
  EachStep(Production& scene, bool is_after, std::function<bool()> strikes) : scene_(scene), strikes_(std::move(strikes)) {
    scene.cloud.aws.s3.server().set_gate([this, is_after](const standins::Request& request) -> std::optional<AwsFault> {
      if (request.method != "PUT" && request.method != "DELETE") return std::nullopt;
      if (!is_due(request.method + " " + (is_after && is_of_ledger(request.path) ? next_piece() : step_of(request.path))))
        return std::nullopt;
      scene_.kill_victim();
      return is_after ? std::nullopt : std::optional(AwsFault{AwsFault::Kind::drop_before});
    });
    scene.cloud.snowflake.fault = [this, is_after](const Asked& asked) {
      constexpr std::size_t kKind = 60;  // characters that tell statements apart, and runs not
      if (asked.sql.empty() || !is_due(asked.sql.substr(0, std::min(kKind, asked.sql.find("CHIMPLIFT_STAGE_")))))
        return SnowflakeFault::none;
      scene_.kill_victim();
      return is_after ? SnowflakeFault::none : SnowflakeFault::cut_before;
    };
  }
  EachStep(const EachStep&) = delete;
  EachStep& operator=(const EachStep&) = delete;
  ~EachStep() {
    scene_.cloud.aws.s3.server().set_gate({});
    scene_.cloud.snowflake.fault = nullptr;
  }
  [[nodiscard]] int kills() const { return kills_; }
  void begin_run() { pieces_ = 0; }

 private:
  static bool is_of_ledger(const std::string& path) { return path.find("/ledger/") != std::string::npos; }
  /// Each run begins with a piece of its own, with a number that was not there before: killed after each, no run would ever end.
  std::string next_piece() { return "a run's piece of the ledger no. " + std::to_string(++pieces_); }
  /// Segments have other numbers after a kill, and staged files (<batch>-<table>-<number>.ndjson.zst) other folders and numbers: they are
  /// named by what they are of.
  static std::string step_of(const std::string& path) {
    if (path.find("/raw/") != std::string::npos) return path.substr(0, path.rfind('/'));
    if (path.find("/_snowflake_stage/") == std::string::npos) return path;
    const std::string file = path.substr(path.rfind('/') + 1);
    const std::size_t table = file.find('-') + 1;
    return "a staged file of " + file.substr(table, file.rfind('-') - table);
  }
  bool is_due(const std::string& step) {
    const std::lock_guard lock(mutex_);
    if (!steps_.insert(step).second || !strikes_()) return false;
    ++kills_;
    return true;
  }
  Production& scene_;
  std::function<bool()> strikes_;
  std::mutex mutex_;
  std::set<std::string> steps_;
  std::atomic<int> kills_ = 0;
  std::atomic<int> pieces_ = 0;  // of the ledger, in this run
};

void expect_kills_change_nothing(bool is_after) {
  Chance chance;
  SCOPED_TRACE(chance.seed());
  Production scene(few_rows());
  const Words excluded = times(0, 1) != 0 ? Words() : but_few_steps();
  const i64 one_in = times(25, 1);
  int runs = 0;
  {
    EachStep each(scene, is_after, [&] { return chance.between(1, one_in) == 1; });
    Ended ended;
    do {
      each.begin_run();
      ended = scene.run("sync", without(excluded));
      ASSERT_TRUE(ended.code == 0 || ended.code == 128 + SIGKILL) << ended.all();
      ASSERT_LT(++runs, 2'000);
    } while (ended.code != 0);
    EXPECT_THAT(ended.out, HasSubstr("safe to close"));
    EXPECT_GE(each.kills(), runs - 1) << "requests go side by side: two steps may strike at once";
  }
  std::printf("%d kills\n", runs - 1);
  tried(runs - 1);
  scene.expect_all_is_right(excluded);
}

TEST(e2e_production, kills_before_durable_steps_change_nothing) { expect_kills_change_nothing(false); }
TEST(e2e_production, kills_after_durable_steps_change_nothing) { expect_kills_change_nothing(true); }

}  // namespace
}  // namespace chimplift::e2e
