#include "mailchimp/account.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <mutex>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "net/url.hpp"

namespace chimplift {
namespace {

constexpr std::string_view kShape =
    R"(The accounts are a list such as [{"account_name": "brand", "api_key": "…-us12", "server": "us12"}].)";

bool is_server(std::string_view text) {
  return !text.empty() && text.size() <= 20 && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") == std::string_view::npos;
}

/// 32 hexadecimal digits at its beginning: whatever field somebody put it into, no message may show it.
bool looks_like_key(std::string_view text) {
  constexpr std::size_t kDigits = 32;
  return text.size() >= kDigits && text.substr(0, kDigits).find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

/// Where a text stops being JSON: "line 2, column 14". Never what stands there, which may be a key.
std::string end_of_json(std::string_view text) {
  std::size_t before = text.size();
  try {
    const nlohmann::json whole = nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    before = std::min(before, error.byte - std::min<std::size_t>(error.byte, 1));  // it counts from 1, and the byte that is wrong too
  } catch (const nlohmann::json::exception&) {  // a number that no double can hold: it does not say where
  }
  const std::string_view good = text.substr(0, before);
  const auto is_character = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };  // its first byte, in UTF-8
  const std::string_view line = good.substr(good.rfind('\n') + 1);
  return fmt::format("line {}, column {}", std::ranges::count(good, '\n') + 1, std::ranges::count_if(line, is_character) + 1);
}

/// A string of an entry; "" where it is absent or null, nullopt where it is something else.
std::optional<std::string> text_of(const nlohmann::json& entry, const char* name) {
  const auto found = entry.find(name);
  if (found == entry.end() || found->is_null()) return std::string();
  if (!found->is_string()) return std::nullopt;
  std::string text(trim(found->get<std::string>()));
  if (looks_like_key(text)) {
    const Secret known(text);
  }
  return text;
}

/// " has \"apiKey\"; did you mean api_key?" where a field has nearly that name; "" where none has. `likely`: what it may be called without
/// its separators. Only such a name is shown: what else stands there may be a key.
std::string misspelt(const nlohmann::json& entry, std::string_view name, const std::set<std::string>& likely) {
  for (const auto& [field, value] : entry.items()) {
    std::string plain = to_lower(field);
    std::erase_if(plain, [](char c) { return c == '_' || c == '-' || c == ' '; });
    if (field != name && likely.contains(plain)) return fmt::format(" has \"{}\"; did you mean {}?", field, name);
  }
  return {};
}

}  // namespace

// ---- keys

struct AccountKey::Shared {
  mutable std::mutex mutex;  // of the key
  Secret key;
  std::mutex reading;  // of the rest: held while it is read, so that whoever else was refused waits for the same answer
  std::function<Result<Secret>()> read;
};

AccountKey::AccountKey(Secret key) : shared_(std::make_shared<Shared>()) { shared_->key = std::move(key); }

Secret AccountKey::now() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->key;
}

void AccountKey::read_again_by(std::function<Result<Secret>()> read) { shared_->read = std::move(read); }

Result<bool> AccountKey::renew(const Secret& refused) const {
  const std::lock_guard lock(shared_->reading);
  if (!(now() == refused)) return true;
  if (!shared_->read) return false;
  const std::function<Result<Secret>()> read = std::exchange(shared_->read, nullptr);
  TRY_ASSIGN(Secret key, read());
  if (key == refused) return false;
  const std::lock_guard own(shared_->mutex);
  shared_->key = std::move(key);
  return true;
}

// ---- the list

std::string server_of_key(std::string_view key) {
  const std::size_t dash = key.find_last_of('-');
  if (dash == std::string_view::npos) return {};
  const std::string server = to_lower(key.substr(dash + 1));
  return is_server(server) ? server : std::string();
}

