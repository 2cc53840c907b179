#include "cli/settings.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "archive/ledger.hpp"
#include "base/text.hpp"
#include "cli/account_list.hpp"
#include "cli/archive_options.hpp"
#include "cli/ca_file.hpp"
#include "cli/content.hpp"
#include "cli/snowflake_options.hpp"
#include "cli/warehouse_option.hpp"

namespace chimplift {
namespace {

constexpr const char* kAccountsFile = "accounts.json";

/// Commands that ask nothing of Mailchimp: they need no key and no server.
bool is_offline(Command command, const Values& values) {
  return command == Command::load || command == Command::status || (command == Command::verify && !values.is_true("source"));
}

Result<std::vector<Account>> configured_accounts(Command command, const Values& values, const Environment& environment) {
  const std::string given = values.text("accounts");
  std::error_code ignored;
  if (given.empty() && is_offline(command, values) && (is_production(environment) || !std::filesystem::exists(kAccountsFile, ignored))) {
    TRY_ASSIGN(const std::shared_ptr<Tree> archive, archive_of(values, environment));
    TRY_ASSIGN(std::vector<Account> accounts, accounts_of_archive(*archive));
    if (!accounts.empty()) return accounts;
    return fail(ErrorKind::destination, fmt::format("there is no account in the archive {}", archive->name_of("")),
                "Name the place that `chimplift sync` wrote with --archive, or pull first.");
  }
  const std::string source = !given.empty() ? given : is_production(environment) ? "aws:" : kAccountsFile;
  // Without network there is no address to know: a key without a server is no reason to refuse.
  const std::string base = values.text("api-base");
  return read_account_list(source, values, environment, base.empty() && is_offline(command, values) ? "https://unused.invalid" : base);
}

Result<void> set_warehouse(Command command, const Values& values, const Environment& environment, Settings& settings) {
  TRY_ASSIGN(const WarehouseOption warehouse, parse_warehouse(values.text("warehouse"), values.where("warehouse")));
  switch (warehouse.kind) {
    case WarehouseOption::Kind::absent:
      settings.duckdb = duckdb_beside(values);
      return {};
    case WarehouseOption::Kind::duckdb:
      settings.duckdb = warehouse.file;
      return {};
    case WarehouseOption::Kind::snowflake: {
      TRY_ASSIGN(settings.snowflake, snowflake_of(values.text("warehouse"), values, environment, is_production(environment)));
      return {};
    }
    case WarehouseOption::Kind::none:
      break;
  }
  if (command == Command::load)
    return fail(ErrorKind::usage, "load needs a warehouse, and --warehouse is none", "Name one: --warehouse duckdb:FILE");
  return {};
}

/// Empty where it is not to be written down: a key never is.
std::string passed_on(const OptionSpec& option, const Values& values) {
  const std::string name(option.name);
  const std::string value = option.kind == OptionKind::list ? join(values.list(name), ",") : values.text(name);
  if ((name == "accounts" || name.starts_with("snowflake-")) && is_content(value)) return "";
  if (name != "api-key-override" || value.starts_with('@')) return value;
  // Where the environment or the settings file has the key, it will be there again.
  return values.where(name).starts_with("--") ? "@FILE-WITH-THE-KEY" : "";
}

/// What a command that closes a gap has to be given too: whatever decides where things are and whom to ask.
std::vector<GivenOption> given_for(Command command, const Values& values) {
  std::vector<GivenOption> given;
  for (const OptionSpec& option : options()) {
    const std::string name(option.name);
    if (!option.only_this_run && takes(command, option) && values.has(name)) given.emplace_back(name, passed_on(option, values));
  }
  return given;
}

std::vector<std::string> limits_of(const Values& values) {
  std::vector<std::string> limits;
  if (values.is_true("is-test")) limits.emplace_back("--is-test true");
  for (const std::string name : {"excluded-steps", "only-steps"}) {
    if (values.has(name)) limits.push_back("--" + name + " " + join(values.list(name), ","));
  }
  if (values.has("read-data-subset")) limits.push_back("--read-data-subset " + values.text("read-data-subset"));
  if (values.text("warehouse") == "none") limits.emplace_back("--warehouse none");
  return limits;
}

}  // namespace

bool is_production(const Environment& environment) {
  return environment("CHIMPLIFT_ENV") == "production" || environment("RES_ENV") == "production";
}

Result<std::vector<Account>> accounts_of(Command command, const Values& values, const Environment& environment) {
  TRY(check_api_base(values));
  if (values.has("api-key-override")) return account_of_override(values);
  if (values.has("server-override")) {
    return fail(ErrorKind::usage, fmt::format("{} goes with --api-key-override, which is not given", values.where("server-override")),
                "The servers of configured accounts stand in the accounts file.");
  }
  TRY_ASSIGN(std::vector<Account> all, configured_accounts(command, values, environment));
  const std::vector<std::string> wanted = values.list("account");
  if (wanted.empty()) return all;
  std::vector<std::string> names;
  for (const Account& account : all) names.push_back(account.name);
  for (const std::string& name : wanted) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    const std::string near = nearest(name, names);
    return fail(ErrorKind::usage,
                fmt::format("there is no account \"{}\"{}", name, near.empty() ? "" : fmt::format("; did you mean \"{}\"?", near)),
                fmt::format("The accounts: {}.", join(names, ", ")));
  }
  std::erase_if(all, [&](const Account& account) { return std::find(wanted.begin(), wanted.end(), account.name) == wanted.end(); });
  return all;
}

Result<Settings> settings_of(Command command, const Values& values, const Environment& environment) {
  Settings settings;
  TRY_ASSIGN(settings.ca_file, ca_file_of(values));
  TRY_ASSIGN(settings.archive, archive_of(values, environment));
  TRY(set_warehouse(command, values, environment, settings));
  TRY_ASSIGN(settings.selection, Selection::of(values.list("excluded-steps"), values.list("only-steps")));
  settings.test = values.is_true("is-test");
  settings.private_links = values.is_true("private-links");
  settings.asks_source = values.is_true("source");
  if (values.has("read-data-subset")) {
    if (settings.asks_source) {
      return fail(ErrorKind::usage, fmt::format("{} and {} do not go together", values.where("source"), values.where("read-data-subset")),
                  "What Mailchimp says is compared with an archive that was verified as a whole: run one after the other.");
    }
    TRY_ASSIGN(settings.subset, Subset::parse(values.text("read-data-subset")));
  }
  settings.proxies = proxies_of(environment);
  for (const Command other : {Command::sync, Command::load, Command::verify, Command::status})
    settings.given[std::string(spec_of(other).name)] = given_for(other, values);
  settings.limited_by = limits_of(values);
  TRY_ASSIGN(settings.accounts, accounts_of(command, values, environment));
  if (settings.snowflake) {
    SnowflakeSettings& into = settings.snowflake->snowflake;
    into.owner = snowflake_owner(command, values, settings.accounts, into);
  }
  return settings;
}

}  // namespace chimplift
