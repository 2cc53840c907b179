#include "cli/archive_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>

#include "archive/account_archive.hpp"
#include "archive/folder_tree.hpp"
#include "archive/s3_tree.hpp"
#include "base/clock.hpp"
#include "base/files.hpp"
#include "cli/aws_options.hpp"
#include "cli/interrupt.hpp"

namespace chimplift {
namespace {

constexpr const char* kFolder = "mailchimp-archive";
constexpr std::string_view kS3 = "s3://";
constexpr std::string_view kTestRuns = "test-runs";
// A run that was told to end makes durable what came, and then has to be gone: Kubernetes kills it after 30 s at the most.
constexpr i64 kMillisAfterSignal = 7'000;

std::string archive_text(const Values& values) {
  const std::string given = values.text("archive");
  return given.empty() ? kFolder : given;
}

/// "gs" of "gs://bucket/x" and of "gs:/bucket/x"; "" of what is the name of a folder.
std::string_view scheme_of(std::string_view text) {
  const std::string_view scheme = text.substr(0, std::min(text.find(":/"), text.size()));
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto fits = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'; };
  const bool is_one = scheme.size() < text.size() && !scheme.empty() && is_letter(scheme.front()) && std::ranges::all_of(scheme, fits);
  return is_one ? scheme : std::string_view();
}

/// In a folder a real run puts aside what a test run left in its place. S3 cannot rename, so there a test run never takes that place.
std::string below_test_runs(const std::string& prefix) {
  if (prefix == kTestRuns || prefix.ends_with("/" + std::string(kTestRuns))) return prefix;
  return prefix + (prefix.empty() ? "" : "/") + std::string(kTestRuns);
}

/// S3 answers a name or an alias in that place with an error that says nothing of it.
Result<void> check_bucket_owner(const Values& values) {
  constexpr std::size_t kDigits = 12;
  const std::string owner = values.text("s3-bucket-owner");
  const bool is_account = owner.size() == kDigits && owner.find_first_not_of("0123456789") == std::string::npos;
  if (is_account || owner.empty()) return {};
  return fail(ErrorKind::usage,
              fmt::format("{} is the number of an AWS account, 12 digits, and not {}", values.where("s3-bucket-owner"), owner),
              "As in: --s3-bucket-owner 111122223333");
}

/// Of an account's ledger; nullopt where there is none.
Result<std::optional<LedgerRecord>> first_record(Tree& account) {
  TRY_ASSIGN(const std::unique_ptr<LedgerCopy> ledger, account.open_ledger(LedgerPart::first_line));
  if (!ledger) return std::optional<LedgerRecord>();
  TRY_ASSIGN(const File file, File::open(ledger->file()));
  TRY_ASSIGN(const i64 size, file.size());
  TRY_ASSIGN(LedgerReader reader, LedgerReader::open(ledger->file(), ledger->name()));
  return reader.next(size);
}

/// True once a signal came and there was time to make durable what had come before it.
std::function<bool()> cancelled_after_signal() {
  return [since = std::make_shared<std::atomic<i64>>(0)] {
    if (exit_code_of_signal() == 0) return false;
    const i64 now = system_clock().steady_millis();
    i64 none = 0;
    since->compare_exchange_strong(none, now);
    return now - *since > kMillisAfterSignal;
  };
}

}  // namespace

Result<std::shared_ptr<Tree>> archive_of(const Values& values, const Environment& environment) {
  TRY(check_bucket_owner(values));
  const std::string text = archive_text(values);
  if (!text.starts_with(kS3)) {
    // Whoever writes so means no folder on this machine: a whole account would be pulled to a place that is gone with its pod.
    if (!scheme_of(text).empty()) {
      return fail(ErrorKind::usage, fmt::format("{} is a folder or s3://bucket/prefix, and {} is neither", values.where("archive"), text),
                  fmt::format("Other kinds of storage are not known, nor other ways to write s3://. A folder of that name is ./{}", text));
    }
    const bool has_stage = values.text("warehouse").starts_with("snowflake:");
    for (const char* option : {"s3-kms-key", "s3-bucket-owner"}) {
      if (!has_stage && values.has(option) && values.where(option).starts_with("--")) {
        return fail(ErrorKind::usage, fmt::format("{} goes with an archive on S3, and {} is a folder", values.where(option), text),
                    "As in: --archive s3://bucket/prefix");
      }
    }
    return folder_tree(text);
  }
  TRY_ASSIGN(S3ArchivePlace place, s3_place_of(text));
  place.aws = aws_settings_of(values, environment);
  place.aws.is_cancelled = cancelled_after_signal();
  if (values.is_true("is-test")) place.prefix = below_test_runs(place.prefix);
  const std::string bucket = place.s3.bucket;
  place.s3 = s3_settings_of(values);
  place.s3.bucket = bucket;
  return s3_tree(std::move(place));
}

Result<std::string> s3_archive_name(std::string_view text) {
  TRY_ASSIGN(S3ArchivePlace place, s3_place_of(text));
  std::string name = std::string(kS3) + place.s3.bucket + (place.prefix.empty() ? "" : "/") + place.prefix;
  place.aws = aws_settings_to_judge();
  TRY(s3_tree(std::move(place)));
  return name;
}

S3Settings s3_settings_of(const Values& values) {
  S3Settings s3;
  s3.owner = values.text("s3-bucket-owner");
  if (const std::string key = values.text("s3-kms-key"); !key.empty()) {
    s3.encryption = S3Encryption::kms;
    s3.kms_key = key == "aws/s3" ? "" : key;
  }
  return s3;
}

std::filesystem::path duckdb_beside(const Values& values) {
  const std::string text = archive_text(values);
  const std::filesystem::path file = "mailchimp.duckdb";
  return text.starts_with(kS3) ? file : text / file;
}

Result<std::vector<Account>> accounts_of_archive(Tree& archive) {
  std::vector<Account> accounts;
  TRY_ASSIGN(const std::vector<std::string> folders, archive.folders());
  for (const std::string& folder : folders) {
    const std::unique_ptr<Tree> account = archive.below(folder);
    TRY_ASSIGN(const std::optional<LedgerRecord> first, first_record(*account));
    if (!first) {
      TRY(check_ledger_is_not_lost(*account, account->name_of(kLedger)));
      continue;
    }
    const auto* about = std::get_if<ArchiveRecord>(&*first);
    // A folder that a test run left aside has the name of the account and not its place.
    if (about != nullptr && safe_name(about->account_name) == folder) accounts.push_back(Account{about->account_name, Secret(), "", ""});
  }
  std::sort(accounts.begin(), accounts.end(), [](const Account& a, const Account& b) { return a.name < b.name; });
  return accounts;
}

}  // namespace chimplift
