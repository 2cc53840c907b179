// An archive of two steps, and verifications of it as runs of all or of some of them make them.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "certificate/certificate_files.hpp"
#include "support/small_archive.hpp"
#include "sync/verify_account.hpp"

namespace chimplift {

inline const UnitId kTemplates{"templates", {}, 0};

/// An archive with all of two steps, both empty, as one run verifies it.
struct TwoSteps : SmallArchive {
  explicit TwoSteps(std::shared_ptr<Tree> place = nullptr) : SmallArchive("templates") {
    if (place) {
      settings.archive = std::move(place);
      reopen();
    }
    progress.accounts.emplace_back().account_name = account.name;
    keep_whole({"template_folders", {}, 0}, R"({"folders":[],"total_items":0})");
    keep_whole(kTemplates, R"({"templates":[],"total_items":0})");
    keep_whole({"stored_file_folders", {}, 0}, R"({"folders":[],"total_items":0})");
    keep_whole({"stored_files", {}, 0}, R"({"files":[],"total_items":0,"total_file_size":0})");
    EXPECT_TRUE(archive->flush());
  }

  void choose(const std::vector<std::string>& steps, const std::string& limit) {
    settings.selection = *Selection::of({}, steps);
    settings.limited_by = {limit};
  }
  void choose_only(const std::string& step) { choose({step}, "--only-steps " + step); }
  /// What is left out is the user's exception.
  void choose_both() { choose({"templates", "stored_files"}, "--excluded-steps all,the,others"); }

  AccountResult verify(VerifyAs as = VerifyAs::command, std::optional<Error> error = {}) {
    EXPECT_TRUE(archive->flush());
    AccountRun run;
    run.error = std::move(error);
    run.ledger_before = archive->durable();
    run.account = &account;
    run.progress = &progress.accounts.front();
    run.archive = std::move(archive);
    run.set_aside = std::move(set_aside);
    AccountResult result;
    result.account_name = account.name;
    verify_account(settings, nullptr, as, run, result);
    result.error = run.error;
    archive = std::move(run.archive);
    set_aside = std::move(run.set_aside);
    return result;
  }
  /// A verification of both steps, which is to give this verdict.
  std::string certify_both(const std::string& verdict) {
    choose_both();
    EXPECT_FALSE(verify().is_unwritten);
    const std::string written = *standing_certificate(*archive);
    EXPECT_EQ(verdict_in(written), verdict);
    return written;
  }
  void lose(const UnitId& unit) {
    archive->keep(RefreshEvent{{unit.stream}, "now"});
    keep_end(unit, 0, {}, UnitState::incomplete);
  }

  Account account = *make_account("acme", "0123456789abcdef0123456789abcdef-us1", "", "");
  Progress progress;
  std::optional<SetAside> set_aside = {};  // by the last verification
};

inline constexpr const char* kSafe = "safe to close, with exceptions";  // the other steps are left out

}  // namespace chimplift
