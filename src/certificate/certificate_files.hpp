// What verification leaves in an account's folder: certificate.json for programs, certificate.html for people, content.sha256 for whoever
// wants to prove later that the archive is still the same.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "archive/account_archive.hpp"
#include "certificate/certificate.hpp"
#include "certificate/content.hpp"
#include "run/settings.hpp"

namespace chimplift {

/// Nobody vouches for what another run has put into the archive since this one opened it: the certificate is that run's to write. Error:
/// busy; what open_to_read fails with.
Result<void> check_as_opened(const Settings& settings, const AccountArchive& archive);

/// Sums up the archive's content into the certificate and writes all three. The ledger must have its last word before. Errors: destination;
/// those of check_as_opened, and then nothing was written; busy too, where it would say "safe" and another verification has written "not
/// safe" since this one began. `stood`: the standing certificate as it was then.
Result<void> write_certificate(const Settings& settings, const AccountArchive& archive, const KnownSums& known, const std::string& stood,
                               Certificate& certificate);

/// After a partial verification: nothing where it found nothing, because what it did not read it cannot vouch for. Where it found a gap,
/// the certificate says "not safe", and what was certified before stays in content.sha256. False where nothing was written: one that says
/// "not safe" of more steps stands as well. Errors: as of write_certificate.
Result<bool> write_partial_certificate(const Settings& settings, const AccountArchive& archive, Certificate& certificate);

/// True where the certificate that stands, or one of more steps that it has replaced, speaks of tables that this one, of some steps alone,
/// leaves out. Errors: of standing_certificate.
Result<bool> stands_for_more(const AccountArchive& archive, const Certificate& certificate);

/// What certificate.json holds; "" where there is none. Errors: those of reading it, which say nothing of what it says.
Result<std::string> standing_certificate(const AccountArchive& archive);
/// The verdict in such a text; "" where it has none.
std::string verdict_in(const std::string& json);

/// The verdict that stands, and whether it is of the archive as it is now.
struct LastVerdict {
  std::string verdict;                             // "" where there is none
  std::string created_at;                          // RFC 3339
  bool is_current = false;                         // nothing came into the archive since: no page, no file, no event
  std::map<std::string, StreamState> states = {};  // of its streams, by table; without what a later version says
  std::vector<std::string> limited_by = {};        // as in Certificate
  std::set<std::string> replaced = {};             // as in Certificate
};
/// `pages`: that the ledger has now. Errors: of standing_certificate.
Result<LastVerdict> last_verdict(const AccountArchive& archive, i64 pages);

}  // namespace chimplift
