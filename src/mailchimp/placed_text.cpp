#include "mailchimp/placed_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace chimplift {
namespace {

struct Reference {
  char character;
  std::size_t bytes;  // in the source, with the ampersand
};

// WHATWG HTML, "Named character references": those of ASCII characters.
constexpr std::array<std::pair<std::string_view, char>, 42> kNames = {
    {{"quot", '"'},   {"QUOT", '"'},     {"amp", '&'},    {"AMP", '&'},    {"apos", '\''},  {"lt", '<'},     {"LT", '<'},
     {"gt", '>'},     {"GT", '>'},       {"lpar", '('},   {"rpar", ')'},   {"comma", ','},  {"semi", ';'},   {"colon", ':'},
     {"sol", '/'},    {"bsol", '\\'},    {"period", '.'}, {"lcub", '{'},   {"lbrace", '{'}, {"rcub", '}'},   {"rbrace", '}'},
     {"Tab", '\t'},   {"NewLine", '\n'}, {"num", '#'},    {"equals", '='}, {"quest", '?'},  {"percnt", '%'}, {"plus", '+'},
     {"commat", '@'}, {"excl", '!'},     {"ast", '*'},    {"midast", '*'}, {"dollar", '$'}, {"lowbar", '_'}, {"UnderBar", '_'},
     {"lsqb", '['},   {"lbrack", '['},   {"rsqb", ']'},   {"rbrack", ']'}, {"Hat", '^'},    {"grave", '`'},  {"vert", '|'}}};

// These are references without their semicolon too.
constexpr std::array<std::string_view, 8> kOldNames = {"quot", "QUOT", "amp", "AMP", "lt", "LT", "gt", "GT"};

bool is_letter_or_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// `&#39;` or `&#x27;`, with or without the semicolon.
std::optional<Reference> numeric(std::string_view source) {
  const bool is_hex = source.size() > 2 && (source[2] == 'x' || source[2] == 'X');
  const std::size_t start = is_hex ? 3 : 2;
  if (start >= source.size()) return std::nullopt;
  unsigned code = 0;
  const auto [end, error] = std::from_chars(source.data() + start, source.data() + source.size(), code, is_hex ? 16 : 10);
  constexpr unsigned kLastAscii = 0x7F;
  if (error != std::errc() || code == 0 || code == '\r' || code > kLastAscii) return std::nullopt;
  const auto bytes = static_cast<std::size_t>(end - source.data());
  return Reference{static_cast<char>(code), bytes + (bytes < source.size() && source[bytes] == ';' ? 1 : 0)};
}

std::optional<Reference> named(std::string_view source) {
  const std::string_view rest = source.substr(1);
  for (const auto& [name, character] : kNames) {
    if (rest.starts_with(name) && rest.substr(name.size()).starts_with(';')) return Reference{character, name.size() + 2};
  }
  for (const std::string_view name : kOldNames) {
    if (!rest.starts_with(name)) continue;
    // In an attribute `&amp=` and `&amplitude` are what they look like.
    const std::string_view behind = rest.substr(name.size());
    if (!behind.empty() && (behind[0] == '=' || is_letter_or_digit(behind[0]))) return std::nullopt;
    const auto* const found = std::ranges::find(kNames, name, [](const auto& pair) { return pair.first; });
    return Reference{found->second, name.size() + 1};
  }
  return std::nullopt;
}

std::optional<Reference> reference_at(std::string_view source) {
  if (source[0] != '&' || source.size() < 3) return std::nullopt;
  return source[1] == '#' ? numeric(source) : named(source);
}

}  // namespace

PlacedText::PlacedText(std::string_view source, bool is_raw) : source_(source), is_raw_(is_raw) {
  text_.reserve(source.size());
  places_.reserve(source.size() + 1);
  for (std::size_t at = 0; at < source.size();) {
    const std::optional<Reference> reference = is_raw ? std::nullopt : reference_at(source.substr(at));
    text_ += reference ? reference->character : source[at];
    places_.push_back(at);
    at += reference ? reference->bytes : 1;
  }
  places_.push_back(source.size());
}

}  // namespace chimplift
