#include "archive/account_archive.hpp"

#include <fmt/format.h>

#include "archive/writer.hpp"
#include "base/clock.hpp"
#include "base/hash.hpp"
#include "base/zstd.hpp"

namespace chimplift {
namespace {

/// Reads the whole ledger once: what is durable, and where writing goes on.
Result<ArchiveState> read_state(const std::filesystem::path& path, i64 size, ArchiveRecord& about) {
  ArchiveState state;
  TRY_ASSIGN(LedgerReader reader, LedgerReader::open(path));
  while (true) {
    TRY_ASSIGN(const std::optional<LedgerRecord> record, reader.next(size));
    if (!record) break;
    if (const auto* first = std::get_if<ArchiveRecord>(&*record)) about = *first;
    if (const auto* page = std::get_if<PageRecord>(&*record)) {
      state.last_page = page->number;
      state.segments[page->unit.stream] = {std::stoi(page->segment), page->at + page->bytes};
    }
  }
  state.ledger_size = reader.position();
  state.ledger_sum = reader.sum();
  return state;
}

}  // namespace

Result<std::unique_ptr<AccountArchive>> AccountArchive::open(const std::filesystem::path& archive, const std::string& account_name,
                                                             bool test) {
  TRY(open_archive_folder(archive, true));
  std::unique_ptr<AccountArchive> self(new AccountArchive(AccountLayout(archive, account_name)));
  const AccountLayout& layout = self->layout_;
  TRY_ASSIGN(File lock, lock_account(layout, account_name));
  std::error_code ignored;
  std::filesystem::remove_all(layout.root / "tmp", ignored);

  TRY(make_folders(layout.ledger().parent_path()));
  TRY_ASSIGN(File ledger, File::open_append(layout.ledger()));
  TRY(sync_folder(layout.ledger().parent_path()));
  TRY_ASSIGN(const i64 size, ledger.size());
  TRY_ASSIGN(ArchiveState state, read_state(layout.ledger(), size, self->about_));
  // The first line is durable before any page is: pages without it mean that the ledger was lost, and a new one would have them written
  // over.
  if (state.ledger_size == 0 && std::filesystem::exists(layout.root / "raw", ignored)) {
    return fail(ErrorKind::archive, fmt::format("the ledger {} is gone or empty, and there are pages", layout.ledger().string()),
                "Bring the file back from a copy, or name another folder with --archive. Nothing was changed.");
  }
  if (state.ledger_size < size) TRY(ledger.truncate(state.ledger_size));
  if (state.ledger_size == 0) {
    self->about_ = {kArchiveVersion, random_id(), account_name, test, format_utc(system_clock().now_micros())};
    const std::string line = encode(self->about_, state.ledger_sum) + "\n";
    TRY(ledger.append(line));
    TRY(ledger.sync());
    state.ledger_size = static_cast<i64>(line.size());
  }
  self->writer_ = std::make_unique<Writer>(layout, std::move(state), std::move(lock), std::move(ledger));
  return self;
}

Result<std::unique_ptr<AccountArchive>> AccountArchive::open_to_read(const std::filesystem::path& archive,
                                                                     const std::string& account_name) {
  TRY(open_archive_folder(archive, false));
  std::unique_ptr<AccountArchive> self(new AccountArchive(AccountLayout(archive, account_name)));
  std::error_code ignored;
  if (!std::filesystem::exists(self->layout_.ledger(), ignored)) {
    return fail(ErrorKind::destination, fmt::format("account \"{}\" is not in the archive {}", account_name, archive.string()),
                "Pull it first: `chimplift pull` or `chimplift sync`.");
  }
  TRY_ASSIGN(const File ledger, File::open(self->layout_.ledger()));
  TRY_ASSIGN(const i64 size, ledger.size());
  TRY_ASSIGN(const ArchiveState state, read_state(self->layout_.ledger(), size, self->about_));
  self->durable_when_opened_ = state.ledger_size;
  return self;
}

AccountArchive::AccountArchive(AccountLayout layout) : layout_(std::move(layout)) {}
AccountArchive::~AccountArchive() = default;

i64 AccountArchive::durable() const { return writer_ ? writer_->durable() : durable_when_opened_; }

Result<std::string> AccountArchive::read_body(const PageRecord& page) const {
  const std::filesystem::path path = layout_.raw(page.unit.stream) / page.segment;
  const auto damaged = [&](const std::string& how) {
    return fail(ErrorKind::archive, fmt::format("page {} of {} in {} {}", page.number, page.unit.stream, path.string(), how),
                "Bring the file back from a copy, or pull the account into a new archive while it still exists.");
  };
  Result<File> file = File::open(path);
  if (!file) return damaged("is missing");
  TRY_ASSIGN(const std::string frame, file->read(page.at, page.bytes));
  if (static_cast<i64>(frame.size()) != page.bytes) return damaged("is cut short");
  if (sha256_hex(frame) != page.sha256) return damaged("is damaged: its sha256 is not the ledger's");
  TRY_ASSIGN(const std::string line, decompress(frame));
  return body_of(line);
}

void AccountArchive::keep(PageToKeep page) {
  const i64 bytes = static_cast<i64>(page.body.size());
  writer_->add(std::move(page), bytes);
}

void AccountArchive::keep(FileToKeep file) {
  const i64 bytes = file.content ? static_cast<i64>(file.content->size()) : 0;
  writer_->add(std::move(file), bytes);
}

void AccountArchive::keep(EndRecord end) { writer_->add(std::move(end), 0); }
void AccountArchive::keep(EventRecord event) { writer_->add(std::move(event), 0); }
i64 AccountArchive::queued_bytes() const { return writer_->queued_bytes(); }
void AccountArchive::on_durable(std::function<void()> callback) { writer_->on_durable(std::move(callback)); }
Result<void> AccountArchive::flush() { return writer_->flush(); }
std::optional<Error> AccountArchive::error() const { return writer_->error(); }

std::filesystem::path AccountArchive::temporary_file() { return layout_.root / "tmp" / fmt::format("{}.part", ++temporary_files_); }

}  // namespace chimplift
