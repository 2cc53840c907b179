// See json_text.hpp.
#include "simulator/json_text.hpp"

#include <fmt/format.h>

#include <cmath>
#include <ctime>

namespace mailchimp_sim::json {

std::string text(std::string_view value) {
  std::string out;
  out.reserve(value.size() + 2);
  out += '"';
  for (const char c : value) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += fmt::format("\\u{:04x}", static_cast<int>(c));
        } else {
          out += c;
        }
    }
  }
  out += '"';
  return out;
}

std::string number(i64 value) { return std::to_string(value); }

std::string real(double value) {
  const double rounded = std::round(value * 10000.0) / 10000.0;
  if (rounded == std::floor(rounded) && std::fabs(rounded) < 1e15) return std::to_string(static_cast<i64>(rounded));
  return fmt::format("{}", rounded);
}

std::string boolean(bool value) { return value ? "true" : "false"; }

namespace {
std::tm utc(i64 seconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  gmtime_r(&time, &parts);
  return parts;
}
}  // namespace

std::string plain_date(i64 seconds) {
  const std::tm t = utc(seconds);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}+00:00", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec);
}

std::string plain_day(i64 seconds) { return plain_date(seconds).substr(0, 10); }

std::string date(i64 seconds) { return '"' + plain_date(seconds) + '"'; }

std::string object(const Members& members) {
  std::string out = "{";
  for (const auto& [name, value] : members) {
    if (value.empty()) continue;
    if (out.size() > 1) out += ',';
    out += text(name);
    out += ':';
    out += value;
  }
  return out + '}';
}

std::string array(const std::vector<std::string>& values) {
  std::string out = "[";
  for (const std::string& value : values) {
    if (out.size() > 1) out += ',';
    out += value;
  }
  return out + ']';
}

}  // namespace mailchimp_sim::json
