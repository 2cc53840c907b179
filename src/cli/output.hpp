// Where words go: the result to stdout, everything else to stderr. Nothing outside this folder writes to either, but for the log
// (base/log.cpp): that writes to stderr, at the level and in the form that this folder sets.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/log.hpp"
#include "cli/config.hpp"
#include "cli/screen_text.hpp"

namespace chimplift {

struct Output {
  bool json = false;
  bool quiet = false;
  bool repaint = false;  // stderr is a terminal that can move its cursor
  LogFormat format = LogFormat::text;
  LogLevel level = LogLevel::info;
  Paint out;  // for stdout
  Paint err;  // for stderr
};

/// From the options, NO_COLOR, TERM and what stdout and stderr are.
Output output_of(const Values& values, const Environment& environment);

/// For errors that come before the options are known.
Output first_output(std::span<const std::string> arguments, const Environment& environment);

/// Sets up the log as the output is. Returns the name of the run, in logs and metrics.
std::string begin_log(const Output& output);

/// The process's environment. A key is taken out of it on the first read, so that no child and no crash report inherits it.
Environment process_environment();

/// Columns and lines of the terminal on stderr; 80 and 24 where it does not say.
struct ScreenSize {
  i64 columns = 80;
  i64 lines = 24;
};
ScreenSize screen_size();

/// Straight to stderr, in one go: for what is shown again soon. What a reader that is too slow does not take at once is not shown.
void write_to_stderr(std::string_view text);

/// "chimplift: message" and the advice below it, on stderr.
void show_error(const Output& output, const Error& error);

/// Shows the error, as JSON on stdout too where that was asked for. Returns the exit code.
int end_with_error(const Output& output, const Error& error);

/// Writes the result to stdout and returns the exit code: the one given, or that of a result that could not be written.
int end_with_result(const Output& output, std::string_view text, int code);

/// The exit code of a kind; for an interrupt that of its signal.
int exit_code_now(ErrorKind kind);

}  // namespace chimplift
