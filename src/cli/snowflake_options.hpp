// --warehouse snowflake: and all that belongs to it, from options, environment, settings file and the secret document.
#pragma once

#include <filesystem>
#include <string_view>

#include "cli/config.hpp"
#include "mailchimp/account.hpp"
#include "run/snowflake_target.hpp"
#include "warehouse/snowflake_setup.hpp"

namespace chimplift {

/// `given` is "snowflake:" or "snowflake:ACCOUNT/DATABASE/SCHEMA" (its parts go before the options). Outside production the tables go into
/// the development database, and only with --dev-override true. Errors: usage, naming what is missing.
Result<SnowflakeTarget> snowflake_of(std::string_view given, const Values& values, const Environment& environment, bool is_production);

/// What tells runs apart that may be at work at the same time: the command, the archive, the place in Snowflake, the accounts, the steps,
/// and whether it is a test run.
std::string snowflake_owner(Command command, const Values& values, const std::vector<Account>& accounts, const SnowflakeSettings& into);

/// The values of a secret document: {"account", "user", "private_key", "private_key_passphrase", "token", "role", "warehouse", "database",
/// "schema", "stage", "stage_url", "url", "dev_database"}; all but the login may stand elsewhere. Other names are left alone: secrets are
/// shared, and an empty text is none. Errors: usage, and never a word of the document.
Result<std::map<std::string, std::string>> parse_snowflake_secret(std::string_view text, const std::string& where);

/// A name of an object as Snowflake shows it: in upper case, unless it was written in quotes.
std::string snowflake_name(const std::string& text);

/// For `generate snowflake-setup`. Errors: usage, for a stage's place that is none, and what is wrong with a key.
Result<snowflake::Setup> snowflake_setup_of(const Values& values);

}  // namespace chimplift
