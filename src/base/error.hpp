// Errors as values. A function that can fail returns Result<T>; exceptions are for bugs and exhausted memory and end in main.
// One closed set of kinds decides, in one place (error.cpp), whether a run may be tried again, how the program exits, and which of several
// failures counts.
#pragma once

#include <tl/expected.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace chimplift {

enum class ErrorKind {
  internal,     // a bug, or something nobody thought of
  usage,        // options, settings or the accounts file
  gaps,         // the run ended, and something named is missing
  permission,   // a key is wrong, disabled, or may not do this
  temporary,    // the same may work later
  destination,  // the disk, the archive's folder or the warehouse
  archive,      // the archive is damaged, or written by a newer version
  blocked,      // something between us and Mailchimp refuses us
  busy,         // another run holds this archive
  interrupted,  // SIGINT or SIGTERM; what came is kept
};

/// What went wrong, in words for the person in front of the program, and what to do about it (may be empty).
struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string message;
  std::string advice;
};

template <typename T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(ErrorKind kind, std::string message, std::string advice = {}) {
  return tl::unexpected<Error>(Error{kind, std::move(message), std::move(advice)});
}

/// The exit code of a run that ended with this kind (docs/command-line.md lists them).
[[nodiscard]] int exit_code(ErrorKind kind);

/// Of all that failed, the kind that says how the run ended; nullopt where nothing did.
[[nodiscard]] std::optional<ErrorKind> worst_of(std::span<const ErrorKind> kinds);

/// True where starting the same run again, unchanged, can help.
[[nodiscard]] bool may_try_again(ErrorKind kind);

/// "temporary", "permission", …: for logs and JSON.
[[nodiscard]] std::string_view name_of(ErrorKind kind);

}  // namespace chimplift

/// Hands a failed Result on to the caller: `TRY(archive.sync());`
#define CHIMPLIFT_CONCAT_(a, b) a##b
#define CHIMPLIFT_CONCAT(a, b) CHIMPLIFT_CONCAT_(a, b)
#define TRY_AS_(tmp, expression)                                               \
  do {                                                                         \
    auto tmp = (expression);                                                   \
    if (!tmp) return tl::unexpected<chimplift::Error>(std::move(tmp).error()); \
  } while (false)
#define TRY(expression) TRY_AS_(CHIMPLIFT_CONCAT(try_result_, __LINE__), expression)

/// The same with a value: `TRY_ASSIGN(const std::string text, read_file(path));`
#define TRY_ASSIGN_AS_(tmp, declaration, expression)                         \
  auto tmp = (expression);                                                   \
  if (!tmp) return tl::unexpected<chimplift::Error>(std::move(tmp).error()); \
  declaration = std::move(*tmp)
#define TRY_ASSIGN(declaration, expression) TRY_ASSIGN_AS_(CHIMPLIFT_CONCAT(try_value_, __LINE__), declaration, expression)
