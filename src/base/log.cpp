#include "base/log.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <mutex>

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "base/text.hpp"

namespace chimplift {
namespace {

struct State {
  std::shared_ptr<spdlog::logger> logger;
  LogFormat format = LogFormat::text;
  std::string run;
  void (*before)() = nullptr;
  void (*after)() = nullptr;
  std::mutex mutex;
};

State& state() {
  static State instance;
  return instance;
}

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
    case LogLevel::off:
      return spdlog::level::off;
  }
  return spdlog::level::info;
}

/// One event, one line: what comes from outside cannot make a second one, nor tell the terminal to do something.
std::string one_line(std::string_view text) { return shown(redact(text)); }

/// JSON without a byte that a terminal would obey. What nlohmann/json leaves as it is becomes an escape: readers get the same text.
std::string escaped(const std::string& json) {
  std::string clean;
  for (std::string_view rest = json; !rest.empty();) {
    std::string_view bytes;
    const char32_t character = take_character(rest, bytes);
    clean += is_unshowable(character) ? fmt::format("\\u{:04x}", static_cast<unsigned>(character)) : std::string(bytes);
  }
  return clean;
}

std::string line_of(std::string_view level, std::string_view event, LogFields fields) {
  const std::string time = format_utc(system_clock().now_micros());
  if (state().format == LogFormat::json) {
    nlohmann::ordered_json object = {{"time", time}, {"level", level}, {"event", to_utf8(redact(event))}};
    if (!state().run.empty()) object["run"] = state().run;
    for (const auto& [name, value] : fields) object[std::string(name)] = to_utf8(redact(value));
    return escaped(object.dump());
  }
  std::string line = time.substr(0, 19) + "Z " + (level == "info" ? "" : std::string(level) + ": ") + one_line(event);
  for (const auto& [name, value] : fields) line.append(" ").append(name).append("=").append(one_line(value));
  return line;
}

void write(LogLevel level, std::string_view name, std::string_view event, LogFields fields) {
  State& s = state();
  if (!s.logger || !s.logger->should_log(level_of(level))) return;
  const std::string line = line_of(name, event, fields);
  const std::lock_guard lock(s.mutex);
  if (s.before != nullptr) s.before();
  s.logger->log(level_of(level), spdlog::string_view_t(line.data(), line.size()));
  if (s.after != nullptr) s.after();
}

}  // namespace

void set_up_log(LogLevel level, LogFormat format, std::string run) {
  State& s = state();
  s.format = format;
  s.run = std::move(run);
  s.logger = std::make_shared<spdlog::logger>("chimplift", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  s.logger->set_pattern("%v");
  s.logger->set_level(level_of(level));
  s.logger->flush_on(spdlog::level::debug);
}

void set_log_hooks(void (*before)(), void (*after)()) {
  const std::lock_guard lock(state().mutex);
  state().before = before;
  state().after = after;
}

void log_debug(std::string_view event, LogFields fields) { write(LogLevel::debug, "debug", event, fields); }
void log_info(std::string_view event, LogFields fields) { write(LogLevel::info, "info", event, fields); }
void log_warning(std::string_view event, LogFields fields) { write(LogLevel::warning, "warning", event, fields); }
void log_error(std::string_view event, LogFields fields) { write(LogLevel::error, "error", event, fields); }

void log_exception(std::string_view event, const std::exception& problem) noexcept {
  try {
    log_warning(event, {{"reason", problem.what()}});
  } catch (...) {  // there is nobody left to tell
  }
}

}  // namespace chimplift
