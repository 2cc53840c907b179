// chimplift: parse, run, exit code.
#include <csignal>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/file_limit.hpp"
#include "cli/json_output.hpp"
#include "cli/output.hpp"
#include "cli/parse.hpp"
#include "cli/process_privacy.hpp"
#include "cli/standard_streams.hpp"

namespace {

using namespace chimplift;

/// `output`: for what is said before the options are known.
int run(const std::vector<std::string>& words, const Environment& environment, const Output& output) {
  const Result<CommandLine> line = parse_command_line(words);
  if (!line) return end_with_error(output, line.error());
  if (!line->help.empty()) {
    const std::string text = output.json ? text_document(line->help) : line->help;
    return end_with_result(output, text, line->asked ? 0 : exit_code(ErrorKind::usage));
  }
  return run_command(*line, environment);
}

}  // namespace

int main(int argc, char** argv) {
  keep_standard_streams();
  keep_process_private();
  raise_file_limit();
  // A reader of stdout that went away is an error of that write, and no reason to end; the same for a server that hangs up.
  std::signal(SIGPIPE, SIG_IGN);
  Output output;
  // Exceptions are bugs and exhausted memory: they end here, and only here.
  try {
    const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
    hide_keys({argv, argv + argc});
    const Environment environment = process_environment();
    output = first_output(words, environment);
    begin_log(output);
    return run(words, environment, output);
  } catch (const std::bad_alloc&) {
    return end_with_error(output,
                          {ErrorKind::internal, "out of memory", "What came is kept; run the same command again with more memory."});
  } catch (const std::exception& error) {
    return end_with_error(
        output, {ErrorKind::internal, std::string("unexpected: ") + error.what(), "This is a bug; please report it. What came is kept."});
  }
}
