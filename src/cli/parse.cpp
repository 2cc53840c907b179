// CLI11 takes the words apart; the messages are ours, because they are to name the nearest right word and never repeat a key.
#include "cli/parse.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/secret.hpp"
#include "base/text.hpp"
#include "cli/misplaced_key.hpp"

namespace chimplift {
namespace {

const std::string kHelpAdvice = "chimplift --help lists the commands; chimplift COMMAND --help lists what one takes.";

std::vector<std::string> option_names(std::optional<Command> command) {
  std::vector<std::string> names = {"--help"};
  for (const OptionSpec& option : options()) {
    if (!command || takes(*command, option)) names.push_back("--" + std::string(option.name));
  }
  return names;
}

bool is_help(std::string_view word) { return word == "--help" || word == "-h"; }

Error unknown_option(std::string_view word, std::optional<Command> command) {
  const std::string name(word.substr(0, word.find('=')));
  return Error{ErrorKind::usage, fmt::format("unknown option {}{}", redact(name), suggest(name, option_names(command))), kHelpAdvice};
}

Result<const CommandSpec*> command_of(const std::string& word) {
  if (const CommandSpec* spec = find_command(word)) return spec;
  std::vector<std::string> names;
  for (const CommandSpec& spec : commands()) names.emplace_back(spec.name);
  return fail(ErrorKind::usage, fmt::format("unknown command {}{}", redact(word), suggest(word, names)),
              "The commands: " + join(names, ", ") + ".");
}

/// What CLI11 found: words that are no options, what was given for each option, and what it did not know.
struct Words {
  std::vector<std::string> plain;
  std::map<std::string, std::vector<std::string>, std::less<>> values;
  std::vector<std::string> unknown;
};

Result<Words> take_apart(std::vector<std::string> arguments) {
  CLI::App app;
  app.set_help_flag("");
  app.allow_extras();
  Words words;
  app.add_option("words", words.plain)->allow_extra_args();
  for (const OptionSpec& spec : options()) {
    const std::string name = "--" + std::string(spec.name);
    CLI::Option* option = spec.kind == OptionKind::flag ? app.add_flag(name) : app.add_option(name, words.values[std::string(spec.name)]);
    // Without the second call a value in brackets would be taken for several.
    if (spec.kind != OptionKind::flag) option->expected(1)->allow_extra_args(false);
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }
  // CLI11 takes the next word as the value of "--archive=": an empty value has to be a word of its own.
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string& word = arguments[i];
    if (!word.starts_with("--") || word.find('=') != word.size() - 1) continue;
    word.pop_back();
    const OptionSpec* spec = find_option(std::string_view(word).substr(2));
    if (spec != nullptr && spec->kind == OptionKind::flag)
      return fail(ErrorKind::usage, fmt::format("{} has an empty value", word), fmt::format("Write {} alone, or leave it out.", word));
    arguments.insert(arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1, "");
  }
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError& error) {
    // The only one that is left: an option as the last word, without its value.
    const std::string what = error.what();
    const std::string name = what.starts_with("--") ? what.substr(0, what.find_first_of(": ")) : "an option";
    const OptionSpec* spec = find_option(name.size() > 2 ? std::string_view(name).substr(2) : "");
    return fail(ErrorKind::usage, fmt::format("{} needs a value", name),
                spec == nullptr ? "" : fmt::format("As in: {} {}", name, spec->value));
  }
  for (const OptionSpec& spec : options()) {
    if (spec.kind == OptionKind::flag) words.values[std::string(spec.name)] = app.get_option("--" + std::string(spec.name))->results();
  }
  words.unknown = app.remaining();
  return words;
}

Result<Given> given_of(const OptionSpec& spec, const std::vector<std::string>& values) {
  const std::string name = "--" + std::string(spec.name);
  const bool may_repeat = spec.kind == OptionKind::list || spec.kind == OptionKind::names || spec.kind == OptionKind::flag;
  if (values.size() > 1 && !may_repeat) return fail(ErrorKind::usage, fmt::format("{} is given twice", name), "Give it once.");
  for (const std::string& value : values) {
    // "--archive --json": the value was forgotten, and the next option taken for it.
    const std::string_view word = std::string_view(value).substr(0, value.find('='));
    const bool is_option = word.starts_with("--") && (find_option(word.substr(2)) != nullptr || is_help(word));
    if (is_option)
      return fail(ErrorKind::usage, fmt::format("{} needs a value, and {} is an option", name, word),
                  fmt::format("As in: {} {}", name, spec.value));
  }
  return Given{values, name};
}

Error unexpected_word(const std::vector<std::string>& plain, std::size_t at) {
  return Error{ErrorKind::usage, fmt::format("unexpected word {} after {}", redact(plain[at]), plain[at - 1]), kHelpAdvice};
}

