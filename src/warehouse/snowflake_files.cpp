#include "warehouse/snowflake_files.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "warehouse/snowflake_rows.hpp"

namespace chimplift::snowflake {
namespace {

// Of the size that Snowflake recommends (100 to 250 MB, or less). Each file is held in memory until its one PUT.
constexpr i64 kFullFile = 64'000'000;

}  // namespace

Result<void> BatchFiles::begin(i64 batch) {
  TRY(remove());
  open_.clear();
  batch_ = batch;
  sequence_ = 0;
  return {};
}

Result<void> BatchFiles::add(const Table& table, const Row& row) {
  TRY_ASSIGN(const std::string line, line_of(batch_, table, sequence_, row));
  ++sequence_;
  Open& open = open_[table.name];
  open.compressor.append(line);
  ++open.rows;
  if (open.compressor.size() < kFullFile) return {};
  TRY(hand_over(table.name, open));
  open_.erase(table.name);
  return {};
}

Result<void> BatchFiles::finish() {
  for (auto& [table, open] : open_) TRY(hand_over(table, open));
  open_.clear();
  return {};
}

Result<void> BatchFiles::hand_over(const std::string& table, Open& open) {
  const std::string name = fmt::format("{}-{}-{}.ndjson.zst", batch_, table, staged_.size());
  staged_.push_back({name, open.rows});  // before it is there: whatever happens, it will be removed
  return files_->put(folder_ + "/" + name, open.compressor.finish());
}

Result<void> BatchFiles::remove() {
  while (!staged_.empty()) {
    TRY(files_->remove(folder_ + "/" + staged_.back().name));
    staged_.pop_back();
  }
  return {};
}

bool BatchFiles::have_lost_one() const {
  const Result<std::vector<std::string>> names = files_->list();
  return names && std::ranges::any_of(staged_, [&](const StagedFile& file) {
           return std::ranges::find(*names, folder_ + "/" + file.name) == names->end();
         });
}

}  // namespace chimplift::snowflake
