#include "pull/pull.hpp"

#include <algorithm>

#include "client/request.hpp"
#include "inventory/local_bodies.hpp"
#include "pull/account_pull.hpp"

namespace chimplift {
namespace {

/// However a round ends, memory that is lacking included: the archives outlive its loop, and their threads would go on posting to it.
struct NoCallbacks {
  const std::vector<AccountRun*>& runs;
  ~NoCallbacks() {
    for (AccountRun* run : runs) run->archive->on_durable({});
  }
};

/// Pulls these accounts until each is done. Returns those whose archives were begun so long ago that they are to be pulled once more.
std::vector<AccountRun*> pull_round(const Settings& settings, const std::vector<AccountRun*>& runs,
                                    const std::function<void()>& on_durable) {
  // A loop for each round: what an archive's thread or a timer still has for the pulls of this one ends with them.
  const std::unique_ptr<HttpLoop> loop = make_http_loop(http_settings(settings));
  std::vector<std::pair<AccountRun*, std::unique_ptr<AccountPull>>> pulls;
  const NoCallbacks afterwards{runs};
  for (AccountRun* run : runs) {
    run->progress->pulled = false;
    pulls.emplace_back(run, std::make_unique<AccountPull>(*loop, *run->account, settings, *run->archive, *run->progress));
    AccountPull* one = pulls.back().second.get();
    run->archive->on_durable([one, &loop, &on_durable] {
      loop->post([one] { one->wake(); });
      on_durable();
    });
    one->start();
  }
  loop->run([&] {
    if (settings.is_interrupted()) return true;
    // Where memory is lacking, an archive's thread may fail to say that it has stopped.
    for (auto& [run, one] : pulls) {
      if (!one->is_done() && run->archive->error()) one->wake();
    }
    return std::all_of(pulls.begin(), pulls.end(), [](const auto& item) { return item.second->is_done(); });
  });
  std::vector<AccountRun*> outdated;
  for (auto& [run, one] : pulls) {
    if (one->error()) run->error = one->error();
    if (Result<void> flushed = run->archive->flush(); !flushed && !run->error) run->error = flushed.error();
    run->archive->on_durable({});
    if (!run->archive->error() && !settings.is_interrupted()) {
      if (Result<void> made = make_local_bodies(*run->archive, settings); !made && !run->error) run->error = made.error();
    }
    run->progress->in_flight = 0;
    if (!run->error && one->is_outdated()) outdated.push_back(run);
  }
  return outdated;
}

}  // namespace

void pull(const Settings& settings, std::vector<AccountRun>& runs, const std::function<void()>& on_durable) {
  std::vector<AccountRun*> open;
  for (AccountRun& run : runs) {
    if (!run.error && !run.is_settled) open.push_back(&run);
  }
  const std::vector<AccountRun*> outdated = pull_round(settings, open, on_durable);
  if (!outdated.empty() && !settings.is_interrupted()) pull_round(settings, outdated, on_durable);
}

}  // namespace chimplift
