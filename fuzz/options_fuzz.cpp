// The command line, the environment and chimplift.toml together: values that can be used, or an error that says where, and tells no key.
// Input: words, a line each, up to an empty line; variables likewise; then the file.
#include <map>

#include "base/text.hpp"
#include "cli/config.hpp"
#include "cli/options.hpp"
#include "scratch.hpp"

namespace {

// What a key looks like: no message may have it.
constexpr std::string_view kKey = "0123456789abcdef0123456789abcdef-us1";

std::vector<std::string> paragraph(std::string_view& text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (line.empty()) break;
    lines.emplace_back(line);
  }
  return lines;
}

void check_error(const chimplift::Error& error) {
  HOLDS(error.kind == chimplift::ErrorKind::usage && !error.message.empty());
  HOLDS((error.message + error.advice).find(kKey) == std::string::npos);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ScratchFile kFile;
  std::string_view rest = text_of(data, size);
  const std::vector<std::string> words = paragraph(rest);
  std::map<std::string, std::string> variables;
  for (const std::string& line : paragraph(rest)) variables[line.substr(0, line.find('='))] = line.substr(line.find('=') + 1);
  kFile.write(rest);

  auto line = chimplift::parse_command_line(words);
  static_cast<void>(chimplift::wants_json(words));
  if (!line) {
    check_error(line.error());
    return 0;
  }
  if (!line->help.empty()) return 0;
  line->given["config"] = {{kFile.path()}, "--config"};
  const auto values = chimplift::resolve(*line, [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  });
  if (!values) {
    HOLDS(values.error().kind == chimplift::ErrorKind::usage && !values.error().message.empty());
    return 0;
  }
  for (const chimplift::OptionSpec& spec : chimplift::options()) {
    const std::string name(spec.name);
    if (!values->has(name)) continue;
    HOLDS(chimplift::takes(line->command, spec) && !values->where(name).empty());
    const bool is_truth = spec.kind == chimplift::OptionKind::boolean || spec.kind == chimplift::OptionKind::flag;
    HOLDS(!is_truth || values->text(name) == "true" || values->text(name) == "false");
    HOLDS(is_truth || !chimplift::trim(values->text(name)).empty());
    for (const std::string& part : values->list(name)) HOLDS(!part.empty());
  }
  return 0;
}
