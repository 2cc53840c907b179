#include "cli/options.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace chimplift {
namespace {

constexpr unsigned bit(Command command) { return 1U << static_cast<unsigned>(command); }

constexpr unsigned kOnline = bit(Command::sync) | bit(Command::pull) | bit(Command::plan) | bit(Command::doctor);
constexpr unsigned kRuns = kOnline | bit(Command::load) | bit(Command::verify) | bit(Command::status);
constexpr unsigned kMoves = bit(Command::sync) | bit(Command::pull) | bit(Command::load) | bit(Command::verify);
constexpr unsigned kTables = bit(Command::sync) | bit(Command::load) | bit(Command::verify) | bit(Command::doctor);
constexpr unsigned kSnowflake = kTables | bit(Command::generate);
// The parameters of a workflow: what names the accounts is where a wrong one should end it.
constexpr unsigned kWorkflow = kRuns | bit(Command::accounts);
constexpr unsigned kEvery = ~0U;

constexpr CommandSpec kCommands[] = {
    {Command::sync, "sync", "Pull, load and verify: all in one."},
    {Command::plan, "plan", "Say what would be read, in how many requests, and how long it takes."},
    {Command::pull, "pull", "Pull pages and files into the archive, and no more."},
    {Command::load, "load", "Load the archive into tables, without any network."},
    {Command::verify, "verify", "Compare archive and tables with what Mailchimp said; write certificates."},
    {Command::status, "status", "Say what is done, what is left and what is missing."},
    {Command::doctor, "doctor", "Try everything that sync will need."},
    {Command::streams, "streams", "List what chimplift reads: tables, steps, addresses, keys."},
    {Command::accounts, "accounts", "List the accounts, without their keys, as JSON for workflows."},
    {Command::generate, "generate", "Make what others need: completions, a manual page, SQL, LookML, dbt."},
    {Command::version, "version", "Print the version."},
    {Command::help, "help", "Explain a command."},
};

constexpr TopicSpec kTopics[] = {
    {"completion", "bash|zsh|fish", "Completions for a shell.", ""},
    {"man", "", "The manual page.", ""},
    {"snowflake-setup", "", "The SQL that an administrator of Snowflake runs once.",
     "snowflake-user snowflake-private-key snowflake-passphrase snowflake-role snowflake-warehouse snowflake-database "
     "snowflake-dev-database snowflake-schema snowflake-stage snowflake-stage-url storage-role-arn"},
    {"lookml", "", "LookML for Looker, into a folder.", "out connection warehouse snowflake-database snowflake-schema"},
    {"dbt", "", "A dbt project, into a folder: sources, tests, views as Fivetran's.", "out"},
    {"snowflake-links", "", "The SQL of a view that gives each file of an archive on S3 a link.",
     "archive snowflake-role snowflake-database snowflake-schema snowflake-stage snowflake-stage-url"},
    {"duckdb-links", "", "The same for an archive in a folder, and DuckDB.", "warehouse"},
};

constexpr Example kExamples[] = {
    {"chimplift sync", "all accounts of accounts.json, into ./mailchimp-archive"},
    {"chimplift plan --account my-brand", "what that would read, and how long it would take"},
    {"chimplift sync --excluded-steps templates", "the same without one step"},
};

constexpr OptionSpec kOptions[] = {
    {"accounts", "FILE|aws:SECRET", "The accounts, as JSON.", "accounts.json; in production aws:chimplift/accounts", OptionKind::text,
     kWorkflow},
    {"account", "NAME", "Only this account; may be repeated.", "all", OptionKind::names, kWorkflow, false, false, true},
    {"api-key-override", "KEY", "This key in place of the accounts; @FILE reads it from a file.", "", OptionKind::text, kWorkflow, true},
    {"server-override", "us12", "The server of that key.", "the key's suffix", OptionKind::text, kWorkflow, true},
    {"dev-override", "true|false", "Allow a run outside production on a shared warehouse.", "false", OptionKind::boolean, kWorkflow, true},
    {"is-test", "true|false", "At most 1,000 records of each table; never certified.", "false", OptionKind::boolean, kWorkflow, true},
    {"excluded-steps", "a,b", "Steps to leave out.", "", OptionKind::list, kWorkflow, true},
    {"only-steps", "a,b", "The steps to run, and no others.", "all", OptionKind::list, kRuns},
    {"archive", "DIR|s3://…", "Where pages and files are kept.", "./mailchimp-archive", OptionKind::text, kRuns | bit(Command::generate)},
    {"s3-kms-key", "ID|aws/s3", "Encrypt what is put there with this key of KMS.", "as the bucket does", OptionKind::text, kRuns},
    {"s3-bucket-owner", "ACCOUNT", "Refuse a bucket that is not this AWS account's.", "", OptionKind::text, kRuns},
    {"warehouse", "duckdb:FILE|snowflake:|none", "Where the tables are.", "duckdb:mailchimp.duckdb in the archive's folder",
     OptionKind::text, kTables | bit(Command::generate)},
    {"snowflake-secret", "FILE|aws:SECRET", "A JSON document with any of the following.", "", OptionKind::text, kTables},
    {"snowflake-account", "NAME", "The account: myorg-myaccount.", "", OptionKind::text, kTables},
    {"snowflake-user", "NAME", "The user.", "", OptionKind::text, kSnowflake},
    {"snowflake-private-key", "FILE", "The user's key, as PEM.", "", OptionKind::text, kSnowflake},
    {"snowflake-passphrase", "FILE", "Where that key's passphrase is.", "", OptionKind::text, kSnowflake},
    {"snowflake-token", "FILE", "An access token in place of a key.", "", OptionKind::text, kTables},
    {"snowflake-role", "NAME", "The role.", "the user's", OptionKind::text, kSnowflake},
    {"snowflake-warehouse", "NAME", "The virtual warehouse.", "the user's", OptionKind::text, kSnowflake},
    {"snowflake-database", "NAME", "The database.", "", OptionKind::text, kSnowflake},
    {"snowflake-dev-database", "NAME", "The database of runs outside production.", "the database's name and _DEV", OptionKind::text,
     kSnowflake},
    {"snowflake-schema", "NAME", "The schema.", "MAILCHIMP", OptionKind::text, kSnowflake},
    {"snowflake-stage", "NAME", "The external stage in that schema.", "CHIMPLIFT_STAGE", OptionKind::text, kSnowflake},
    {"snowflake-stage-url", "s3://…/", "Where files for the stage are put.", "in an archive on S3", OptionKind::text, kSnowflake},
    {"snowflake-url", "URL", "In place of https://ACCOUNT.snowflakecomputing.com.", "", OptionKind::text, kTables},
    {"storage-role-arn", "ARN", "AWS's role with which Snowflake reads the stage.", "", OptionKind::text, bit(Command::generate)},
    {"out", "FOLDER", "Where the files go.", "", OptionKind::text, bit(Command::generate)},
    {"connection", "NAME", "Looker's connection to the warehouse.", "mailchimp", OptionKind::text, bit(Command::generate)},
    {"api-base", "URL", "In place of https://SERVER.api.mailchimp.com/3.0.", "", OptionKind::text, kWorkflow},
    {"private-links", "true|false", "Follow links in e-mails to private addresses.", "false", OptionKind::boolean, kOnline},
    {"ca-file", "PEM", "Certificate authorities to trust in place of the system's.", "", OptionKind::text, kWorkflow},
    {"read-data-subset", "10%|n/t", "Read only that part of the bytes again; vouches for nothing.", "all", OptionKind::text,
     bit(Command::verify), false, false, true},
    {"source", "", "Ask Mailchimp for its totals again, to see what came in since.", "", OptionKind::flag, bit(Command::verify), false,
     false, true},
    {"config", "FILE", "Settings, as TOML.", "chimplift.toml, if there is one", OptionKind::text, kEvery & ~bit(Command::version), false,
     true},
    {"json", "", "One JSON document on stdout.", "", OptionKind::flag, kEvery, false, false, true},
    {"quiet", "", "Nothing but errors and the result.", "", OptionKind::flag, kEvery, false, false, true},
    {"verbose", "", "Say more about what goes on.", "", OptionKind::flag, kEvery, false, false, true},
    {"log-format", "text|json", "How messages on stderr are written.", "text", OptionKind::text, kEvery, false, false, true},
    {"metrics-file", "FILE", "Keep the run's numbers there, as Prometheus reads them.", "", OptionKind::text, kMoves, false, false, true},
    {"no-color", "", "No colours.", "", OptionKind::flag, kEvery, false, false, true},
};

// What generate takes where an option is not given: it knows nothing of an archive or an account.
constexpr std::pair<std::string_view, std::string_view> kOfGenerate[] = {
    {"archive", "a place to fill in"},
    {"warehouse", "lookml: in Snowflake; duckdb-links: duckdb:mailchimp.duckdb"},
    {"snowflake-user", "CHIMPLIFT"},
    {"snowflake-role", "CHIMPLIFT"},
    {"snowflake-warehouse", "CHIMPLIFT_WH"},
    {"snowflake-database", "CHIMPLIFT; lookml: the connection's"},
    {"snowflake-stage-url", "a place to fill in; snowflake-links: _snowflake_stage/ in the archive"},
    {"storage-role-arn", "a place to fill in"},
};

/// A line of help; what is too wide for its column has a line of its own.
std::string help_line(const std::string& what, std::string_view text) {
  constexpr std::size_t kWidth = 29;
  return what.size() <= kWidth ? fmt::format("  {:<{}} {}", what, kWidth, text) : fmt::format("  {}\n  {:<{}} {}", what, "", kWidth, text);
}

std::string synopsis(const OptionSpec& option) {
  return fmt::format("--{}{}{}", option.name, option.value.empty() ? "" : " ", option.value);
}

}  // namespace

