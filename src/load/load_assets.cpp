#include "load/load_assets.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "base/hash.hpp"
#include "inventory/local_bodies.hpp"
#include "inventory/read_contents.hpp"
#include "inventory/unit_stream.hpp"
#include "load/load.hpp"
#include "rows/convert.hpp"

namespace chimplift {
namespace {

constexpr i64 kBatchRows = 100'000;

Value text_or_null(const std::string& text) { return text.empty() ? Value() : Value(text); }

const FileRecord* find_record(const FileRecords& records, const WantedFile& file) {
  const auto found = records.find({file.kind, file.id});
  return found == records.end() ? nullptr : &found->second;
}

/// storage_uri, sha256, bytes and content_type.
std::vector<Value> storage_of(const Tree& account, const FileRecord* record) {
  if (record == nullptr || record->path.empty()) return std::vector<Value>(storage_columns().size());
  return {account.uri_of(file_path(record->path)), record->sha256, record->bytes, text_or_null(record->content_type)};
}

/// Of the last word on every file.
std::string digest_of(const FileRecords& files) {
  Sha256 sum;
  std::string line;
  for (const auto& [key, record] : files) {
    line.clear();
    encode(record, line);
    sum.update(line);
  }
  return sum.hex();
}

/// Differs when anything differs that the stream's rows here are made from. Never 0.
i64 fingerprint_of(const Stream& stream, const FileLedger& ledger, const std::string& files_digest, const Tree& account) {
  // Raise it when other rows are made of the same archive.
  constexpr int kVersion = 2;
  const auto pages = ledger.pages.find(stream.table);
  // With its sum: an archive that came back from a copy gives the number again.
  const std::string last_page =
      pages == ledger.pages.end() ? "none" : std::to_string(pages->second.back().number) + " " + pages->second.back().sha256;
  const std::string facts = std::to_string(kVersion) + " " + last_page + " " + files_digest + " " + account.uri_of(std::string(kFiles));
  constexpr std::size_t kDigits = 15;  // 60 bits
  return static_cast<i64>(std::stoull(sha256_hex(facts).substr(0, kDigits), nullptr, 16)) + 1;
}

/// True where a load would pass over the stream.
bool is_taken_for_loaded(const Stream& stream, const std::map<std::string, Checkpoint>& checkpoints, i64 fingerprint) {
  const auto checkpoint = checkpoints.find(assets_checkpoint(stream));
  return checkpoint != checkpoints.end() && checkpoint->second.last_page == fingerprint;
}

class AssetLoader {
 public:
  AssetLoader(Warehouse& warehouse, const AccountArchive& archive, const Settings& settings, FileLedger ledger,
              const std::function<Table&(std::string_view)>& table_named)
      : warehouse_(&warehouse),
        archive_(&archive),
        settings_(&settings),
        ledger_(std::move(ledger)),
        files_digest_(digest_of(ledger_.files)),
        table_named_(&table_named) {}

  [[nodiscard]] i64 fingerprint(const Stream& stream) const { return fingerprint_of(stream, ledger_, files_digest_, archive_->tree()); }

  Result<void> load(const Stream& stream, LoadedAssets& loaded) {
    const std::size_t damaged_before = loaded.damaged.size();
    rows_left_ = archive_->about().test ? kTestRecords : std::numeric_limits<i64>::max();
    i64 rows = 0;
    const ArchiveRecord& about = archive_->about();
    const std::string name = assets_checkpoint(stream);
    // Of a load that ends before its last page nothing is taken for loaded.
    const Checkpoint begun{about.id, about.account_name, name};
    if (const auto pages = ledger_.pages.find(stream.table); pages != ledger_.pages.end()) {
      for (const PageRecord& page : pages->second) {
        TRY(settings_->go_on());
        const Result<std::string> body = archive_->read_body(page);
        if (!body && body.error().kind == ErrorKind::archive) {
          loaded.damaged.push_back({page, body.error()});
          continue;
        }
        if (!body) return tl::unexpected(body.error());
        const Discoverer discoverer(reading_of(stream, page.unit));  // a record that was asked for by its id is the whole answer
        const Result<PageContents> contents = read_contents(*archive_, page, *body, discoverer.shape());
        if (!contents) {
          loaded.damaged.push_back({page, contents.error()});
          continue;
        }
        Discovery found = discoverer.discover(page.unit.parents, *body, *contents);
        if (has_storage_columns(stream)) TRY(append_records(stream, page, *body, found.files));
        TRY_ASSIGN(const i64 more, append_assets(stream, page, std::move(found.files)));
        rows += more;
        pending_ += more;
        if (pending_ < kBatchRows) continue;
        TRY(warehouse_->commit(std::array{begun}));
        pending_ = 0;
      }
    }
    pending_ = 0;
    const Checkpoint checkpoint{about.id, about.account_name, name, fingerprint(stream), rows, 0};
    if (loaded.damaged.size() == damaged_before) return warehouse_->commit(std::array{checkpoint});
    loaded.withheld[name] = checkpoint;
    return warehouse_->commit(std::array{begun});
  }