Result<Account> make_account(const std::string& name, const std::string& key, const std::string& server, const std::string& api_base) {
  if (name.empty()) return fail(ErrorKind::usage, "an account has no account_name", std::string(kShape));
  if (!is_utf8(name)) return fail(ErrorKind::usage, "an account_name is not UTF-8", std::string(kShape));
  if (key.empty()) return fail(ErrorKind::usage, fmt::format("account \"{}\" has no api_key", name), std::string(kShape));
  const auto is_odd = [](char c) { return (c >= '\0' && c <= ' ') || c == '\x7F' || c == '"' || c == '\''; };
  if (std::any_of(key.begin(), key.end(), is_odd)) {
    return fail(ErrorKind::usage, fmt::format("the api_key of account \"{}\" has blanks or quotes in it", name),
                "Copy the key again, without anything around it.");
  }
  // "…-us12" of an example, a dash that an editor made longer.
  if (std::any_of(key.begin(), key.end(), [](char c) { return static_cast<unsigned char>(c) > '~'; })) {
    return fail(ErrorKind::usage, fmt::format("the api_key of account \"{}\" is not a key", name),
                "A key is 32 hexadecimal digits, a dash and the data centre, such as us12. Copy it from the account's page of API keys.");
  }
  const Secret digits(key.substr(0, key.rfind('-')));  // no message shows these either
  Account account{name, Secret(key), server.empty() ? server_of_key(key) : to_lower(server), api_base};
  if (!account.server.empty() && !is_server(account.server)) {
    return fail(ErrorKind::usage, fmt::format("the server \"{}\" of account \"{}\" is not one such as us12", server, name),
                "Take the part of the account's address before .admin.mailchimp.com, or the end of its key.");
  }
  if (account.api_base.empty()) {
    if (account.server.empty()) {
      return fail(ErrorKind::usage, fmt::format("account \"{}\" has a key without a suffix such as -us12, and no server", name),
                  "Add \"server\": \"us12\" to the account.");
    }
    account.api_base = fmt::format("https://{}.api.mailchimp.com/3.0", account.server);
  }
  while (account.api_base.ends_with('/')) account.api_base.pop_back();
  if (!parse_url(account.api_base)) {
    return fail(ErrorKind::usage, fmt::format("{} is not an http or https address", api_base),
                "Example: https://us12.api.mailchimp.com/3.0");
  }
  return account;
}

Result<std::vector<Account>> parse_accounts(std::string_view json, std::string_view where, const std::string& api_base) {
  const nlohmann::json list = nlohmann::json::parse(json, nullptr, false);
  if (list.is_discarded())
    return fail(ErrorKind::usage, fmt::format("{} is not JSON: see {}", where, end_of_json(json)), std::string(kShape));
  if (!list.is_array()) return fail(ErrorKind::usage, fmt::format("{} holds no list of accounts", where), std::string(kShape));
  if (list.empty()) return fail(ErrorKind::usage, fmt::format("{} holds no account", where), std::string(kShape));
  std::vector<Account> accounts;
  std::set<std::string> names;
  std::set<std::string> keys;
  for (const nlohmann::json& entry : list) {
    const std::string place = fmt::format("entry {} of {}", accounts.size() + 1, where);
    if (!entry.is_object()) return fail(ErrorKind::usage, place + " is not an object", std::string(kShape));
    const std::optional<std::string> name = text_of(entry, "account_name");
    const std::optional<std::string> key = text_of(entry, "api_key");
    const std::optional<std::string> server = text_of(entry, "server");
    if (!name || !key || !server) return fail(ErrorKind::usage, place + " has a field that is not a text", std::string(kShape));
    std::string odd = name->empty() ? misspelt(entry, "account_name", {"accountname", "account", "name"}) : "";
    if (odd.empty() && key->empty()) odd = misspelt(entry, "api_key", {"apikey", "key"});
    if (!odd.empty()) return fail(ErrorKind::usage, place + odd, std::string(kShape));
    Result<Account> account = make_account(*name, *key, *server, api_base);
    if (!account) return fail(ErrorKind::usage, fmt::format("{}: {}", place, account.error().message), account.error().advice);
    if (!names.insert(*name).second) {
      return fail(ErrorKind::usage, fmt::format("{} names account \"{}\" twice", where, *name),
                  "Each account needs a name of its own: it is part of every key.");
    }
    if (!keys.insert(key->substr(0, key->rfind('-'))).second) {
      return fail(ErrorKind::usage, fmt::format("{} gives account \"{}\" the key of another account", where, *name),
                  "A key belongs to one account; read twice side by side, it would break Mailchimp's limit of 10 requests.");
    }
    accounts.push_back(std::move(*account));
  }
  return accounts;
}

}  // namespace chimplift
