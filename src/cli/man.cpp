#include "cli/man.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/options.hpp"
#include "mailchimp/catalogue.hpp"

namespace chimplift {
namespace {

struct Ending {
  ErrorKind kind;
  std::string_view meaning;
};

// The same as in docs/command-line.md.
constexpr Ending kEndings[] = {
    {ErrorKind::internal, "Unexpected: a bug, or something nobody thought of. The archive keeps what was pulled."},
    {ErrorKind::usage, "Options, settings or the accounts file. Nothing was asked of Mailchimp but whose key it is."},
    {ErrorKind::gaps, "Finished with gaps, each of them listed, with the command that closes it where there is one."},
    {ErrorKind::permission, "A key is wrong or disabled, or may not do this."},
    {ErrorKind::temporary, "Temporary: run the same again, later."},
    {ErrorKind::destination,
     "The destination: a full disk, a folder or a warehouse that cannot be written; or there is no archive, or not that account in it."},
    {ErrorKind::archive,
     "The archive is damaged, or was written by a newer chimplift. Damaged pages and files are read again by sync; what else the message "
     "names is to be brought back from the newest copy."},
    {ErrorKind::blocked, "Something between this machine and Mailchimp refuses it."},
    {ErrorKind::busy, "Another run works on this archive, or another program has the DuckDB file open."},
    {ErrorKind::interrupted, "Interrupted (143 by SIGTERM): run the same again, it goes on where it was."},
};

/// In lines of at most 78 bytes, none of which begins as an instruction does.
std::string wrapped(std::string_view text) {
  constexpr std::size_t kLongest = 78;
  std::string out;
  std::string line;
  for (const std::string& word : split(text, ' ')) {
    const std::string next = roff_text(word);
    if (!line.empty() && (line.size() + 1 + next.size() > kLongest || line.ends_with('.'))) {
      out += line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + next;
  }
  return out + line + "\n";
}

std::string section(std::string_view name) { return fmt::format(".SH {}\n", name); }
std::string paragraph(std::string_view text) { return ".PP\n" + wrapped(text); }

/// An entry of a list: what it is about in bold, what stands for a value in italics.
std::string entry(std::string_view bold, std::string_view italic, const std::string& text) {
  return fmt::format(".TP\n\\fB{}\\fR{}\n{}", roff_text(bold), italic.empty() ? "" : fmt::format(" \\fI{}\\fR", roff_text(italic)),
                     wrapped(text));
}

std::string about(const OptionSpec& option) {
  std::string text(option.help);
  if (!option.fallback.empty()) text += fmt::format(" Default: {}.", option.fallback);
  const std::string_view of_generate = fallback_of(Command::generate, option);
  if (takes(Command::generate, option) && of_generate != option.fallback) text += fmt::format(" Default with generate: {}.", of_generate);
  if (option.none_is_absent) text += " The word none means: not given.";
  std::vector<std::string> takers;
  bool all = true;
  for (const CommandSpec& command : commands()) {
    if (takes(command.command, option)) {
      takers.emplace_back(command.name);
    } else if (command.command != Command::version) {
      all = false;
    }
  }
  return all ? text : text + fmt::format(" With {}.", join(takers, ", "));
}

}  // namespace

std::string roff_text(std::string_view text) {
  std::string out = text.starts_with('.') || text.starts_with('\'') ? "\\&" : "";
  const std::string whole = to_utf8(text);
  for (std::string_view rest = whole; !rest.empty();) {
    std::string_view bytes;
    const char32_t character = take_character(rest, bytes);
    if (character == U'\\') {
      out += "\\e";
    } else if (character == U'-') {
      out += "\\-";
    } else if (character == U'\'') {
      out += "\\(aq";
    } else if (character >= 0x80) {
      out += fmt::format("\\[u{:04X}]", static_cast<unsigned>(character));
    } else {
      out += bytes;
    }
  }
  return out;
}

std::string man_page() {
  std::string text =
      ".\\\" Made by `chimplift generate man`.\n.TH CHIMPLIFT 1 \"\" \"chimplift " CHIMPLIFT_VERSION "\" \"User Commands\"\n";
  text += section("NAME") + "chimplift \\- take everything out of Mailchimp accounts before they are closed\n";
  text += section("SYNOPSIS") + ".B chimplift\n.I COMMAND\n.RI [ OPTION ]...\n";
  text += section("DESCRIPTION") +
          wrapped(
              "chimplift reads Mailchimp accounts into an archive of pages and files, makes tables of them, and "
              "says for each account whether it is safe to close, or what is missing. It only ever reads.") +
          paragraph("It can be stopped at any moment and run again: it goes on where it was.") + paragraph(kOutOfReach);
  text += section("COMMANDS");
  for (const CommandSpec& command : commands()) text += entry(command.name, "", std::string(command.help));
  text += section("GENERATE") + "What\n.B chimplift generate\nmakes, by its second word:\n";
  for (const TopicSpec& topic : topics()) text += entry(topic.name, topic.choices, std::string(topic.help));
  text += section("OPTIONS");
  for (const OptionSpec& option : options()) text += entry("--" + std::string(option.name), option.value, about(option));
  text += entry("-h, --help", "", "Explain a command.");
  text += section("STEPS") + wrapped(join(steps(), ", ") + ".");
  text += section("ENVIRONMENT") +
          wrapped(
              "Each option may also stand in the environment (--some-option as CHIMPLIFT_SOME_OPTION) or in chimplift.toml (some-option = "
              "...). The command line comes first, then the environment, then the file.") +
          entry("CHIMPLIFT_ENV", "", "production makes the run a production run; so does RES_ENV.") +
          entry("NO_COLOR", "", "Turns colours off.");
  text += section("FILES");
  for (const OptionSpec& option : options()) {
    const bool names_one =
        option.fallback.find(".json") != std::string_view::npos || option.fallback.find(".toml") != std::string_view::npos;
    if (names_one) text += entry(option.fallback.substr(0, option.fallback.find(',')), "", std::string(option.help));
  }
  text += section("EXIT STATUS") + entry("0", "", "Complete and verified; of pull, which verifies nothing: all that it asked for came.");
  for (const Ending& ending : kEndings) text += entry(fmt::format("{}", exit_code(ending.kind)), "", std::string(ending.meaning));
  text += section("EXAMPLES");
  for (const Example& example : examples()) text += entry(example.line, "", std::string(example.what) + ".");
  return text;
}

}  // namespace chimplift
