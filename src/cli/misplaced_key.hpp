// A key that landed in the wrong place ("chimplift sync 0123…-us12", CHIMPLIFT_SERVER_OVERRIDE=0123…) must not come out again in the
// message about it.
#pragma once

#include <string_view>

namespace chimplift {

/// Tells redact() of whatever looks like a key in a word of the command line, a variable's value, or a name or value of the settings file.
/// What belongs to the name of a file or folder is none, unless a server stands behind it.
void keep_key_secret(std::string_view text);

}  // namespace chimplift