/// What `generate` is to make: its second word, and for some the third.
Result<void> read_topic(const std::vector<std::string>& plain, CommandLine& line) {
  std::vector<std::string> names;
  for (const TopicSpec& topic : topics()) names.emplace_back(topic.name);
  const std::string advice = fmt::format("One of: {}.", join(names, ", "));
  if (plain.size() < 2) return fail(ErrorKind::usage, "generate needs to know what to make", advice);
  const TopicSpec* topic = find_topic(plain[1]);
  if (topic == nullptr)
    return fail(ErrorKind::usage, fmt::format("generate does not make {}{}", redact(plain[1]), suggest(plain[1], names)), advice);
  line.topic = topic->name;
  const std::vector<std::string> choices = split(topic->choices, '|');
  if (plain.size() > 2) line.choice = plain[2];
  if (choices.empty()) {
    if (plain.size() > 2) return tl::unexpected<Error>(unexpected_word(plain, 2));
    return {};
  }
  if (std::find(choices.begin(), choices.end(), line.choice) != choices.end()) return {};
  return fail(ErrorKind::usage, fmt::format("generate {} makes it for {}", topic->name, join(choices, ", ")),
              fmt::format("As in: chimplift generate {} {}", topic->name, choices.front()));
}

std::string what_it_takes(const TopicSpec& topic) {
  std::vector<std::string> names;
  for (const std::string& name : split(topic.options, ' ')) names.push_back("--" + name);
  return fmt::format("It takes {}what every command takes.", names.empty() ? "" : join(names, ", ") + ", and ");
}

}  // namespace

bool wants_json(std::span<const std::string> arguments) {
  return std::any_of(arguments.begin(), arguments.end(), [](const std::string& word) { return word == "--json" || word == "--json=true"; });
}

std::string log_format_in(std::span<const std::string> arguments) {
  constexpr std::string_view kName = "--log-format";
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view word = arguments[i];
    if (!word.starts_with(kName)) continue;
    if (word.size() == kName.size()) return i + 1 < arguments.size() ? arguments[i + 1] : "";
    if (word[kName.size()] == '=') return std::string(word.substr(kName.size() + 1));
  }
  return {};
}

Result<CommandLine> parse_command_line(std::span<const std::string> arguments) {
  for (const std::string& argument : arguments) keep_key_secret(argument);
  CommandLine line;
  if (std::any_of(arguments.begin(), arguments.end(), is_help)) {
    // Help is given wherever it is asked for, whatever else is wrong.
    const auto named =
        std::find_if(arguments.begin(), arguments.end(), [](const std::string& word) { return find_command(word) != nullptr; });
    line.help = named == arguments.end() ? short_help() : help_for(*find_command(*named));
    return line;
  }
  if (arguments.size() == 1 && (arguments[0] == "--version" || arguments[0] == "-V")) {
    line.command = Command::version;
    return line;
  }
  TRY_ASSIGN(const Words words, take_apart({arguments.begin(), arguments.end()}));
  std::optional<Command> command;
  if (!words.plain.empty()) {
    TRY_ASSIGN(const CommandSpec* spec, command_of(words.plain.front()));
    command = spec->command;
  }
  if (!words.unknown.empty()) {
    for (const std::string& word : words.unknown) {
      if (word.starts_with("-")) return tl::unexpected<Error>(unknown_option(word, command));
    }
    return fail(ErrorKind::usage, fmt::format("unexpected word {}", redact(words.unknown.front())), kHelpAdvice);
  }
  if (!command) {
    line.help = short_help();
    line.asked = false;
    return line;
  }
  line.command = *command;
  const std::size_t most_words = line.command == Command::generate ? 3 : line.command == Command::help ? 2 : 1;
  if (words.plain.size() > most_words) return tl::unexpected<Error>(unexpected_word(words.plain, most_words));
  if (line.command == Command::generate) TRY(read_topic(words.plain, line));
  if (line.command == Command::help) {
    line.help = short_help();
    if (words.plain.size() == 2) {
      TRY_ASSIGN(const CommandSpec* topic, command_of(words.plain[1]));
      line.help = help_for(*topic);
    }
    return line;
  }
  for (const OptionSpec& spec : options()) {
    const std::vector<std::string>& values = words.values.find(spec.name)->second;
    if (values.empty()) continue;
    if (!takes(line.command, spec)) {
      return fail(ErrorKind::usage, fmt::format("{} takes no --{}", spec_of(line.command).name, spec.name),
                  fmt::format("chimplift {} --help lists what it takes.", spec_of(line.command).name));
    }
    if (line.command == Command::generate && !takes(*find_topic(line.topic), spec)) {
      return fail(ErrorKind::usage, fmt::format("generate {} takes no --{}", line.topic, spec.name),
                  what_it_takes(*find_topic(line.topic)));
    }
    TRY_ASSIGN(Given given, given_of(spec, values));
    line.given[std::string(spec.name)] = std::move(given);
  }
  return line;
}

}  // namespace chimplift
