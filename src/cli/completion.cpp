#include "cli/completion.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "cli/completion_scripts.hpp"
#include "mailchimp/catalogue.hpp"

namespace chimplift {
namespace {

constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz";

bool is_word(std::string_view text) { return !text.empty() && text.find_first_not_of(kLetters) == std::string_view::npos; }

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) text.replace(at, what.size(), by);
  return text;
}

/// Inside single quotes, for bash and zsh.
std::string quoted(std::string_view text) { return replaced(std::string(text), "'", R"('\'')"); }

/// Words of one option per line of a case: "--archive|--config".
template <typename Wanted>
std::string alternatives(Wanted wanted) {
  std::vector<std::string> names;
  for (const OptionSpec& option : options()) {
    if (wanted(option)) names.push_back("--" + std::string(option.name));
  }
  return join(names, "|");
}

bool takes_value(const OptionSpec& option) { return option.kind != OptionKind::flag; }

std::string names_of(std::span<const CommandSpec> specs) {
  std::vector<std::string> names;
  for (const CommandSpec& spec : specs) names.emplace_back(spec.name);
  return join(names, " ");
}

std::string topic_names() {
  std::vector<std::string> names;
  for (const TopicSpec& topic : topics()) names.emplace_back(topic.name);
  return join(names, " ");
}

std::string bash() {
  std::string values;
  std::string takers;
  std::string choices;
  for (const OptionSpec& option : options()) {
    const ValueHints hints = hints_of(option);
    std::string kinds;
    if (hints.steps) kinds += " steps";
    if (hints.folders) kinds += " folders";
    if (hints.files) kinds += " files";
    if (hints.files_behind) kinds += " behind";
    if (hints.words.empty() && kinds.empty()) continue;
    values += fmt::format("      --{}) words='{}' kinds='{}' ;;\n", option.name, join(hints.words, " "), trim(kinds));
  }
  for (const CommandSpec& command : commands()) {
    takers +=
        fmt::format("      {}) words='{}' ;;\n", command.name,
                    replaced(alternatives([&command](const OptionSpec& option) { return takes(command.command, option); }), "|", " "));
  }
  for (const TopicSpec& topic : topics()) {
    if (!topic.choices.empty())
      choices += fmt::format("      generate:{}:) words='{}' ;;\n", topic.name, replaced(std::string(topic.choices), "|", " "));
  }
  return fmt::format(fmt::runtime(kBashScript), fmt::arg("valued", alternatives(takes_value)), fmt::arg("values", values),
                     fmt::arg("takers", takers), fmt::arg("choices", choices), fmt::arg("commands", names_of(commands())),
                     fmt::arg("topics", topic_names()), fmt::arg("steps", join(steps(), " ")));
}

/// For `_arguments`: brackets and colons end what they stand in.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return quoted(out);
}

std::string zsh_action(const OptionSpec& option) {
  const ValueHints hints = hints_of(option);
  if (hints.steps) return "_values -s , step " + join(steps(), " ");
  if (hints.folders) return "_files -/";
  if (hints.words.empty()) return hints.files ? "_files" : " ";
  std::vector<std::string> begun;
  std::vector<std::string> whole;
  for (const std::string& word : hints.words) (word.ends_with(':') ? begun : whole).push_back(word);
  if (begun.empty() && !hints.files) return "(" + join(whole, " ") + ")";
  std::string words = "compadd -S \"\" -- " + join(begun, " ");
  if (!whole.empty()) words += "; compadd -- " + join(whole, " ");
  if (hints.files) words += "; _files";
  return hints.files_behind ? "{if compset -P \"*:\"; then _files; else " + words + "; fi}" : "{" + words + "}";
}

