// Tries just what sync will do and nothing more: a check that asks for rights that sync does not need would refuse runs that would have
// gone well.
#include "sync/doctor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "archive/journal.hpp"
#include "archive/layout.hpp"
#include "base/files.hpp"
#include "client/hidden_account.hpp"
#include "client/key_proof.hpp"
#include "client/probe.hpp"
#include "inventory/account_identity.hpp"
#include "run/account_run.hpp"
#include "sync/doctor_streams.hpp"
#include "warehouse/duckdb_warehouse.hpp"
#include "warehouse/snowflake_warehouse.hpp"

namespace chimplift {
namespace {

Result<std::string> check_archive(Tree& archive) {
  TRY_ASSIGN(const std::optional<std::string> before, archive.read("archive.json"));
  TRY(open_archive_root(archive, true));
  TRY_ASSIGN(const std::string detail, archive.try_writing());
  return fmt::format("{} can be written{}{}", archive.name_of(""), before ? "" : " (made)", detail.empty() ? "" : ", " + detail);
}

Result<std::string> check_warehouse(const std::filesystem::path& file) {
  if (file.has_parent_path()) TRY(make_folders(file.parent_path()));
  TRY(try_duckdb({.file = file}));
  return file.string() + " can be written";
}

/// One check for each right.
void check_snowflake_target(const SnowflakeTarget& target, std::vector<Check>& checks) {
  const Result<std::shared_ptr<StageFiles>> files = open_stage_files(target);
  if (!files) {
    checks.push_back({"", "snowflake stage", files.error(), ""});
    return;
  }
  for (SnowflakeCheck& each : check_snowflake(target.snowflake, *files)) {
    checks.push_back({"", "snowflake " + each.what, std::move(each.error), std::move(each.detail)});
  }
}

/// Asks whose the key is; "" where its role may not see the account: it may read the rest. Adds what came of it.
Result<std::string> check_key(Probe& probe, const Account& account, std::vector<Check>& checks) {
  Result<std::string> root = probe.get(std::string(kAccountQuestion));
  Check check{account.name, "key", {}, ""};
  if (root) {
    check.detail = fmt::format("accepted by {}", account.api_base);
    const Result<PageContents> facts = read_page(*root, {"", {}, {"account_name", "role", "total_subscribers"}});
    if (facts && facts->records == 1) {
      const auto& fields = facts->fields[0];
      check.detail += fmt::format("; account \"{}\", role {}, {} subscribers", fields[0].value_or("?"), fields[1].value_or("?"),
                                  fields[2].value_or("?"));
    }
  } else if (!probe.lost() && root.error().kind == ErrorKind::permission) {
    check.detail = fmt::format("accepted by {}; its role may not see the account itself", account.api_base);
    root = std::string();
  } else {
    check.error = root.error();
  }
  checks.push_back(std::move(check));
  return root;
}

/// Asks who the key belongs to, then each stream. An archive that cannot be read has been named already.
void check_account(const Settings& settings, const Account& account, bool has_archive, std::vector<Check>& checks) {
  if (has_archive) {
    // One that is not there yet is sync's to make. A lost ledger it refuses, and a test run where the account was read in full.
    const Result<std::unique_ptr<AccountArchive>> opened = open_to_read(settings, account.name);
    has_archive = opened || opened.error().kind == ErrorKind::destination;
    if (!has_archive) checks.push_back({account.name, "archive", opened.error(), ""});
  }
  Probe probe(settings, account);
  const Result<std::string> root = check_key(probe, account, checks);
  if (!root) return;
  if (has_archive) {
    Result<void> right = root->empty() ? check_hidden_account(settings, account.name)
                                       : check_identity(*settings.archive, account.name, settings.test, account_id_in(*root));
    if (right) right = prove_key(probe, settings, account);
    if (!right) checks.push_back({account.name, "archive", right.error(), ""});
  }
  std::vector<Check> streams = check_streams(settings.selection, account, probe);
  std::move(streams.begin(), streams.end(), std::back_inserter(checks));
}

}  // namespace

std::vector<Check> doctor(const Settings& settings) {
  std::vector<Check> checks;
  const auto add = [&checks](const std::string& account_name, const std::string& what, const Result<std::string>& result) {
    Check check{account_name, what, {}, result.value_or("")};
    if (!result) check.error = result.error();
    checks.push_back(std::move(check));
  };
  const Result<std::string> archive = check_archive(*settings.archive);
  add("", "archive", archive);
  if (settings.duckdb) add("", "warehouse", check_warehouse(*settings.duckdb));
  if (settings.snowflake) check_snowflake_target(*settings.snowflake, checks);
  for (const Account& account : settings.accounts) {
    // Held while Mailchimp is asked: beside a run that has its ten requests under way this one would be the eleventh.
    const Result<std::shared_ptr<void>> lock = settings.archive->below(safe_name(account.name))->lock(account.name);
    Check check{account.name, "lock", {}, "no other run works on it"};
    if (!lock) check.error = lock.error();
    checks.push_back(std::move(check));
    if (lock || lock.error().kind != ErrorKind::busy) check_account(settings, account, archive.has_value(), checks);
  }
  return checks;
}

}  // namespace chimplift
