// Structured logs on stderr: an event is a sentence, what it is about are fields. Every value passes redact().
#pragma once

#include <exception>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace chimplift {

enum class LogLevel { debug, info, warning, error, off };
enum class LogFormat { text, json };

using LogFields = std::initializer_list<std::pair<std::string_view, std::string>>;

/// Call once, before threads start. `run` is what tells the lines of one run from those of others: a field of each JSON line, "" for none.
void set_up_log(LogLevel level, LogFormat format, std::string run = {});
/// Called before each line is written and after it, so that a progress block can make room.
void set_log_hooks(void (*before)(), void (*after)());

void log_debug(std::string_view event, LogFields fields = {});
void log_info(std::string_view event, LogFields fields = {});
void log_warning(std::string_view event, LogFields fields = {});
void log_error(std::string_view event, LogFields fields = {});
/// A warning for the outermost frame of a thread that goes on after an exception. Where memory is lacking for the line there is none.
void log_exception(std::string_view event, const std::exception& problem) noexcept;

}  // namespace chimplift
