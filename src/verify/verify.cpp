#include "verify/verify.hpp"

#include "base/clock.hpp"
#include "inventory/account_identity.hpp"
#include "verify/checks.hpp"
#include "verify/files.hpp"
#include "verify/identity.hpp"
#include "verify/pages.hpp"
#include "verify/streams.hpp"

namespace chimplift {
namespace {

/// When the first page came of all that counts still. What the parents tell of is read anew where it changed, and has no age of its own.
std::string first_current_page_at(const Evidence& evidence) {
  std::string first;
  for (const Stream* stream : evidence.selection().pulled()) {
    if (stream->told_by_parent) continue;
    for (const PageRecord& page : evidence.pages_of(stream->table)) {
      if (!evidence.ledger->is_current(page)) continue;
      if (first.empty() || page.received_at < first) first = page.received_at;
      break;
    }
  }
  return first;
}

/// Whose archive it is, and what its ledger says of it as a whole.
Result<Certificate> about(const Evidence& evidence) {
  const LedgerView& ledger = *evidence.ledger;
  Certificate certificate;
  certificate.account_name = evidence.archive->about().account_name;
  TRY_ASSIGN(certificate.mailchimp, described_account(*evidence.archive, ledger.pages));
  certificate.archive_id = evidence.archive->about().id;
  certificate.pulled_from = ledger.first_page_at;
  certificate.pulled_to = ledger.last_page_at;
  certificate.current_from = first_current_page_at(evidence);
  certificate.pages = ledger.page_count;
  certificate.page_bytes = ledger.page_bytes;
  return certificate;
}

/// A line for each stream of the catalogue, in its order.
Result<std::vector<StreamLine>> read_pages(const Evidence& evidence, const std::string& account_id, PageReading& reading,
                                           Findings& findings) {
  std::vector<StreamLine> lines;
  for (const Stream& stream : catalogue()) {
    if (evidence.settings->is_interrupted())
      return fail(ErrorKind::interrupted, "interrupted while verifying", "Run the same command again.");
    StreamLine& line = lines.emplace_back();
    line.table = stream.table;
    line.step = stream.step;
    line.state = StreamState::excluded;
    if (evidence.is_pulled(stream)) TRY(reading.read(stream, line));
    TRY_ASSIGN(const bool has_another, name_another_account(evidence, stream, account_id, findings));
    if (has_another) line.state = StreamState::incomplete;
  }
  return lines;
}

Result<void> judge_streams(StreamJudge& judge, std::vector<StreamLine>& lines) {
  for (std::size_t i = 0; i < lines.size(); ++i) TRY(judge.judge(catalogue()[i], lines[i]));
  judge.judge_again(lines);
  return {};
}

}  // namespace

Result<Verification> verify_archive(const AccountArchive& archive, const Settings& settings, Warehouse* warehouse) {
  archive.tree().forget();  // a load before it has read the same pages, and what is proven is what is there now
  TRY_ASSIGN(const LedgerView ledger, view_ledger(archive));
  const Evidence evidence{&archive, &settings, &ledger};
  Verification verified;
  Certificate& certificate = verified.certificate;
  Findings findings(settings, archive.about().account_name);
  Expectations expectations(evidence, findings);
  CrossChecker cross_checker(cross_checks(), catalogue(), ledger);
  TableComparison tables(evidence, findings, warehouse);
  PartialReading part;
  PageReading reading(evidence, {&findings, &expectations, &cross_checker, &tables, &part});
  StreamJudge judge(evidence, expectations, findings);

  TRY(tables.prepare());
  TRY_ASSIGN(certificate, about(evidence));
  TRY_ASSIGN(certificate.streams, read_pages(evidence, certificate.mailchimp.id, reading, findings));
  // Every page has been read: it is known now which collections there must be.
  expectations.expect_unlisted(reading.damaged_tables());
  TRY(reading.check_unlisted());
  TRY(judge_streams(judge, certificate.streams));
  TRY(tables.compare_assets(expectations.assets(), reading.damaged_tables()));
  TRY_ASSIGN(FilesJudged files, judge_files(evidence, expectations, reading.unread(), findings, part));
  TRY_ASSIGN(CrossChecker::Findings checked,
             judge_cross_checks(evidence, cross_checker, certificate.streams, expectations, findings.sync_command()));
  findings.add(std::move(checked.gaps), std::move(checked.exceptions));

  findings.write_to(certificate, evidence.is_test());
  certificate.files = std::move(files.lines);
  certificate.cross_checks = std::move(checked.lines);
  if (settings.subset) {
    part.part = settings.subset->text();
    certificate.partial = part;
  }
  certificate.created_at = format_utc(system_clock().now_micros());
  verified.known_sums = std::move(files.known_sums);
  for (const std::string& segment : reading.segments()) verified.known_sums.try_emplace(segment);
  verified.damaged_files = std::move(files.damaged);
  verified.doubts = reading.doubts();
  verified.doubts.merge(checked.doubts);
  return verified;
}

}  // namespace chimplift
