// The three streams that every process is given, and that whoever starts it may have closed.
#pragma once

namespace chimplift {

/// Takes the numbers 0 to 2 where they are free: the next file that is opened, a ledger or the tables, would get one, and what is said on
/// stderr would be written into it. Call before anything is opened. Reading and writing there fails as it does where they are closed.
void keep_standard_streams();

}  // namespace chimplift
