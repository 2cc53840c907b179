#include "cli/account_list.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/files.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "cli/aws_options.hpp"
#include "cli/content.hpp"
#include "cli/private_file.hpp"
#include "net/url.hpp"

namespace chimplift {
namespace {

constexpr const char* kAws = "aws:";
constexpr const char* kShape = R"([{"account_name": "my-brand", "api_key": "…-us12"}])";

Result<std::string> read_accounts_file(const std::string& name) {
  struct stat info{};
  if (::stat(name.c_str(), &info) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) {
      return fail(
          ErrorKind::usage, fmt::format("there is no accounts file {}", name),
          fmt::format("Make it readable for yourself alone, holding {}; or name another one, or aws:SECRET, with --accounts.", kShape));
    }
    return fail(ErrorKind::usage, fmt::format("cannot read {}: {}", name, std::strerror(errno)),
                "Check the rights of the folders above it.");
  }
  if (S_ISDIR(info.st_mode))
    return fail(ErrorKind::usage, fmt::format("{} is a folder, not a file of accounts", name), fmt::format("The file holds {}.", kShape));
  Result<std::string> text = read_file(name);
  if (!text) {
    return fail(ErrorKind::usage, text.error().message,
                fmt::format("Give this user the right to read it, as its owner: chmod 600 {}", name));
  }
  return text;
}

Result<std::string> read_accounts_secret(const std::string& given, const Values& values, const Environment& environment) {
  const Result<Secret> secret = read_named_secret(given, values, environment);
  if (secret) return secret->reveal();
  Error error = secret.error();
  if (given == kAws + std::string(kDefaultSecret))
    error.advice += " --accounts or CHIMPLIFT_ACCOUNTS names another secret (aws:NAME), or a file.";
  return tl::unexpected(std::move(error));
}

/// "@FILE" or the key itself.
Result<std::string> override_key(const Values& values) {
  const std::string given = values.text("api-key-override");
  if (!given.starts_with('@')) return std::string(trim(given));
  const std::string name = given.substr(1);
  TRY(expect_private(name));
  Result<std::string> text = read_file(name);
  if (!text)
    return fail(ErrorKind::usage, text.error().message,
                fmt::format("{} names a file that holds the key.", values.where("api-key-override")));
  return std::string(trim(*text));
}

/// The key of the account that has its name. Another server is another account of Mailchimp's, and not a new key of this one.
Result<Secret> key_in(const std::vector<Account>& accounts, const std::string& name, const std::string& api_base) {
  const auto found = std::find_if(accounts.begin(), accounts.end(), [&name](const Account& account) { return account.name == name; });
  if (found == accounts.end()) return fail(ErrorKind::usage, fmt::format("account \"{}\" is no longer in the list of accounts", name));
  if (found->api_base != api_base) return fail(ErrorKind::usage, fmt::format("account \"{}\" now has another server", name));
  return found->key.now();
}

}  // namespace

Result<void> check_api_base(const Values& values) {
  const std::string given = values.text("api-base");
  std::string_view base = given;
  while (base.ends_with('/')) base.remove_suffix(1);
  if (given.empty() || parse_url(base)) return {};
  return fail(ErrorKind::usage, fmt::format("{} {} is not an http or https address", values.where("api-base"), given),
              "Example: https://us12.api.mailchimp.com/3.0");
}

Result<std::vector<Account>> read_account_list(const std::string& given, const Values& values, const Environment& environment,
                                               const std::string& api_base) {
  const std::string where = values.where("accounts");
  if (is_content(given)) {
    if (!where.starts_with("--")) return parse_accounts(given, where, api_base);
    return fail(ErrorKind::usage,
                "--accounts names a list of accounts and is not the list itself: every user of this machine could see its keys",
                "Put the list into a file, a secret (aws:NAME) or CHIMPLIFT_ACCOUNTS.");
  }
  const std::string name = given == kAws ? given + kDefaultSecret : given;
  const auto read = [name, values, environment, api_base]() -> Result<std::vector<Account>> {
    TRY_ASSIGN(const std::string text, names_secret(name) ? read_accounts_secret(name, values, environment) : read_accounts_file(name));
    TRY_ASSIGN(std::vector<Account> accounts, parse_accounts(text, name, api_base));
    // Only now: of a file that is something else, nobody is to be told that it holds keys.
    if (!names_secret(name)) TRY(expect_private(name));
    return accounts;
  };
  TRY_ASSIGN(std::vector<Account> accounts, read());
  for (Account& account : accounts) {
    account.key.read_again_by([read, own = account.name, base = account.api_base]() -> Result<Secret> {
      TRY_ASSIGN(const std::vector<Account> anew, read());
      return key_in(anew, own, base);
    });
  }
  return accounts;
}

/// Its name is part of every key and of its folder's name, so it is best given; without --account it is the server's, because two keys
/// without names are then at least not mixed up across servers.
Result<std::vector<Account>> account_of_override(const Values& values) {
  TRY_ASSIGN(const std::string key, override_key(values));
  const std::vector<std::string> names = values.list("account");
  if (names.size() > 1) {
    return fail(ErrorKind::usage,
                fmt::format("{} is one account's key, and {} names are given", values.where("api-key-override"), names.size()),
                "Give one --account: the name under which its rows and files are kept.");
  }
  const std::string server = values.text("server-override");
  std::string name = names.empty() ? (server.empty() ? server_of_key(key) : to_lower(server)) : names.front();
  if (name.empty()) name = "mailchimp";
  Result<Account> account = make_account(name, key, server, values.text("api-base"));
  const bool lacks_its_server_alone = !account && server.empty() && make_account(name, key, "us1", "");
  if (lacks_its_server_alone) return fail(ErrorKind::usage, account.error().message, "Give it one: --server-override us12");
  if (!account) return tl::unexpected<Error>(std::move(account).error());
  if (names.empty()) log_info("The account has no name of its own; --account gives it one.", {{"account", name}});
  if (values.text("api-key-override").starts_with('@')) {
    account->key.read_again_by([values, name, server, base = account->api_base]() -> Result<Secret> {
      TRY_ASSIGN(const std::string anew, override_key(values));
      TRY_ASSIGN(const Account now, make_account(name, anew, server, values.text("api-base")));
      return key_in({now}, name, base);
    });
  }
  return std::vector<Account>{std::move(*account)};
}

}  // namespace chimplift
