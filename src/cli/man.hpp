// The manual page, made from the table of options and commands.
#pragma once

#include <string>
#include <string_view>

namespace chimplift {

/// In roff, with the macros of man(7).
std::string man_page();
/// As roff takes it: no byte of it is an instruction, and what is not ASCII is named by its number, so that no locale matters.
std::string roff_text(std::string_view text);

}  // namespace chimplift
