// An archive in a folder.
#pragma once

#include <filesystem>
#include <memory>

#include "archive/tree.hpp"

namespace chimplift {

/// Nothing is made or read before it is needed.
std::shared_ptr<Tree> folder_tree(const std::filesystem::path& root);

}  // namespace chimplift
