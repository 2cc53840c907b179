// Where files go for a warehouse that loads from files: a folder of object storage that both sides see. The warehouse knows no more of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace chimplift {

class StageFiles {
 public:
  virtual ~StageFiles() = default;
  /// Where the names are, with a slash at the end: "s3://bucket/prefix/".
  [[nodiscard]] virtual std::string uri() const = 0;
  /// Durable on return. A file of that name is replaced.
  virtual Result<void> put(const std::string& name, std::string_view bytes) = 0;
  /// Succeeds where there is no such file, too.
  virtual Result<void> remove(const std::string& name) = 0;
  /// All names.
  virtual Result<std::vector<std::string>> list() = 0;
};

}  // namespace chimplift
