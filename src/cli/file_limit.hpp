// How many files and connections this process may have open at once.
#pragma once

namespace chimplift {

/// Takes all that the system lets this process have. Accounts are read side by side, each with some thirty files and connections, and most
/// systems begin a process with 1,024.
void raise_file_limit();

}  // namespace chimplift
