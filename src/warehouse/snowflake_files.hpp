// The files of one batch: rows of all tables as compressed lines, handed to the stage as they fill.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/zstd.hpp"
#include "rows/table.hpp"
#include "warehouse/stage_files.hpp"

namespace chimplift::snowflake {

struct StagedFile {
  std::string name;  // in the run's folder
  i64 rows = 0;
};

class BatchFiles {
 public:
  /// `folder` is the run's, below the stage files' place. Files of batches that are over are gone, so their names may come again.
  BatchFiles(StageFiles& files, std::string folder) : files_(&files), folder_(std::move(folder)) {}

  /// Begins a batch; what an earlier one left is removed.
  Result<void> begin(i64 batch);
  /// Writes a row; hands a full file to the stage. Errors as line_of() has them.
  Result<void> add(const Table& table, const Row& row);
  /// Hands over what is left. Beyond this point all rows of the batch are in the stage.
  Result<void> finish();
  /// Removes the batch's files from the stage.
  Result<void> remove();

  /// True where somebody else has removed a file of the batch from the stage.
  [[nodiscard]] bool have_lost_one() const;

  [[nodiscard]] const std::vector<StagedFile>& staged() const { return staged_; }
  [[nodiscard]] i64 rows() const { return sequence_; }

 private:
  struct Open {
    Compressor compressor;
    i64 rows = 0;
  };
  Result<void> hand_over(const std::string& table, Open& open);

  StageFiles* files_;
  std::string folder_;
  i64 batch_ = 0;
  i64 sequence_ = 0;                  // of the batch's next row: of equal keys the later row counts
  std::map<std::string, Open> open_;  // by table
  std::vector<StagedFile> staged_;
};

}  // namespace chimplift::snowflake
