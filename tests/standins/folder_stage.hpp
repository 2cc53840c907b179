// A folder of this machine as the place for staged files, and as the external stage that sees them.
#pragma once

#include <filesystem>
#include <fstream>

#include "base/files.hpp"
#include "standins/snowflake_engine.hpp"
#include "warehouse/stage_files.hpp"

namespace snowflake_standin {

/// What folders hold stands in object storage under "s3://bucket/" and this, unless a test wants another name.
inline const std::string kStagingPrefix = "staging/";

/// Files of a folder under the name "s3://bucket/staging/".
class FolderStage : public chimplift::StageFiles {
 public:
  explicit FolderStage(std::filesystem::path folder, std::string prefix = kStagingPrefix)
      : folder_(std::move(folder)), prefix_(std::move(prefix)) {}

  [[nodiscard]] std::string uri() const override { return "s3://bucket/" + prefix_; }
  chimplift::Result<void> put(const std::string& name, std::string_view bytes) override {
    TRY(chimplift::make_folders((folder_ / name).parent_path()));
    return chimplift::write_file(folder_ / name, bytes);
  }
  chimplift::Result<void> remove(const std::string& name) override {
    std::error_code ignored;
    std::filesystem::remove(folder_ / name, ignored);
    std::filesystem::remove((folder_ / name).parent_path(), ignored);  // where it is empty: object storage has no folders
    return {};
  }
  chimplift::Result<std::vector<std::string>> list() override {
    std::vector<std::string> names;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_, ignored)) {
      if (entry.is_regular_file()) names.push_back(std::filesystem::relative(entry.path(), folder_).string());
    }
    return names;
  }

 private:
  std::filesystem::path folder_;
  std::string prefix_;  // with a slash at its end
};

/// The stage "s3://bucket/" that sees them.
inline Stage stage_of_folder(const std::filesystem::path& folder, const std::string& prefix = kStagingPrefix) {
  return {"s3://bucket/", [folder, prefix](const std::string& path) -> std::optional<std::filesystem::path> {
            if (!path.starts_with(prefix)) return std::nullopt;
            const std::filesystem::path file = folder / path.substr(prefix.size());
            std::error_code ignored;
            if (!std::filesystem::is_regular_file(file, ignored)) return std::nullopt;
            return file;
          }};
}

}  // namespace snowflake_standin
