#include "sync/run_result.hpp"

#include "certificate/certificate_files.hpp"

namespace chimplift {

std::optional<ErrorKind> RunResult::failure() const {
  std::vector<ErrorKind> kinds;
  if (error) kinds.push_back(error->kind);
  for (const AccountResult& account : accounts) {
    if (account.error) kinds.push_back(account.error->kind);
    // What a partial verification did not read may be what made the account not safe.
    if (account.partial && parse_verdict(verdict_in(account.standing)) == Verdict::not_safe) kinds.push_back(ErrorKind::gaps);
    if (account.gaps && !account.gaps->empty() && !account.is_test) kinds.push_back(ErrorKind::gaps);
    if (account.certificate) {
      if (const std::optional<ErrorKind> kind = failure_of(*account.certificate)) kinds.push_back(*kind);
    }
  }
  return worst_of(kinds);
}

}  // namespace chimplift
