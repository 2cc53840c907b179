// Where the program asks what time it is. Credentials of AWS and tokens of Snowflake are handed a Clock, so that tests can let them expire.
#pragma once

#include <string>

#include "base/types.hpp"

namespace chimplift {

class Clock {
 public:
  virtual ~Clock() = default;
  /// Microseconds since 1970-01-01T00:00:00Z.
  [[nodiscard]] virtual i64 now_micros() const = 0;
  /// Milliseconds of a clock that never jumps; only differences mean something.
  [[nodiscard]] virtual i64 steady_millis() const = 0;
};

/// The machine's clock.
const Clock& system_clock();

/// "2026-11-23T19:22:05.123456Z": RFC 3339, UTC, always with six digits, so that text sorts as time does.
std::string format_utc(i64 micros);

/// "3 s", "4 min 12 s", "2 h 5 min": a duration for people.
std::string format_duration(double seconds);

}  // namespace chimplift
