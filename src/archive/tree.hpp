// A tree of named bytes: a folder, or a prefix of a bucket. The archive is one, and so is each account's part of it. Paths are relative,
// with '/' between their parts. May be used from several threads.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/types.hpp"

namespace chimplift {

class Journal;
class LedgerCopy;

enum class LedgerPart { whole, first_line };

class Tree {
 public:
  virtual ~Tree() = default;

  /// For people: "/data/archive/brand", "s3://bucket/prefix/brand". "" for the tree itself.
  [[nodiscard]] virtual std::string name_of(std::string_view path) const = 0;
  /// For programs that open links: "file:///…", percent-encoded, or "s3://bucket/key". "" for the tree itself.
  [[nodiscard]] virtual std::string uri_of(std::string_view path) const = 0;
  /// The part below a folder.
  [[nodiscard]] virtual std::unique_ptr<Tree> below(std::string_view folder) const = 0;

  /// nullopt where there is no such file, here and below.
  virtual Result<std::optional<std::string>> read(const std::string& path) = 0;
  /// `size` bytes at `at`; fewer where the file ends before.
  virtual Result<std::optional<std::string>> read_range(const std::string& path, i64 at, i64 size) = 0;
  virtual Result<std::optional<i64>> size_of(const std::string& path) = 0;
  /// Reads all its bytes: 64 lower-case hex digits.
  virtual Result<std::optional<std::string>> sha256_of(const std::string& path) = 0;
  /// Size by path of all files below a folder, in the order of the paths' bytes. Hidden ones and names that chimplift never gives are not
  /// the archive's, and left out.
  virtual Result<std::map<std::string, i64>> list(const std::string& folder) = 0;
  /// The names of the folders in the tree's root.
  virtual Result<std::vector<std::string>> folders() = 0;
  /// Durable on return; a file of that name is replaced, and has the new bytes or the old, whatever happens.
  virtual Result<void> write(const std::string& path, std::string_view bytes) = 0;

  /// What is held in memory of the files' bytes is let go: what is read from here on is what is there now.
  virtual void forget() {}

  /// An account's ledger, to be read: the whole, or at least its first line. nullptr where there is none.
  virtual Result<std::unique_ptr<LedgerCopy>> open_ledger(LedgerPart part) = 0;
  /// An account's journal, to be written; takes the account's lock. Error: busy.
  virtual Result<std::unique_ptr<Journal>> open_journal(std::string_view account_name) = 0;
  /// Takes an account's lock, without its journal: for callers that query Mailchimp and write nothing. Held until the value is destroyed.
  /// Error: busy.
  virtual Result<std::shared_ptr<void>> lock(std::string_view account_name) = 0;
  /// Gives an account's whole part another name. Error: usage, where that cannot be done.
  virtual Result<void> rename_to(const std::string& name) = 0;
  /// Proves that files can be written; says what there is to say about the place: "12 GB free".
  virtual Result<std::string> try_writing() = 0;
};

}  // namespace chimplift
