// What other processes and users of the machine could learn of this one: files that are open to others, a core dump, the process list.
#pragma once

#include <span>

namespace chimplift {

/// Call it first, before anything is opened and any thread runs. Whatever umask this process was started with, what it makes is its owner's
/// alone. Its memory, which holds keys, goes into no core dump, and no other process of the same user may look into it.
void keep_process_private();

/// Blots out a key among the words of the command line, where `ps` shows it. Call it once the words were copied.
void hide_keys(std::span<char* const> words);

}  // namespace chimplift
