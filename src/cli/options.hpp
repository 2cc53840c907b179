// The one table of commands and options. The parser, the help, the environment, chimplift.toml and the error messages are all made from it,
// so that none of them can know an option that the others do not.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chimplift {

enum class Command : unsigned { sync, plan, pull, load, verify, status, doctor, streams, accounts, generate, version, help };

struct CommandSpec {
  Command command = Command::help;
  std::string_view name;
  std::string_view help;
};

enum class OptionKind {
  text,     // one value
  boolean,  // exactly true or false
  list,     // names with commas between them; may be repeated
  names,    // one value each time; may be repeated
  flag,     // there or not; true or false in the environment and the file
};

struct OptionSpec {
  std::string_view name;      // "--" is not part of it; it is the key of chimplift.toml as well
  std::string_view value;     // what stands for the value in help: "FILE"
  std::string_view help;      // one sentence
  std::string_view fallback;  // the default, in words; "" for none; generate has others, see fallback_of()
  OptionKind kind = OptionKind::text;
  unsigned commands = 0;           // those that take it, a bit each
  bool none_is_absent = false;     // "none" and "" mean "not given": workflow engines pass a parameter whether or not it has a value
  bool only_command_line = false;  // no key of chimplift.toml
  bool only_this_run = false;      // how it is shown, or what it is about: a command that closes a gap is not given it
};

/// What `chimplift generate` makes.
struct TopicSpec {
  std::string_view name;     // "completion"
  std::string_view choices;  // what has to follow, one of these: "bash|zsh|fish"; "" for nothing
  std::string_view help;     // one sentence
  std::string_view options;  // those of generate's own options that it takes, with spaces between
};

/// A command line that shows what chimplift is for, and what it does.
struct Example {
  std::string_view line;
  std::string_view what;
};

std::span<const CommandSpec> commands();
std::span<const OptionSpec> options();
std::span<const TopicSpec> topics();
std::span<const Example> examples();

/// nullptr where there is none of that name.
const CommandSpec* find_command(std::string_view name);
const OptionSpec* find_option(std::string_view name);
const TopicSpec* find_topic(std::string_view name);
const CommandSpec& spec_of(Command command);

[[nodiscard]] bool takes(Command command, const OptionSpec& option);
/// Of the options that generate takes: does it for this topic? What every command takes, all topics do.
[[nodiscard]] bool takes(const TopicSpec& topic, const OptionSpec& option);

/// The option's default with this command, in words; "" for none.
std::string_view fallback_of(Command command, const OptionSpec& option);

/// The words that are all its values: "text" and "json" of "text|json"; none where others may stand too.
std::vector<std::string> choices_of(const OptionSpec& option);

/// "CHIMPLIFT_EXCLUDED_STEPS" for excluded-steps.
std::string environment_name(const OptionSpec& option);

/// "; did you mean --accounts?", or "" where nothing is near.
std::string suggest(std::string_view typed, const std::vector<std::string>& candidates);

/// The text of `chimplift` alone, and of `chimplift COMMAND --help`.
std::string short_help();
std::string help_for(const CommandSpec& command);

}  // namespace chimplift
