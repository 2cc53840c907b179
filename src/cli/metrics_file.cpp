#include "cli/metrics_file.hpp"

#include <fmt/format.h>

#include <functional>
#include <utility>

#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/log.hpp"
#include "base/secret.hpp"
#include "base/text.hpp"
#include "certificate/certificate_files.hpp"

namespace chimplift {
namespace {

using namespace std::chrono_literals;

constexpr auto kBetween = 5s;
constexpr i64 kMicros = 1'000'000;

/// As a label's value is written.
std::string label(std::string_view value) {
  std::string text;
  for (const char c : to_utf8(redact(value))) {
    if (c == '\\' || c == '"') text += '\\';
    text += c == '\n' ? std::string("\\n") : std::string(1, c);
  }
  return text;
}

void describe(std::string_view name, std::string_view type, std::string_view help, std::string& text) {
  text += fmt::format("# HELP chimplift_{0} {1}\n# TYPE chimplift_{0} {2}\n", name, help, type);
}

struct AccountMetric {
  std::string_view name, type, help;
  std::function<i64(const AccountProgress&)> value;
};

const AccountMetric kOfAccounts[] = {
    {"requests_total", "counter", "Requests to Mailchimp.", [](const AccountProgress& a) { return a.requests.load(); }},
    {"retries_total", "counter", "Answers that had to be asked for again.", [](const AccountProgress& a) { return a.retries.load(); }},
    {"requests_in_flight", "gauge", "Requests under way; ten at most.", [](const AccountProgress& a) { return a.in_flight.load(); }},
    {"records_total", "counter", "Records that came.", [](const AccountProgress& a) { return a.records.load(); }},
    {"received_bytes_total", "counter", "Bytes that came.", [](const AccountProgress& a) { return a.bytes.load(); }},
    {"rows_loaded_total", "counter", "Rows that were loaded.", [](const AccountProgress& a) { return a.rows_loaded.load(); }},
    {"collections_known", "gauge", "Collections that are known so far.", [](const AccountProgress& a) { return a.units_known.load(); }},
    {"collections_ended", "gauge", "Of these, read to their end or given up.",
     [](const AccountProgress& a) { return a.units_ended.load(); }},
    {"files_known", "gauge", "Files that are known so far.", [](const AccountProgress& a) { return a.files_known.load(); }},
    {"files_ended", "gauge", "Of these, fetched or given up.", [](const AccountProgress& a) { return a.files_ended.load(); }},
};

/// A run of some steps, itself without a gap, may have left a certificate of more that is not safe.
bool is_safe_to_close(const AccountResult& account) {
  if (!is_safe(account.certificate->verdict)) return false;
  if (!account.is_unwritten) return true;
  const std::optional<Verdict> standing = parse_verdict(verdict_in(account.standing));
  return standing && is_safe(*standing);
}

void add_verdicts(const RunResult& result, std::string& text) {
  struct Metric {
    std::string_view name, help;
    std::function<i64(const AccountResult&)> value;
  };
  const Metric metrics[] = {
      {"safe_to_close", "1 where both this run and the certificate in the archive say that the account is safe to close, else 0.",
       [](const AccountResult& a) -> i64 { return is_safe_to_close(a) ? 1 : 0; }},
      {"gaps", "What is missing.", [](const AccountResult& a) { return count_of(a.certificate->gaps); }},
      {"exceptions", "What is missing and cannot come back, or was left out.",
       [](const AccountResult& a) { return count_of(a.certificate->exceptions); }},
  };
  for (const Metric& metric : metrics) {
    bool is_described = false;
    for (const AccountResult& account : result.accounts) {
      if (!account.certificate) continue;
      if (!std::exchange(is_described, true)) describe(metric.name, "gauge", metric.help, text);
      text += fmt::format("chimplift_{}{{account=\"{}\"}} {}\n", metric.name, label(account.account_name), metric.value(account));
    }
  }
}

}  // namespace

std::string metrics_text(const RunName& run, const Progress& progress, i64 started, i64 now, const std::optional<RunEnding>& ending) {
  std::string text;
  describe("run_info", "gauge", "The run that these numbers are of.", text);
  text += fmt::format("chimplift_run_info{{run=\"{}\",command=\"{}\",version=\"{}\"}} 1\n", label(run.id), label(run.command),
                      CHIMPLIFT_VERSION);
  const auto number = [&text](std::string_view name, std::string_view help, i64 value) {
    describe(name, "gauge", help, text);
    text += fmt::format("chimplift_{} {}\n", name, value);
  };
  number("run_started_seconds", "When it began.", started);
  number("run_updated_seconds", "When these numbers were written.", now);
  number("run_phase", "0 reads Mailchimp, 1 loads, 2 verifies, 3 is done.", static_cast<i64>(progress.phase.load()));
  for (const AccountMetric& metric : kOfAccounts) {
    describe(metric.name, metric.type, metric.help, text);
    for (const AccountProgress& account : progress.accounts) {
      text += fmt::format("chimplift_{}{{account=\"{}\"}} {}\n", metric.name, label(account.account_name), metric.value(account));
    }
  }
  if (!ending) return text;
  number("run_exit_code", "How it ended.", ending->exit_code);
  add_verdicts(*ending->result, text);
  return text;
}

Result<std::unique_ptr<MetricsFile>> MetricsFile::begin(const std::string& file, const RunName& run, const Progress& progress) {
  if (file.empty()) return std::unique_ptr<MetricsFile>();
  std::unique_ptr<MetricsFile> metrics(new MetricsFile(file, run, progress));
  TRY(metrics->write({}));
  metrics->thread_ = std::thread([self = metrics.get()] {
    try {
      self->keep_writing();
    } catch (...) {  // out of memory, perhaps: the file stays as it was until the run ends
    }
  });
  return metrics;
}

MetricsFile::MetricsFile(std::filesystem::path file, RunName run, const Progress& progress)
    : file_(std::move(file)), run_(std::move(run)), progress_(&progress), started_(system_clock().now_micros() / kMicros) {}

MetricsFile::~MetricsFile() { stop(); }

void MetricsFile::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  ended_changed_.notify_all();
  thread_.join();
}

void MetricsFile::end(const RunResult& result, int exit_code) {
  stop();
  if (const Result<void> written = write(RunEnding{&result, exit_code}); !written) {
    log_warning("The file of metrics could not be written.", {{"reason", written.error().message}});
  }
}

Result<void> MetricsFile::write(const std::optional<RunEnding>& ending) {
  const std::filesystem::path part = file_.string() + ".part";
  TRY_ASSIGN(File file, File::create(part));
  TRY(file.append(metrics_text(run_, *progress_, started_, system_clock().now_micros() / kMicros, ending)));
  // Unlike all else that is written: who collects it is another user, and it holds nothing but numbers and the accounts' names.
  std::error_code ignored;
  using std::filesystem::perms;
  std::filesystem::permissions(part, perms::owner_read | perms::owner_write | perms::group_read | perms::others_read, ignored);
  return move_file(part, file_);
}

void MetricsFile::keep_writing() {
  bool has_failed = false;
  std::unique_lock lock(mutex_);
  while (!ended_changed_.wait_for(lock, kBetween, [this] { return ended_; })) {
    const Result<void> written = write({});
    if (!written && !std::exchange(has_failed, true)) {
      log_warning("The file of metrics could not be written; the run goes on.", {{"reason", written.error().message}});
    }
  }
}

}  // namespace chimplift
