#include "verify/identity.hpp"

#include <fmt/format.h>

#include "inventory/account_identity.hpp"

namespace chimplift {

Result<bool> name_another_account(const Evidence& evidence, const Stream& stream, const std::string& account_id, Findings& findings) {
  if (account_id.empty() || stream.path != kAccountPath) return false;
  // There is a page for each time that the account was read. One of an earlier reading counts as well: what came with it is there still.
  for (const PageRecord& page : evidence.pages_of(stream.table)) {
    TRY_ASSIGN(const std::optional<std::string> body, evidence.body_once_more(page));
    const std::string id = body ? account_id_in(*body) : "";
    if (id.empty() || id == account_id) continue;
    // Nobody can tell which of the other pages came with which key, so no command closes it.
    findings.lasting_gap(std::string(stream.table),
                         fmt::format("pages of two Mailchimp accounts are in this archive: it is of {}, and the answer of {} is of {}; "
                                     "read each account into an archive of its own, with its own key",
                                     account_id, page.received_at, id));
    return true;
  }
  return false;
}

}  // namespace chimplift