std::span<const CommandSpec> commands() { return kCommands; }
std::span<const OptionSpec> options() { return kOptions; }
std::span<const TopicSpec> topics() { return kTopics; }
std::span<const Example> examples() { return kExamples; }

const CommandSpec* find_command(std::string_view name) {
  for (const CommandSpec& spec : kCommands) {
    if (spec.name == name) return &spec;
  }
  return nullptr;
}

const OptionSpec* find_option(std::string_view name) {
  for (const OptionSpec& spec : kOptions) {
    if (spec.name == name) return &spec;
  }
  return nullptr;
}

const TopicSpec* find_topic(std::string_view name) {
  for (const TopicSpec& spec : kTopics) {
    if (spec.name == name) return &spec;
  }
  return nullptr;
}

const CommandSpec& spec_of(Command command) { return kCommands[static_cast<unsigned>(command)]; }

bool takes(Command command, const OptionSpec& option) { return (option.commands & bit(command)) != 0; }

bool takes(const TopicSpec& topic, const OptionSpec& option) {
  if (!takes(Command::generate, option)) return false;
  if (takes(Command::help, option)) return true;
  const std::vector<std::string> own = split(topic.options, ' ');
  return std::find(own.begin(), own.end(), option.name) != own.end();
}

std::string_view fallback_of(Command command, const OptionSpec& option) {
  if (command != Command::generate) return option.fallback;
  const auto* const own = std::ranges::find(kOfGenerate, option.name, &std::pair<std::string_view, std::string_view>::first);
  return own == std::end(kOfGenerate) ? option.fallback : own->second;
}

