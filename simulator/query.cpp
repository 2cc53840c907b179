// See query.hpp.
#include "simulator/query.hpp"

#include <charconv>

namespace mailchimp_sim {

namespace {

std::string decode(std::string_view text, bool plus_is_space) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ptr == text.data() + i + 3) {
      out += static_cast<char>(value);
      i += 2;
    } else {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

template <typename Use>
void for_each_part(std::string_view text, char separator, Use use) {
  while (!text.empty()) {
    const std::size_t end = text.find(separator);
    const std::string_view part = text.substr(0, end);
    if (!part.empty()) use(part);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

std::string Target::parameter(std::string_view name) const {
  for (const auto& [key, value] : parameters)
    if (key == name) return value;
  return "";
}

bool Target::has(std::string_view name) const {
  for (const auto& [key, value] : parameters)
    if (key == name) return true;
  return false;
}

std::optional<i64> Target::number(std::string_view name, i64 otherwise) const {
  if (!has(name)) return otherwise;
  const std::string text = parameter(name);
  i64 value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

Target parse_target(std::string_view target) {
  Target parsed;
  const std::size_t mark = target.find('?');
  for_each_part(target.substr(0, mark), '/', [&](std::string_view part) { parsed.parts.push_back(decode(part, false)); });
  if (mark != std::string_view::npos) {
    for_each_part(target.substr(mark + 1), '&', [&](std::string_view pair) {
      const std::size_t equals = pair.find('=');
      parsed.parameters.emplace_back(decode(pair.substr(0, equals), true),
                                     equals == std::string_view::npos ? "" : decode(pair.substr(equals + 1), true));
    });
  }
  return parsed;
}

std::vector<std::string> comma_list(std::string_view text) {
  std::vector<std::string> parts;
  for_each_part(text, ',', [&](std::string_view part) { parts.emplace_back(part); });
  return parts;
}

}  // namespace mailchimp_sim
