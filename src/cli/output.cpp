#include "cli/output.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <sys/poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <optional>

#include "base/hash.hpp"
#include "base/secret.hpp"
#include "cli/content.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_output.hpp"

namespace chimplift {
namespace {

// Whoever made a pipe may have set O_NONBLOCK on it (Node does), and its reader may be slower than we are: how long a write waits for it.
constexpr int kWithoutEnd = -1;
constexpr int kErrorMillis = 10'000;  // the run is over, and the exit code says the rest
constexpr int kFrameMillis = 100;     // the run's log waits meanwhile, and the next frame shows more

/// 0, or the errno of the write that failed.
int write_all(int descriptor, std::string_view text, int patience_millis) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno != EAGAIN && errno != EWOULDBLOCK) return errno;
    if (written < 0) {
      pollfd place{descriptor, POLLOUT, 0};
      const int ready = poll(&place, 1, patience_millis);
      if (ready == 0) return EAGAIN;
      if (ready < 0 && errno != EINTR) return errno;
      continue;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

/// nullopt where the terminal does not say.
std::optional<ScreenSize> size_of(int descriptor) {
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return std::nullopt;
  return ScreenSize{size.ws_col, size.ws_row};
}

}  // namespace

Output output_of(const Values& values, const Environment& environment) {
  Output output;
  output.json = values.is_true("json");
  output.quiet = values.is_true("quiet");
  output.format = values.text("log-format") == "json" ? LogFormat::json : LogFormat::text;
  output.level = output.quiet ? LogLevel::error : values.is_true("verbose") ? LogLevel::debug : LogLevel::info;
  const std::string term = environment("TERM").value_or("");
  const bool is_dumb = term.empty() || term == "dumb";
  const bool colours = !is_dumb && !values.is_true("no-color") && environment("NO_COLOR").value_or("").empty();
  const bool err_is_terminal = isatty(STDERR_FILENO) == 1;
  output.repaint = err_is_terminal && !is_dumb && !output.quiet && output.format == LogFormat::text;
  output.err.on = err_is_terminal && colours;
  output.out.on = isatty(STDOUT_FILENO) == 1 && colours && !output.json;
  // One column is left free, as in the block of progress.
  if (const std::optional<ScreenSize> size = size_of(STDOUT_FILENO)) output.out.columns = std::max<i64>(1, size->columns - 1);
  return output;
}

Output first_output(std::span<const std::string> arguments, const Environment& environment) {
  Output output;
  output.json = wants_json(arguments) || environment("CHIMPLIFT_JSON") == "true";
  std::string format = log_format_in(arguments);
  if (format.empty()) format = environment("CHIMPLIFT_LOG_FORMAT").value_or("");
  if (format == "json") output.format = LogFormat::json;
  return output;
}

std::string begin_log(const Output& output) {
  constexpr std::size_t kRunDigits = 16;
  std::string run = random_id().substr(0, kRunDigits);
  set_up_log(output.level, output.format, run);
  return run;
}

Environment process_environment() {
  // What holds keys goes no further than this process.
  auto taken = std::make_shared<std::map<std::string, std::string>>();
  const auto take = [&taken](const char* name) {
    char* value = std::getenv(name);
    taken->emplace(name, value);
    std::memset(value, '*', std::strlen(value));  // /proc/PID/environ shows what the process was started with
    unsetenv(name);
  };
  constexpr const char* kKey = "CHIMPLIFT_API_KEY_OVERRIDE";
  if (const char* value = std::getenv(kKey)) {
    const std::string key = value;
    if (!key.starts_with('@') && key != "none") {  // a path is no secret
      const Secret known(key);
    }
    take(kKey);
  }
  for (const char* name : {"CHIMPLIFT_ACCOUNTS", "CHIMPLIFT_SNOWFLAKE_SECRET", "CHIMPLIFT_SNOWFLAKE_PRIVATE_KEY",
                           "CHIMPLIFT_SNOWFLAKE_PASSPHRASE", "CHIMPLIFT_SNOWFLAKE_TOKEN"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || !is_content(value)) continue;
    const Secret known(value);
    take(name);
  }
  return [taken](const std::string& name) -> std::optional<std::string> {
    if (const auto found = taken->find(name); found != taken->end()) return found->second;
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
}

ScreenSize screen_size() { return size_of(STDERR_FILENO).value_or(ScreenSize{}); }

void write_to_stderr(std::string_view text) { (void)write_all(STDERR_FILENO, text, kFrameMillis); }

void show_error(const Output& output, const Error& error) {
  if (output.format == LogFormat::json) {
    log_error(error.message, {{"kind", std::string(name_of(error.kind))}, {"advice", error.advice}});
    return;
  }
  std::string text = output.err.red("chimplift: ") + shown(redact(error.message)) + "\n";
  if (!error.advice.empty()) text += shown(redact(error.advice)) + "\n";
  (void)write_all(STDERR_FILENO, text, kErrorMillis);
}

int end_with_error(const Output& output, const Error& error) {
  show_error(output, error);
  const int code = exit_code_now(error.kind);
  return output.json ? end_with_result(output, error_document(error, code), code) : code;
}

int end_with_result(const Output& output, std::string_view text, int code) {
  const int failed = write_all(STDOUT_FILENO, text, kWithoutEnd);
  if (failed == 0) return code;
  // A reader that has seen enough (`| head`) is no failure of the run.
  if (failed == EPIPE) return code;
  const Error error{ErrorKind::destination, fmt::format("cannot write the result to stdout: {}", std::strerror(failed)),
                    "What the command did is done."};
  show_error(output, error);
  return code == 0 ? exit_code(error.kind) : code;
}

int exit_code_now(ErrorKind kind) {
  const int of_signal = exit_code_of_signal();
  return kind == ErrorKind::interrupted && of_signal != 0 ? of_signal : exit_code(kind);
}

}  // namespace chimplift
