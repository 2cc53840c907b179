// The manual page, made from the table of options and commands.
#pragma once

#include <string>

namespace chimplift {

/// In roff, with the macros of man(7).
std::string man_page();

}  // namespace chimplift
