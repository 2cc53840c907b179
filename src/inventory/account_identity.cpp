#include "inventory/account_identity.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "archive/layout.hpp"
#include "mailchimp/catalogue.hpp"
#include "rows/page.hpp"

namespace chimplift {
namespace {

/// The stream that has the account's own answer; nullptr where the catalogue has none.
const Stream* stream_about_the_account() {
  const auto found = std::find_if(catalogue().begin(), catalogue().end(), [](const Stream& stream) { return stream.path == kAccountPath; });
  return found == catalogue().end() ? nullptr : &*found;
}

}  // namespace

std::string account_id_in(std::string_view body) {
  const Result<PageContents> facts = read_page(body, {"", {}, {std::string(kAccountIdField)}});
  return facts && facts->records == 1 ? facts->fields[0][0].value_or("") : "";
}

Result<std::string> account_id_of(const AccountArchive& archive) {
  if (!archive.mailchimp_account().empty()) return archive.mailchimp_account();
  const Stream* about = stream_about_the_account();
  if (about == nullptr) return std::string();
  std::optional<PageRecord> last;
  TRY(each_record(archive, [&](LedgerRecord& record) -> Result<void> {
    if (auto* page = std::get_if<PageRecord>(&record); page != nullptr && page->unit.stream == about->table) last = std::move(*page);
    return {};
  }));
  if (!last) return std::string();
  const Result<std::string> body = archive.read_body(*last);
  if (!body && !is_damage(body.error())) return tl::unexpected(body.error());
  return body ? account_id_in(*body) : "";  // a damaged page is verify's to name
}

Result<void> check_identity(Tree& archive, const std::string& account_name, bool is_test, const std::string& id) {
  TRY_ASSIGN(const std::unique_ptr<LedgerCopy> ledger, archive.below(safe_name(account_name))->open_ledger(LedgerPart::first_line));
  if (!ledger || id.empty()) return {};
  const Result<std::unique_ptr<AccountArchive>> opened = AccountArchive::open_to_read(archive, account_name);
  if (!opened && opened.error().kind == ErrorKind::destination) return {};  // begun, and nothing was pulled
  if (!opened) return tl::unexpected(opened.error());
  if ((*opened)->about().test && !is_test) return {};
  TRY_ASSIGN(const std::string had, account_id_of(**opened));
  if (!had.empty() && had != id) return tl::unexpected(wrong_account(account_name, had, id));
  return {};
}

Result<MailchimpAccount> described_account(const AccountArchive& archive, const std::map<std::string, PageList>& pages) {
  MailchimpAccount account{archive.mailchimp_account(), "", ""};
  const Stream* about = stream_about_the_account();
  const auto found = about == nullptr ? pages.end() : pages.find(std::string(about->table));
  if (found == pages.end()) return account;
  const PageList& answers = found->second;
  for (std::size_t at = answers.size(); at-- > 0;) {
    const Result<std::string> body = archive.read_body(answers[at]);
    if (!body && !is_damage(body.error())) return tl::unexpected(body.error());
    if (!body) continue;  // a damaged page is verify's to name; an older one is of the same account
    const Result<PageContents> facts =
        read_page(*body, {"", {}, {std::string(kAccountIdField), std::string(kAccountNameField), std::string(kAccountLoginField)}});
    if (!facts || facts->records != 1) continue;
    const auto& fields = facts->fields[0];
    if (account.id.empty()) account.id = fields[0].value_or("");
    account.name = fields[1].value_or("");
    account.login = fields[2].value_or("");
    break;
  }
  return account;
}

Error wrong_account(const std::string& account_name, const std::string& had, const std::string& id) {
  return {
      ErrorKind::usage,
      fmt::format("the key of account \"{}\" is one of another Mailchimp account: its archive is of {}, and the key opens {}", account_name,
                  had, id),
      "Put the right key to this name, and run again; give the other account a name of its own (with --api-key-override: --account NAME)."};
}

Error wrong_new_key(const std::string& account_name) {
  return {ErrorKind::usage, fmt::format("the new key of account \"{}\" is one of another Mailchimp account", account_name),
          "Put a key of the same account where the old one was, and run again; give another account a name of its own."};
}

}  // namespace chimplift
