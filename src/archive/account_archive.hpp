// One account's part of an archive: pages, files and the ledger that vouches for them.
//
// Writing goes through a queue to a thread of its own, which makes durable in one go whatever has come since it last did (group commit):
// page bytes and files first, the ledger's lines behind them. So neither the network nor the disk waits for the other, and the order that
// the promise rests on stands in one function (Journal::commit).
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "archive/journal.hpp"
#include "archive/layout.hpp"
#include "archive/ledger.hpp"
#include "archive/page_line.hpp"
#include "archive/tree.hpp"
#include "base/error.hpp"

namespace chimplift {

struct PageToKeep {
  PageRecord record;      // number, segment, at, bytes and sha256 are filled in by the archive
  PageEnvelope envelope;  // number likewise
  std::string body;
};

/// A file with its bytes, or with the path of a complete temporary file, or (where it was not to be had) without either.
struct FileToKeep {
  FileRecord record;  // bytes and sha256 are filled in by the archive where `content` holds the bytes
  std::optional<std::string> content;
  std::filesystem::path temporary;
};

class AccountArchive {
 public:
  /// Opens for writing: takes the lock, cuts off what a crash left half written. `test` says what a new archive is for. Error: archive,
  /// where there are pages without a ledger, here and below.
  static Result<std::unique_ptr<AccountArchive>> open(Tree& archive, const std::string& account_name, bool test);
  /// Opens for reading only. Error: destination, where the account is not in the archive.
  static Result<std::unique_ptr<AccountArchive>> open_to_read(Tree& archive, const std::string& account_name);
  ~AccountArchive();
  AccountArchive(const AccountArchive&) = delete;
  AccountArchive& operator=(const AccountArchive&) = delete;

  [[nodiscard]] const ArchiveRecord& about() const { return about_; }
  /// The id of the Mailchimp account that this is of, as its ledger says; "" where it does not.
  [[nodiscard]] const std::string& mailchimp_account() const { return mailchimp_account_; }
  /// The account's part of the archive.
  [[nodiscard]] Tree& tree() const { return *tree_; }

  // Reading, from any thread.
  [[nodiscard]] Result<LedgerReader> ledger() const;
  /// True where this run holds the archive's lock and writes into it.
  [[nodiscard]] bool is_ours() const { return writer_ != nullptr; }
  /// Bytes of the ledger that are durable: how far a reader may go.
  [[nodiscard]] i64 durable() const;
  /// The page's body as it was sent. Error: archive, where the bytes are not those that the ledger vouches for.
  [[nodiscard]] Result<std::string> read_body(const PageRecord& page) const;
  /// What is said of a page that is not as it was written; `how` goes behind its name: "is missing".
  [[nodiscard]] Error damage_of(const PageRecord& page, const std::string& how) const;

  /// True where the record's file is there, as large as it was. Its bytes are verify's to prove. Error: where that cannot be seen, which is
  /// not the same as missing.
  [[nodiscard]] Result<bool> has_file(const FileRecord& record) const;

  // Writing, from one thread. What is handed over becomes durable in this order, soon.
  void keep(PageToKeep page);
  void keep(FileToKeep file);
  void keep(EndRecord end);
  void keep(RefreshEvent event);
  void keep(FinishedEvent event);
  void keep(AccountEvent event);
  /// Bytes in memory that were handed over and are not durable yet.
  [[nodiscard]] i64 queued_bytes() const;
  /// The same of files that were downloaded.
  [[nodiscard]] i64 queued_on_disk() const;
  /// Called on the writer's thread after each batch, and when it failed.
  void on_durable(std::function<void()> callback);
  /// Waits until all that was handed over is durable. Error: what stopped the writer.
  Result<void> flush();
  /// What stopped the writer, if anything did.
  [[nodiscard]] std::optional<Error> error() const;
  /// A new path on this machine for a file that is being downloaded; what is left there is removed on the next start.
  Result<std::filesystem::path> temporary_file();

 private:
  class Writer;
  explicit AccountArchive(std::unique_ptr<Tree> tree);

  std::unique_ptr<Tree> tree_;
  ArchiveRecord about_;
  std::string mailchimp_account_;
  i64 durable_when_opened_ = 0;
  std::unique_ptr<LedgerCopy> ledger_;  // of an archive that is only read
  Journal* journal_ = nullptr;          // of one that is written: the writer's
  std::unique_ptr<Writer> writer_;
  i64 temporary_files_ = 0;
};

/// True where an error of read_body() or of a file says something of what is kept: it is damaged, or its disk cannot give it. Any other
/// says only that nobody can look now: a bucket that does not answer, a right that was taken away.
[[nodiscard]] inline bool is_damage(const Error& error) { return error.kind == ErrorKind::archive || error.kind == ErrorKind::destination; }

/// Hands over each record of the ledger that is durable by now, in order, to be taken apart at will. Errors: those of the ledger and of
/// `visit`, which end it.
Result<void> each_record(const AccountArchive& archive, const std::function<Result<void>(LedgerRecord&)>& visit);

}  // namespace chimplift
