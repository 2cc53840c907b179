// What doctor asks of an account's streams: of each that sync reads, one page.
#pragma once

#include <vector>

#include "client/probe.hpp"
#include "mailchimp/account.hpp"
#include "run/selection.hpp"
#include "sync/doctor.hpp"

namespace chimplift {

/// Asks one after another, parents first. A check for each step says how many collections can be read and what could not be tried, and why;
/// one with the stream's name for each that cannot be read. Where nothing of a step can be read, the step's check has the error. Ends
/// early, with a failed check, once the key is lost, Mailchimp has stopped answering, or a signal came.
std::vector<Check> check_streams(const Selection& selection, const Account& account, Probe& probe);

}  // namespace chimplift
