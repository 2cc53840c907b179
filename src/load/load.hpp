// Pages of the archive into rows of the warehouse. A pure function of the archive: it can run while the pull goes on, or years later
// without any network.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "archive/account_archive.hpp"
#include "load/load_assets.hpp"
#include "rows/decode.hpp"
#include "run/settings.hpp"
#include "warehouse/warehouse.hpp"

namespace chimplift {

class Loader {
 public:
  Loader(Warehouse& warehouse, const Settings& settings);

  /// Makes the tables and reads how far earlier loads came. Call once, after every add().
  Result<void> prepare();
  /// An account to load. `progress` may be null.
  void add(const AccountArchive& archive, AccountProgress* progress);

  /// Loads what is durable by now, committing whenever enough has come; the rest stays uncommitted. False where there was nothing new.
  /// Error: interrupted, too.
  Result<bool> step();
  /// Commits what has not been committed.
  Result<void> commit();
  /// Brings what was committed to where it stays; see Warehouse::flush().
  Result<void> flush() { return warehouse_->flush(); }
  /// Rows of this archive's pages that have been committed: what a run that ended before took back does not count.
  [[nodiscard]] i64 rows_of(const AccountArchive& archive) const;
  /// Loads what became of the files that the pages name. The end of a load: step() has loaded all pages, and all is committed. Error:
  /// archive, where a page is damaged and was not read anew since. All others are loaded then, of every archive, and the next load begins
  /// its tables anew.
  Result<void> finish();

 private:
  struct Source {
    const AccountArchive* archive = nullptr;
    AccountProgress* progress = nullptr;
    LedgerReader reader;
    std::map<std::string, Checkpoint> checkpoints;  // by table
    std::set<std::string_view> tables = {};         // that this run loads
    std::vector<DamagedPage> damaged = {};
    std::map<std::string, Checkpoint> withheld = {};  // by table: to be written when it is known what a damaged page before it means
    i64 uncommitted_rows = 0;
    i64 committed_rows = 0;
  };

  void forget_other_mappings(Source& source);
  Result<void> forget_lost_pages(Source& source);
  void begin_anew(Source& source, const std::string& table);
  Result<void> load_page(Source& source, const PageRecord& page);
  Result<void> load_rows(Source& source, const Stream& stream, const PageRecord& page, std::string_view body);
  void pass_over(Source& source, const PageRecord& page, const Error& why);
  void note(Source& source, const Checkpoint& checkpoint);
  Result<void> judge_damage(Source& source);
  [[nodiscard]] bool is_loaded(Source& source, const Stream& stream) const;
  static bool is_wanted(Source& source, const Stream& stream, const PageRecord& page);

  Warehouse* warehouse_;
  const Settings* settings_;
  const Selection* selection_;
  std::vector<Table> tables_;
  std::map<std::string, std::size_t> index_;  // of a table's name in tables_
  std::vector<Source> sources_;
  std::map<std::pair<std::string, std::string>, Checkpoint> uncommitted_;  // by account and table
  i64 pending_rows_ = 0;
  i64 pending_bytes_ = 0;
};

/// False where the load that the checkpoint speaks of did not end with this page.
bool ends_with(const Checkpoint& checkpoint, const PageRecord& page);

/// The streams whose rows a page of this one holds: its own, and those that are embedded in its records.
std::vector<const Stream*> streams_in(const Stream& stream);

/// The rows of one of these streams. Errors: archive, where the page is none that can be read.
Result<DecodedPage> decode_stream(const AccountArchive& archive, const PageRecord& page, std::string_view body, const Stream& stream,
                                  Table& table);

}  // namespace chimplift
