// The accounts file: whatever stands in it, the accounts that come out can be used, and no error tells a key.
#include <set>

#include "fuzz.hpp"
#include "mailchimp/account.hpp"
#include "net/url.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto accounts = chimplift::parse_accounts(text_of(data, size), "accounts.json", "");
  if (!accounts) {
    HOLDS(accounts.error().kind == chimplift::ErrorKind::usage && !accounts.error().message.empty());
    return 0;
  }
  HOLDS(!accounts->empty());
  std::set<std::string> names;
  for (const chimplift::Account& account : *accounts) {
    HOLDS(!account.name.empty() && !account.key.now().empty() && !account.server.empty());
    HOLDS(names.insert(account.name).second);
    const auto url = chimplift::parse_url(account.api_base);
    HOLDS(url && url->scheme == "https" && url->host == account.server + ".api.mailchimp.com");
  }
  return 0;
}
