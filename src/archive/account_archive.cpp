#include "archive/account_archive.hpp"

#include <fmt/format.h>

#include "archive/writer.hpp"
#include "base/clock.hpp"
#include "base/hash.hpp"
#include "base/zstd.hpp"

namespace chimplift {
namespace {

/// Reads the whole ledger once: what is durable, and where writing goes on.
Result<ArchiveState> read_state(const LedgerCopy& ledger, ArchiveRecord& about, std::string& mailchimp_account) {
  ArchiveState state;
  TRY_ASSIGN(const File file, File::open(ledger.file()));
  TRY_ASSIGN(const i64 size, file.size());
  TRY_ASSIGN(LedgerReader reader, LedgerReader::open(ledger.file(), ledger.name()));
  TRY(reader.each(size, [&](const LedgerRecord& record) -> Result<void> {
    if (const auto* first = std::get_if<ArchiveRecord>(&record)) about = *first;
    if (const auto* account = std::get_if<AccountEvent>(&record)) mailchimp_account = account->id;
    if (const auto* page = std::get_if<PageRecord>(&record)) {
      state.last_page = page->number;
      state.segments[page->unit.stream] = {segment_number(page->segment), page->at + page->bytes};
    }
    return {};
  }));
  state.ledger_size = reader.position();
  state.ledger_sum = reader.sum();
  return state;
}

}  // namespace

Result<std::unique_ptr<AccountArchive>> AccountArchive::open(Tree& archive, const std::string& account_name, bool test) {
  TRY(open_archive_root(archive, true));
  std::unique_ptr<AccountArchive> self(new AccountArchive(archive.below(safe_name(account_name))));
  TRY_ASSIGN(std::unique_ptr<Journal> journal, self->tree_->open_journal(account_name));
  TRY_ASSIGN(ArchiveState state, read_state(*journal, self->about_, self->mailchimp_account_));
  if (state.ledger_size == 0) TRY(check_ledger_is_not_lost(*self->tree_, journal->name()));
  TRY(journal->begin(state));
  if (state.ledger_size == 0) {
    self->about_ = {.version = kArchiveVersion,
                    .id = random_id(),
                    .account_name = account_name,
                    .test = test,
                    .created_at = format_utc(system_clock().now_micros())};
    const std::string line = encode(self->about_, state.ledger_sum) + "\n";
    TRY(journal->commit(line));
    state.ledger_size = static_cast<i64>(line.size());
  }
  self->journal_ = journal.get();
  self->writer_ = std::make_unique<Writer>(std::move(journal), std::move(state));
  return self;
}

Result<std::unique_ptr<AccountArchive>> AccountArchive::open_to_read(Tree& archive, const std::string& account_name) {
  TRY(open_archive_root(archive, false));
  std::unique_ptr<AccountArchive> self(new AccountArchive(archive.below(safe_name(account_name))));
  TRY_ASSIGN(self->ledger_, self->tree_->open_ledger(LedgerPart::whole));
  ArchiveState state;
  if (self->ledger_) {
    TRY_ASSIGN(state, read_state(*self->ledger_, self->about_, self->mailchimp_account_));
  }
  if (state.ledger_size == 0) {
    TRY(check_ledger_is_not_lost(*self->tree_, self->tree_->name_of(kLedger)));
    return fail(ErrorKind::destination, fmt::format("account \"{}\" is not in the archive {}", account_name, archive.name_of("")),
                "Pull it first: `chimplift pull` or `chimplift sync`.");
  }
  self->durable_when_opened_ = state.ledger_size;
  return self;
}

AccountArchive::AccountArchive(std::unique_ptr<Tree> tree) : tree_(std::move(tree)) {}
AccountArchive::~AccountArchive() = default;

Result<LedgerReader> AccountArchive::ledger() const {
  const LedgerCopy& copy = journal_ != nullptr ? *journal_ : *ledger_;
  return LedgerReader::open(copy.file(), copy.name());
}

Result<void> each_record(const AccountArchive& archive, const std::function<Result<void>(LedgerRecord&)>& visit) {
  TRY_ASSIGN(LedgerReader reader, archive.ledger());
  return reader.each(archive.durable(), visit);
}

i64 AccountArchive::durable() const { return writer_ ? writer_->durable() : durable_when_opened_; }

Error AccountArchive::damage_of(const PageRecord& page, const std::string& how) const {
  const std::string file = tree_->name_of(raw_path(page.unit.stream, page.segment));
  return {
      ErrorKind::archive, fmt::format("page {} of {} in {} {}", page.number, page.unit.stream, file, how),
      "Bring the file back from the newest copy, or run `chimplift sync` while the account still exists: it reads anew what is damaged."};
}

Result<std::string> AccountArchive::read_body(const PageRecord& page) const {
  const std::string path = raw_path(page.unit.stream, page.segment);
  const auto damaged = [&](const std::string& how) { return tl::unexpected(damage_of(page, how)); };
  TRY_ASSIGN(const std::optional<std::string> frame, tree_->read_range(path, page.at, page.bytes));
  if (!frame) return damaged("is missing");
  if (static_cast<i64>(frame->size()) != page.bytes) return damaged("is cut short");
  if (sha256_hex(*frame) != page.sha256) return damaged("is damaged: its sha256 is not the ledger's");
  TRY_ASSIGN(const std::string line, decompress(*frame));
  return body_of(line);
}

Result<bool> AccountArchive::has_file(const FileRecord& record) const {
  TRY_ASSIGN(const std::optional<i64> size, tree_->size_of(file_path(record.path)));
  return size == record.bytes;
}

void AccountArchive::keep(PageToKeep page) {
  const i64 bytes = static_cast<i64>(page.body.size());
  writer_->add(std::move(page), bytes);
}

void AccountArchive::keep(FileToKeep file) {
  const i64 bytes = file.content ? static_cast<i64>(file.content->size()) : 0;
  const i64 on_disk = file.content || file.temporary.empty() ? 0 : file.record.bytes;
  writer_->add(std::move(file), bytes, on_disk);
}

void AccountArchive::keep(EndRecord end) {
  const bool is_whole_stream = end.unit.parents.empty();
  writer_->add(std::move(end), 0, 0, is_whole_stream);
}
void AccountArchive::keep(RefreshEvent event) { writer_->add(std::move(event), 0); }
void AccountArchive::keep(FinishedEvent event) { writer_->add(std::move(event), 0); }
void AccountArchive::keep(AccountEvent event) {
  mailchimp_account_ = event.id;
  writer_->add(std::move(event), 0);
}
i64 AccountArchive::queued_bytes() const { return writer_->queued_bytes(); }
i64 AccountArchive::queued_on_disk() const { return writer_->queued_on_disk(); }
void AccountArchive::on_durable(std::function<void()> callback) { writer_->on_durable(std::move(callback)); }
Result<void> AccountArchive::flush() { return writer_->flush(); }
std::optional<Error> AccountArchive::error() const { return writer_->error(); }

Result<std::filesystem::path> AccountArchive::temporary_file() {
  TRY_ASSIGN(const std::filesystem::path folder, journal_->temporary_folder());
  return folder / fmt::format("{}.part", ++temporary_files_);
}

}  // namespace chimplift
