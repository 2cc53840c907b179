// A folder of this machine as the place for staged files, and as the external stage that sees them.
#pragma once

#include <filesystem>
#include <fstream>

#include "base/files.hpp"
#include "standins/snowflake_engine.hpp"
#include "warehouse/stage_files.hpp"

namespace snowflake_standin {

/// Files of a folder under the name "s3://bucket/staging/".
class FolderStage : public chimplift::StageFiles {
 public:
  explicit FolderStage(std::filesystem::path folder) : folder_(std::move(folder)) {}

  [[nodiscard]] std::string uri() const override { return "s3://bucket/staging/"; }
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
};

/// The stage "s3://bucket/" that sees them.
inline Stage stage_of_folder(const std::filesystem::path& folder) {
  return {"s3://bucket/", [folder](const std::string& path) -> std::optional<std::filesystem::path> {
            constexpr std::string_view kPrefix = "staging/";
            if (!path.starts_with(kPrefix)) return std::nullopt;
            const std::filesystem::path file = folder / path.substr(kPrefix.size());
            std::error_code ignored;
            if (!std::filesystem::is_regular_file(file, ignored)) return std::nullopt;
            return file;
          }};
}

}  // namespace snowflake_standin