std::vector<std::string> choices_of(const OptionSpec& option) {
  if (option.kind == OptionKind::flag || option.value.find('|') == std::string_view::npos) return {};
  if (option.value.find_first_not_of("abcdefghijklmnopqrstuvwxyz|") != std::string_view::npos) return {};
  return split(option.value, '|');
}

std::string environment_name(const OptionSpec& option) {
  std::string name = "CHIMPLIFT_";
  for (const char c : option.name) name += c == '-' ? '_' : static_cast<char>(c - 'a' + 'A');
  return name;
}

std::string suggest(std::string_view typed, const std::vector<std::string>& candidates) {
  const std::string near = nearest(typed, candidates);
  return near.empty() ? "" : fmt::format("; did you mean {}?", near);
}

std::string short_help() {
  std::string text =
      "chimplift takes everything out of Mailchimp accounts before they are closed. It only ever reads.\n"
      "\n";
  for (const Example& example : kExamples) text += fmt::format("  {:<43} {}\n", example.line, example.what);
  text += "\nCommands:\n";
  for (const CommandSpec& command : kCommands) text += fmt::format("  {:<9} {}\n", command.name, command.help);
  return text + "\nchimplift COMMAND --help says what a command takes.\n";
}

std::string help_for(const CommandSpec& command) {
  const std::string_view argument = command.command == Command::help       ? " [COMMAND]"
                                    : command.command == Command::generate ? " WHAT [OPTIONS]"
                                                                           : " [OPTIONS]";
  std::string text = fmt::format("chimplift {}{}\n\n{}\n\n", command.name, argument, command.help);
  if (command.command == Command::generate) {
    for (const TopicSpec& topic : kTopics) text += help_line(fmt::format("{} {}", topic.name, topic.choices), topic.help) + "\n";
    text += "\n";
  }
  text += "Options:\n";
  for (const OptionSpec& option : kOptions) {
    if (!takes(command.command, option)) continue;
    text += help_line(synopsis(option), option.help);
    if (const std::string_view fallback = fallback_of(command.command, option); !fallback.empty()) text += fmt::format(" [{}]", fallback);
    text += '\n';
  }
  text += help_line("-h, --help", "This text.") + "\n";
  return text +
         "\nEach option may also stand in the environment (--some-option as CHIMPLIFT_SOME_OPTION) or in chimplift.toml\n"
         "(some-option = …). The command line comes first, then the environment, then the file.\n";
}

}  // namespace chimplift
