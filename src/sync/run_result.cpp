#include "sync/run_result.hpp"

#include <algorithm>
#include <array>

#include "certificate/certificate_files.hpp"

namespace chimplift {

std::optional<ErrorKind> RunResult::failure() const {
  // The first of these that occurred says how the run ended: what somebody has to do something about stands before what only has to be
  // tried again.
  static constexpr std::array kWorstFirst = {ErrorKind::interrupted, ErrorKind::internal, ErrorKind::archive, ErrorKind::destination,
                                             ErrorKind::permission,  ErrorKind::usage,    ErrorKind::blocked, ErrorKind::busy,
                                             ErrorKind::temporary,   ErrorKind::gaps};
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
  for (const ErrorKind kind : kWorstFirst) {
    if (std::find(kinds.begin(), kinds.end(), kind) != kinds.end()) return kind;
  }
  return std::nullopt;
}

}  // namespace chimplift
