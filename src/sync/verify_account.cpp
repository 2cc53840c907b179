#include "sync/verify_account.hpp"

#include "base/clock.hpp"
#include "certificate/certificate_files.hpp"
#include "run/closing_command.hpp"
#include "verify/source_check.hpp"
#include "verify/verify.hpp"

namespace chimplift {
namespace {

std::string now() { return format_utc(system_clock().now_micros()); }

/// From here on another sync of these streams reads them anew instead of going on.
Result<void> note_finished(const Settings& settings, AccountArchive& archive) {
  std::vector<std::string> tables;
  for (const Stream* stream : settings.selection.pulled()) {
    tables.emplace_back(stream->table);
  }
  archive.keep(FinishedEvent{tables, now()});
  return archive.flush();
}

/// Both sides of the cross-checks that failed, as refreshes; what is doubtful as a whole in one of them.
std::vector<RefreshEvent> refreshes_of(const std::set<CrossChecker::Doubt>& doubts) {
  RefreshEvent whole{{}, now()};
  std::vector<RefreshEvent> events;
  for (const auto& [table, parents] : doubts) {
    if (parents.empty()) {
      whole.streams.push_back(table);
    } else {
      events.push_back({{table}, now(), parents});
    }
  }
  if (!whole.streams.empty()) events.push_back(std::move(whole));
  return events;
}

/// Another run has taken the account over.
bool is_lost(const AccountRun& run) { return run.error && run.error->kind == ErrorKind::busy; }

bool is_due(const Settings& settings, const AccountRun& run) {
  if (!run.archive || run.is_settled || is_lost(run) || settings.is_interrupted()) return false;
  // A run that failed before anything came takes nothing away from what was certified: after the account was closed, for one.
  if (!run.error) return true;
  const Result<LastVerdict> last = last_verdict(*run.archive, 0);
  return last && !last->is_current;
}

/// The account's own error is its first gap.
void add_error(const Settings& settings, const AccountRun& run, Certificate& certificate) {
  const std::string command = closing_command(settings, "sync", {{"account", run.account->name}});
  certificate.gaps.insert(certificate.gaps.begin(), Finding{"", {}, "", run.error->message, command});
  if (certificate.verdict != Verdict::test_run) certificate.verdict = Verdict::not_safe;
}

/// What came in since is to be read by any run that comes next, and nothing vouches for it until then.
Result<void> note_grown(AccountArchive& archive, std::vector<RefreshEvent>& grown) {
  for (RefreshEvent& event : grown) archive.keep(std::move(event));
  return archive.flush();
}

/// The certificate of this text says that the account is safe to close.
bool says_safe(const std::string& json) {
  const std::optional<Verdict> verdict = parse_verdict(verdict_in(json));
  return verdict && is_safe(*verdict);
}

/// True where the certificate that stands is to be left as it is. A run of some steps alone leaves that of more than these: only a gap
/// takes "safe to close" away from others, one that a second look may close does so for that time alone (set_aside()), and gaps of other
/// steps are not to go behind those of these.
Result<bool> leaves_standing(VerifyAs as, const AccountRun& run, const Certificate& certificate) {
  const bool is_looked_at_again = as == VerifyAs::first_look && !run.error && !(run.doubts.empty() && run.damaged_files.empty());
  TRY_ASSIGN(const std::string text, standing_certificate(*run.archive));
  // Where nothing came, and nothing is wrong but the run's own error, what was certified holds: after the account was closed, for one.
  if (says_safe(text) && run.error && certificate.gaps.size() == 1 && run.archive->durable() == run.ledger_before) return true;
  TRY_ASSIGN(const bool is_of_more, stands_for_more(*run.archive, certificate));
  if (!is_of_more) return false;
  return certificate.gaps.empty() || is_looked_at_again || verdict_in(text) == name_of(Verdict::not_safe);
}

/// A doubt of a run of some steps alone takes "safe to close" away from all at once: whatever stops the run before its second look, or in
/// it, must not leave that standing.
Result<bool> set_aside(const Settings& settings, AccountRun& run, Certificate& certificate) {
  TRY_ASSIGN(const std::string json, standing_certificate(*run.archive));
  if (run.error || certificate.gaps.empty() || !says_safe(json)) return false;
  TRY_ASSIGN(const std::optional<std::string> page, run.archive->tree().read(std::string(kCertificatePage)));
  TRY_ASSIGN(const bool has_given_way, write_partial_certificate(settings, *run.archive, certificate));
  if (has_given_way) run.set_aside = SetAside{json, page.value_or(""), to_json(certificate)};
  return has_given_way;
}

/// The second look found nothing: what stood stands again, unless a verification beside this run has written another word meanwhile.
Result<void> put_back(const Settings& settings, const AccountRun& run) {
  TRY(check_as_opened(settings, *run.archive));
  TRY_ASSIGN(const std::string standing, standing_certificate(*run.archive));
  if (standing != run.set_aside->instead) return {};
  TRY(run.archive->tree().write(std::string(kCertificatePage), run.set_aside->page));
  return run.archive->tree().write(std::string(kCertificate), run.set_aside->json);
}

/// Writes the certificate, or leaves the one that stands. Errors: busy, where that is another run's; where it cannot be read, nothing is
/// known of what would be written over.
Result<void> certify(const Settings& settings, VerifyAs as, AccountRun& run, const KnownSums& known, const std::string& stood,
                     Certificate& certificate, AccountResult& result) {
  if (run.set_aside) {
    result.is_unwritten = certificate.gaps.empty();
  } else {
    TRY_ASSIGN(result.is_unwritten, leaves_standing(as, run, certificate));
  }
  if (!result.is_unwritten) return write_certificate(settings, *run.archive, known, stood, certificate);
  certificate.ledger_bytes = run.archive->durable();
  if (run.set_aside) return put_back(settings, run);
  TRY_ASSIGN(const bool has_given_way, set_aside(settings, run, certificate));
  result.is_unwritten = !has_given_way;
  return has_given_way ? Result<void>() : check_as_opened(settings, *run.archive);
}

}  // namespace

void verify_account(const Settings& settings, Warehouse* warehouse, VerifyAs as, AccountRun& run, AccountResult& result) {
  if (is_lost(run)) result.certificate.reset();
  if (!is_due(settings, run)) return;
  const auto note_error = [&run](const Result<void>& done) {
    if (!done && !run.error) run.error = done.error();
  };
  const std::string stood = standing_certificate(*run.archive).value_or("");
  std::optional<SourceResult> source;
  if (settings.asks_source) {
    // First, because it is what may fail: where it does, what stands is left as it is.
    Result<SourceResult> asked = check_source(settings, *run.account, *run.archive, *run.progress);
    if (!asked) {
      run.error = asked.error();
      return;
    }
    source = std::move(*asked);
  }
  Result<Verification> verified = verify_archive(*run.archive, settings, warehouse);
  if (!verified) {
    if (source) note_error(note_grown(*run.archive, source->grown));
    note_error(tl::unexpected(verified.error()));
    return;
  }
  Certificate& certificate = verified->certificate;
  certificate.limited_by = settings.limited_by;
  run.doubts = refreshes_of(verified->doubts);
  run.damaged_files = std::move(verified->damaged_files);
  if (source) {
    note_error(note_grown(*run.archive, source->grown));
    add_source(std::move(*source), certificate);
  }
  if (run.error) add_error(settings, run, certificate);
  if (certificate.partial) {
    const Result<bool> written = write_partial_certificate(settings, *run.archive, certificate);
    note_error(written ? Result<void>() : tl::unexpected(written.error()));
    if (is_lost(run)) return;
    result.is_unwritten = !written || (!*written && !certificate.gaps.empty());
    result.partial = certificate.partial;
    const Result<std::string> standing = standing_certificate(*run.archive);
    note_error(standing ? Result<void>() : tl::unexpected(standing.error()));
    result.standing = standing.value_or("");
    if (!certificate.gaps.empty()) result.certificate = std::move(certificate);
    return;
  }
  // Before the certificate: the ledger is part of the content that it sums up. Behind what takes long: a run that is stopped in that is not
  // finished, and the next one goes on instead of reading all anew.
  if (as != VerifyAs::command && !run.error && certificate.verdict != Verdict::not_safe) {
    const Result<bool> leaves = leaves_standing(as, run, certificate);
    const bool writes = !run.set_aside && leaves && !*leaves;  // else nothing is summed up
    const Result<void> summed = writes ? sum_up(settings, run.archive->tree(), verified->known_sums) : Result<void>();
    note_error(summed ? note_finished(settings, *run.archive) : summed);
  }
  result.certificate.reset();
  if (is_lost(run)) return;
  const Result<void> certified = certify(settings, as, run, verified->known_sums, stood, certificate, result);
  note_error(certified);
  if (certified && result.is_unwritten) result.standing = standing_certificate(*run.archive).value_or("");
  // Where the disk had no room for the list of files, "not safe" may stand there all the same.
  if (!certified) result.is_unwritten = standing_certificate(*run.archive).value_or("") != to_json(certificate);
  if (certified || certified.error().kind != ErrorKind::busy) result.certificate = std::move(certificate);
}

}  // namespace chimplift