 private:
  Result<i64> append_assets(const Stream& stream, const PageRecord& page, std::vector<WantedFile> files) {
    std::vector<Row> rows;
    for (const WantedFile& file : assets_of(std::move(files), ledger_.files)) {
      rows.push_back(
          asset_row(archive_->about().account_name, archive_->tree(), stream, file, find_record(ledger_.files, file), page.received_at));
    }
    const Table& table = (*table_named_)(assets_table().name);
    TRY(warehouse_->append(table, rows));
    return static_cast<i64>(rows.size());
  }

  /// The page's records once more, with what became of their files.
  Result<void> append_records(const Stream& stream, const PageRecord& page, const std::string& body, const std::vector<WantedFile>& files) {
    Table& table = (*table_named_)(stream.table);
    TRY_ASSIGN(DecodedPage decoded, decode_stream(*archive_, page, body, stream, table));
    for (const WantedFile& file : files) {
      if (!file.rule->in_row || file.kind != file.rule->folder || file.record >= decoded.rows.size()) continue;
      Row& row = decoded.rows[file.record];
      row.resize(table.columns.size());
      const std::vector<Value> values = storage_of(archive_->tree(), find_record(ledger_.files, file));
      for (std::size_t i = 0; i < values.size(); ++i) row[static_cast<std::size_t>(table.find(storage_columns()[i].name))] = values[i];
    }
    if (static_cast<i64>(decoded.rows.size()) > rows_left_) decoded.rows.resize(static_cast<std::size_t>(rows_left_));
    rows_left_ -= static_cast<i64>(decoded.rows.size());
    return warehouse_->append(table, decoded.rows);
  }

  Warehouse* warehouse_;
  const AccountArchive* archive_;
  const Settings* settings_;
  FileLedger ledger_;
  std::string files_digest_;
  const std::function<Table&(std::string_view)>* table_named_;
  i64 pending_ = 0;
  i64 rows_left_ = 0;  // a test run's tables end here
};

}  // namespace

std::string assets_checkpoint(const Stream& stream) { return "assets of " + std::string(stream.table); }

std::vector<WantedFile> assets_of(std::vector<WantedFile> files, const FileRecords& records) {
  std::vector<WantedFile> all;
  for (WantedFile& file : files) {
    if (has_local_version(file)) {
      WantedFile local;
      local.kind = kLocalBodies;
      local.id = local_id(file);
      local.rule = file.rule;
      local.used_in_id = file.used_in_id;
      local.record = file.record;
      if (records.contains({local.kind, local.id})) all.push_back(std::move(local));
    }
    all.push_back(std::move(file));
  }
  return all;
}

Row asset_row(const std::string& account_name, const Tree& account, const Stream& stream, const WantedFile& file, const FileRecord* record,
              const std::string& named_at) {
  std::vector<Value> storage = storage_of(account, record);
  return {account_name,
          parse_timestamp(record != nullptr ? record->at : named_at).value_or(Timestamp()),
          file.kind,
          text_or_null(file.url),
          std::string(stream.table),
          file.used_in_id,
          file.id,
          std::move(storage[0]),
          std::move(storage[1]),
          std::move(storage[2]),
          std::move(storage[3]),
          file.expected_bytes ? Value(*file.expected_bytes) : Value(),
          record != nullptr ? std::string(outcome_word(*record)) : std::string("pending"),
          record != nullptr ? text_or_null(record->reason) : Value()};
}

Result<LoadedAssets> load_assets(Warehouse& warehouse, const AccountArchive& archive, const Settings& settings,
                                 const std::function<Table&(std::string_view)>& table_named, const std::set<std::string_view>& tables,
                                 const std::map<std::string, Checkpoint>& checkpoints) {
  TRY_ASSIGN(FileLedger ledger, read_file_ledger(archive));
  AssetLoader loader(warehouse, archive, settings, std::move(ledger), table_named);
  LoadedAssets loaded;
  for (const Stream* stream : settings.selection.pulled()) {
    if (!tables.contains(stream->table) || stream->files.empty()) continue;
    if (is_taken_for_loaded(*stream, checkpoints, loader.fingerprint(*stream))) continue;
    TRY(loader.load(*stream, loaded));
  }
  return loaded;
}

Result<std::vector<std::string>> assets_taken_for_loaded(const AccountArchive& archive,
                                                         const std::map<std::string, Checkpoint>& checkpoints) {
  TRY_ASSIGN(const FileLedger ledger, read_file_ledger(archive));
  const std::string files_digest = digest_of(ledger.files);
  std::vector<std::string> names;
  for (const Stream& stream : catalogue()) {
    if (stream.files.empty()) continue;
    if (is_taken_for_loaded(stream, checkpoints, fingerprint_of(stream, ledger, files_digest, archive.tree())))
      names.push_back(assets_checkpoint(stream));
  }
  return names;
}

}  // namespace chimplift
