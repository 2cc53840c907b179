// The forms of time that Mailchimp writes, and their near relatives. What is not surely understood is not understood: it stays text.
#include <chrono>

#include "rows/convert.hpp"

namespace chimplift {
namespace {

/// Reads from the front of a text; after the first thing that does not fit, `ok` is false for good.
struct Scanner {
  std::string_view text;
  bool ok = true;

  [[nodiscard]] bool at_end() const { return text.empty(); }

  bool accept(char c) {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
  }

  void expect(char c) { ok = accept(c) && ok; }

  int digits(int count) {
    int number = 0;
    for (; count > 0; --count) {
      if (text.empty() || text.front() < '0' || text.front() > '9') {
        ok = false;
        return 0;
      }
      number = number * 10 + (text.front() - '0');
      text.remove_prefix(1);
    }
    return number;
  }
};

int scan_fraction(Scanner& scanner) {
  int micros = scanner.digits(1) * 100'000;
  for (int unit = 10'000; unit > 0 && !scanner.at_end() && scanner.text.front() >= '0' && scanner.text.front() <= '9'; unit /= 10) {
    micros += scanner.digits(1) * unit;
  }
  return micros;  // a seventh digit is left standing and fits nothing
}

/// Minutes east of UTC.
int scan_offset(Scanner& scanner) {
  if (scanner.at_end() || scanner.accept('Z')) return 0;
  const bool west = scanner.accept('-');
  if (!west) scanner.expect('+');
  const int hours = scanner.digits(2);
  scanner.accept(':');
  const int minutes = scanner.digits(2);
  scanner.ok = scanner.ok && hours < 24 && minutes < 60;
  return (west ? -1 : 1) * (hours * 60 + minutes);
}

}  // namespace

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  using std::chrono::microseconds;
  Scanner scanner{text};
  const int year = scanner.digits(4);
  scanner.expect('-');
  const int month = scanner.digits(2);
  scanner.expect('-');
  const int day = scanner.digits(2);
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!scanner.ok || !date.ok()) return std::nullopt;
  microseconds time = std::chrono::sys_days(date).time_since_epoch();
  if (!scanner.at_end()) {
    if (!scanner.accept('T')) scanner.expect(' ');
    const int hour = scanner.digits(2);
    scanner.expect(':');
    const int minute = scanner.digits(2);
    scanner.expect(':');
    const int second = scanner.digits(2);
    const int micros = scanner.accept('.') ? scan_fraction(scanner) : 0;
    const int offset = scan_offset(scanner);
    if (!scanner.ok || !scanner.at_end() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
    time += std::chrono::hours(hour) + std::chrono::minutes(minute - offset) + std::chrono::seconds(second) + microseconds(micros);
  }
  const microseconds first = std::chrono::sys_days(std::chrono::year(1) / 1 / 1).time_since_epoch();
  const microseconds end = std::chrono::sys_days(std::chrono::year(10000) / 1 / 1).time_since_epoch();
  if (time < first || time >= end) return std::nullopt;
  return Timestamp{time.count()};
}

}  // namespace chimplift
