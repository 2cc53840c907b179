// Whether something stands at a path.
#pragma once

#include <filesystem>

#include "base/error.hpp"

namespace chimplift {

/// True for a file or folder of that name. What cannot be looked at is an error (destination), and never taken for missing: whoever finds
/// nothing may make it anew, or say that it is lost.
Result<bool> is_file_there(const std::filesystem::path& path);

}  // namespace chimplift
