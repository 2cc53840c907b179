// Archives that released versions wrote: tests/archive/fixtures/<format version>/, each of one small account.
#pragma once

#include <filesystem>
#include <string>

#include "built_paths.hpp"
#include "support/temporary_folder.hpp"

namespace chimplift {

inline std::filesystem::path fixtures() { return std::filesystem::path(CHIMPLIFT_SOURCE) / "tests" / "archive" / "fixtures"; }

/// A copy that may be written and damaged.
class FixtureCopy {
 public:
  explicit FixtureCopy(int version) {
    std::filesystem::copy(fixtures() / std::to_string(version), root(), std::filesystem::copy_options::recursive);
  }
  [[nodiscard]] std::filesystem::path root() const { return folder_ / "archive"; }
  [[nodiscard]] std::filesystem::path account() const { return root() / kAccount; }

  static constexpr const char* kAccount = "harbor_coffee";
  /// What was pulled, and nothing else.
  static constexpr const char* kSteps = "account,lists,landing_pages,templates";

 private:
  TemporaryFolder folder_;
};

}  // namespace chimplift