std::string zsh() {
  std::string specs;
  std::string takers;
  std::string choices;
  const auto described = [](std::string_view name, std::string_view help) { return fmt::format("    '{}:{}'\n", name, zsh_text(help)); };
  for (const OptionSpec& option : options()) {
    const bool repeats = option.kind == OptionKind::list || option.kind == OptionKind::names;
    specs += fmt::format(
        "    {} '{}--{}{}[{}]{}'\n", option.name, repeats ? "*" : "", option.name, takes_value(option) ? "=" : "", zsh_text(option.help),
        takes_value(option) ? fmt::format(":{}:{}", zsh_text(option.value), quoted(replaced(zsh_action(option), ":", "\\:"))) : "");
  }
  std::string command_list;
  for (const CommandSpec& command : commands()) {
    command_list += described(command.name, command.help);
    std::vector<std::string> names;
    for (const OptionSpec& option : options()) {
      if (takes(command.command, option)) names.emplace_back(option.name);
    }
    takers += fmt::format("    {} '{}'\n", command.name, join(names, " "));
  }
  std::string topic_list;
  for (const TopicSpec& topic : topics()) {
    topic_list += described(topic.name, topic.help);
    if (!topic.choices.empty())
      choices += fmt::format("        generate:{}:) compadd -- {} ;;\n", topic.name, replaced(std::string(topic.choices), "|", " "));
  }
  return fmt::format(fmt::runtime(kZshScript), fmt::arg("valued", alternatives(takes_value)), fmt::arg("specs", specs),
                     fmt::arg("takers", takers), fmt::arg("choices", choices), fmt::arg("commands", command_list),
                     fmt::arg("topics", topic_list));
}

/// Inside single quotes, for fish.
std::string fish_text(std::string_view text) { return replaced(replaced(std::string(text), "\\", "\\\\"), "'", "\\'"); }

std::string fish_values(const OptionSpec& option) {
  const ValueHints hints = hints_of(option);
  if (hints.steps) return fmt::format(" -x -a '(__fish_complete_list , \"printf %s\\\\\\\\n {}\")'", join(steps(), " "));
  if (hints.folders) return " -x -a '(__fish_complete_directories)'";
  const std::string words = hints.words.empty() ? "" : fmt::format(" -a '{}'", join(hints.words, " "));
  return (hints.files || hints.files_behind ? " -r -F" : " -x") + words;
}

std::string fish() {
  std::string text(kFishScript);
  for (const CommandSpec& command : commands())
    text += fmt::format("complete -c chimplift -n __fish_use_subcommand -a {} -d '{}'\n", command.name, fish_text(command.help));
  for (const TopicSpec& topic : topics()) {
    text += fmt::format(
        "complete -c chimplift -n '__fish_seen_subcommand_from generate; and not __fish_seen_subcommand_from {}' -a {} -d '{}'\n",
        topic_names(), topic.name, fish_text(topic.help));
    if (!topic.choices.empty())
      text += fmt::format("complete -c chimplift -n '__fish_seen_subcommand_from {0}; and not __fish_seen_subcommand_from {1}' -a '{1}'\n",
                          topic.name, replaced(std::string(topic.choices), "|", " "));
  }
  text += fmt::format("complete -c chimplift -n '__fish_seen_subcommand_from help; and test (count (commandline -opc)) -eq 2' -a '{}'\n",
                      names_of(commands()));
  for (const OptionSpec& option : options()) {
    std::vector<std::string> takers;
    for (const CommandSpec& command : commands()) {
      if (takes(command.command, option)) takers.emplace_back(command.name);
    }
    text += fmt::format("complete -c chimplift -n '__fish_seen_subcommand_from {}' -l {}{} -d '{}'\n", join(takers, " "), option.name,
                        takes_value(option) ? fish_values(option) : "", fish_text(option.help));
  }
  return text;
}

}  // namespace

ValueHints hints_of(const OptionSpec& option) {
  ValueHints hints;
  if (!takes_value(option)) return hints;
  hints.steps = option.kind == OptionKind::list;
  const std::vector<std::string> parts = split(option.value, '|');
  for (const std::string& part : parts) {
    const std::size_t colon = part.find(':');
    const std::string rest = colon == std::string::npos ? part : part.substr(colon + 1);
    const bool is_file = rest == "FILE" || rest == "PEM";
    if (is_file) (colon == std::string::npos ? hints.files : hints.files_behind) = true;
    if (rest == "DIR" || rest == "FOLDER") hints.folders = true;
    if (colon != std::string::npos && is_word(part.substr(0, colon))) hints.words.push_back(part.substr(0, colon + 1));
    // One word alone stands for any ("us12", "a,b"); several are all that there are.
    if (colon == std::string::npos && parts.size() > 1 && is_word(part)) hints.words.push_back(part);
  }
  return hints;
}

std::string completion_for(std::string_view shell) { return shell == "bash" ? bash() : shell == "zsh" ? zsh() : fish(); }

}  // namespace chimplift
