// See shape.hpp.
#include "simulator/shape.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <map>

#include "simulator/words.hpp"

namespace mailchimp_sim {

namespace {

using Kind = Shape::Kind;

constexpr i64 kFirstSecond = 1'500'000'000;  // July 2017
constexpr i64 kLastSecond = 1'780'000'000;   // May 2026

Shape parse(const nlohmann::ordered_json& node) {
  Shape shape;
  if (node.is_object()) {
    shape.kind = Kind::object;
    for (const auto& [name, child] : node.items()) shape.fields.push_back({name, parse(child)});
  } else if (node.is_array()) {
    shape.kind = Kind::array;
    shape.fields.push_back({"", parse(node.at(0))});
  } else {
    const auto code = node.get<std::string>();
    switch (code[0]) {
      case 'i':
        shape.kind = Kind::integer;
        break;
      case 'n':
        shape.kind = Kind::real;
        break;
      case 'b':
        shape.kind = Kind::boolean;
        break;
      case 'd':
        shape.kind = Kind::date;
        break;
      case 'o':
        shape.kind = Kind::any;
        break;
      case 'e': {
        shape.kind = Kind::choice;
        std::string rest = code.substr(2);
        for (std::size_t at = 0; at != std::string::npos;) {
          const std::size_t bar = rest.find('|', at);
          shape.choices.push_back(rest.substr(at, bar == std::string::npos ? bar : bar - at));
          at = bar == std::string::npos ? bar : bar + 1;
        }
        break;
      }
      default:
        shape.kind = Kind::text;
    }
  }
  return shape;
}

std::map<std::string, Shape, std::less<>> parse_all() {
  std::map<std::string, Shape, std::less<>> all;
  std::string_view rest = shape_lines();
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    const std::size_t gap = line.find(' ');
    if (gap == std::string_view::npos) continue;
    all.emplace(std::string(line.substr(0, gap)), parse(nlohmann::ordered_json::parse(line.substr(gap + 1))));
  }
  return all;
}

bool ends_with_any(std::string_view name, std::initializer_list<std::string_view> endings) {
  for (const auto ending : endings)
    if (name.ends_with(ending)) return true;
  return false;
}

/// A text that fits the field's name: an address for "email", a web address for "url" and so on.
std::string plausible_text(std::string_view name, Random& random) {
  if (ends_with_any(name, {"email", "email_address", "reply_to", "address"}) && name != "address") {
    const std::string domain = words::domain(random);
    return random.hex(8) + "@" + domain;
  }
  if (ends_with_any(name, {"url", "link", "landing_site", "url_short", "url_long"})) {
    const std::string page = random.hex(6);
    return fmt::format("https://{}/{}", words::domain(random), page);
  }
  if (ends_with_any(name, {"_at", "_foreign", "date", "_time", "last_open", "timestamp", "_tweet"}))
    return json::plain_date(random.between(kFirstSecond, kLastSecond));
  if (name == "id" || ends_with_any(name, {"_id", "eepurl"})) return random.hex(10);
  if (name.starts_with("first_name")) return words::first_name(random);
  if (name.starts_with("last_name")) return words::last_name(random);
  if (name == "company" || name.starts_with("from_")) return words::company(random);
  if (name == "ip" || name.starts_with("ip_")) return words::ip(random);
  if (ends_with_any(name, {"country_code", "cc", "country"})) return random.chance(0.5) ? "US" : "DE";
  if (name == "currency_code") return random.chance(0.5) ? "USD" : "EUR";
  if (name == "language") return "en";
  if (ends_with_any(name, {"_reason", "help_text", "default_value", "note"}) && random.chance(0.5)) return "";
  return words::phrase(random, random.between(1, 4));
}

void append(const Shape& shape, std::string_view name, const std::string& path, const Given& given, Random& random, std::string& out);

void append_object(const Shape& shape, const std::string& path, const Given& given, Random& random, std::string& out) {
  out += '{';
  bool first = true;
  const auto start = [&](std::string_view name) {
    if (!first) out += ',';
    first = false;
    out += json::text(name);
    out += ':';
  };
  for (const auto& [name, child] : shape.fields) {
    const std::string child_path = path.empty() ? name : path + '.' + name;
    const std::string* value = nullptr;
    for (const auto& [key, text] : given)
      if (key == child_path) value = &text;
    if (value != nullptr && value->empty()) continue;
    start(name);
    if (value != nullptr) {
      out += *value;
    } else {
      append(child, name, child_path, given, random, out);
    }
  }
  // What the shape does not know goes to the end of the object that it names.
  for (const auto& [key, text] : given) {
    if (text.empty() || (!path.empty() && !key.starts_with(path + '.'))) continue;
    const std::string rest = path.empty() ? key : key.substr(path.size() + 1);
    const std::string head = rest.substr(0, rest.find('.'));
    bool known = false;
    for (const auto& [name, child] : shape.fields) known = known || name == head;
    if (known || head != rest) continue;
    start(rest);
    out += text;
  }
  out += '}';
}

void append(const Shape& shape, std::string_view name, const std::string& path, const Given& given, Random& random, std::string& out) {
  switch (shape.kind) {
    case Kind::text:
      out += json::text(plausible_text(name, random));
      break;
    case Kind::choice:
      out += json::text(random.pick(std::span<const std::string>(shape.choices)));
      break;
    case Kind::date:
      out += random.chance(0.1) ? "\"\"" : json::date(random.between(kFirstSecond, kLastSecond));
      break;
    case Kind::integer:
      out += json::number(random.between(0, name.ends_with("id") ? 99'999'999 : 500));
      break;
    case Kind::real:
      out += json::real(static_cast<double>(random.between(0, 10'000)) / 100.0);
      break;
    case Kind::boolean:
      out += json::boolean(random.chance(0.5));
      break;
    case Kind::any:
      out += json::object({{"kind", json::text(words::word(random))}, {"value", json::number(random.below(100))}});
      break;
    case Kind::object:
      append_object(shape, path, given, random, out);
      break;
    case Kind::array: {
      const i64 count = random.between(0, 2);
      out += '[';
      for (i64 i = 0; i < count; ++i) {
        if (i > 0) out += ',';
        append(shape.fields[0].shape, name, path + "[]", given, random, out);
      }
      out += ']';
      break;
    }
  }
}

}  // namespace

const Shape& shape_of(std::string_view table) {
  static const auto kShapes = parse_all();
  const auto found = kShapes.find(table);
  if (found == kShapes.end()) throw std::out_of_range("no shape for the table " + std::string(table));
  return found->second;
}

std::string make_record(const Shape& shape, const Given& given, Random& random) {
  std::string out;
  out.reserve(512);
  append_object(shape, "", given, random, out);
  return out;
}

std::string with_value(const std::string& record, std::string_view field, const std::string& value) {
  auto document = nlohmann::ordered_json::parse(record);
  auto* at = &document;
  while (true) {
    const std::size_t dot = field.find('.');
    at = &(*at)[std::string(field.substr(0, dot))];
    if (dot == std::string_view::npos) break;
    field.remove_prefix(dot + 1);
  }
  *at = nlohmann::ordered_json::parse(value);
  return document.dump();
}

std::string make_record(std::string_view table, const Given& given, Random& random) { return make_record(shape_of(table), given, random); }

}  // namespace mailchimp_sim
