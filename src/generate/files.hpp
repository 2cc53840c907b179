// What generators make: files below a folder that somebody names.
#pragma once

#include <string>
#include <string_view>

namespace chimplift {

struct GeneratedFile {
  std::string path;
  std::string text;
};

/// Stands in the first line of every generated file, behind what makes it a comment.
inline constexpr std::string_view kMadeBy = "Made by `chimplift generate";

}  // namespace chimplift
