// Tries just what sync will do and nothing more: a check that asks for rights that sync does not need would refuse runs that would have
// gone well.
#include <fmt/format.h>

#include <set>

#include "archive/journal.hpp"
#include "archive/layout.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "sync/account_identity.hpp"
#include "sync/engine.hpp"
#include "sync/probe.hpp"
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
  std::error_code ignored;
  const bool is_new = !std::filesystem::exists(file, ignored);
  {
    TRY_ASSIGN(const std::unique_ptr<Warehouse> warehouse, open_duckdb({.file = file}));
  }
  if (is_new) std::filesystem::remove(file, ignored);
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

/// The key must open the account that the archive is of, where there is one: sync refuses another. What a test run left makes room for
/// a real run, and is no reason to.
Result<void> check_identity(const Settings& settings, const Account& account, const std::string& id) {
  TRY_ASSIGN(const std::unique_ptr<LedgerCopy> ledger,
             settings.archive->below(safe_name(account.name))->open_ledger(LedgerPart::first_line));
  if (!ledger || id.empty()) return {};
  TRY_ASSIGN(const std::unique_ptr<AccountArchive> archive, AccountArchive::open_to_read(*settings.archive, account.name));
  if (archive->about().test && !settings.test) return {};
  TRY_ASSIGN(const std::string had, account_id_of(*archive));
  if (!had.empty() && had != id) return tl::unexpected(wrong_account(account.name, had, id));
  return {};
}

/// Asks who the key belongs to, then one record of each step's first stream. An archive that cannot be read has been named already.
void check_account(const Settings& settings, const Account& account, bool has_archive, std::vector<Check>& checks) {
  Probe probe(settings, account);
  Result<std::string> root = probe.get("/?exclude_fields=_links");
  Check key{account.name, "key", {}, fmt::format("accepted by {}", account.api_base)};
  if (!root) key.error = root.error();
  checks.push_back(key);
  if (!root) return;
  const Result<PageContents> facts = read_page(*root, {"", {}, {"account_name", "role", "total_subscribers"}});
  if (facts && facts->records == 1) {
    const auto& fields = facts->fields[0];
    checks.back().detail +=
        fmt::format("; account \"{}\", role {}, {} subscribers", fields[0].value_or("?"), fields[1].value_or("?"), fields[2].value_or("?"));
  }
  if (has_archive) {
    const Result<void> right = check_identity(settings, account, account_id_in(*root));
    if (!right) checks.push_back({account.name, "archive", right.error(), ""});
  }
  std::set<std::string_view> seen;
  for (const Stream* stream : settings.selection.pulled()) {
    if (!stream->parent.empty() || !seen.insert(stream->step).second) continue;
    const i64 count = stream->paging == Paging::object ? 0 : 1;
    const Result<PageContents> page = probe.page(*stream, {}, 0, 0, count, {std::string(stream->items), {}, {}});
    Check check{account.name, std::string(stream->step), {}, ""};
    if (!page) {
      check.error = page.error();
    } else {
      check.detail = page->total_items ? fmt::format("{} can be read: {}", stream->table, format_count(*page->total_items))
                                       : fmt::format("{} can be read", stream->table);
    }
    checks.push_back(std::move(check));
  }
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
