// See words.hpp.
#include "simulator/words.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace mailchimp_sim::words {

namespace {

using namespace std::string_view_literals;

constexpr std::array kFirst = {"Ada"sv,   "Björn"sv, "Chloé"sv,  "Dmitri"sv, "Élodie"sv, "Farah"sv, "Grace"sv, "Héctor"sv, "Ingrid"sv,
                               "José"sv,  "Kenji"sv, "Łukasz"sv, "Mei"sv,    "Nadia"sv,  "Ömer"sv,  "Priya"sv, "Quinn"sv,  "Rosa"sv,
                               "Søren"sv, "Tomás"sv, "Uma"sv,    "Véra"sv,   "Wanda"sv,  "Xin"sv,   "Yusuf"sv, "Zoë"sv,    "美咲"sv};
constexpr std::array kLast = {"O'Brien"sv, "Müller"sv,   "García"sv,   "Nguyễn"sv, "Smith"sv,  "Kowalska"sv,
                              "Иванов"sv,  "Sato"sv,     "da Silva"sv, "Åberg"sv,  "Haddad"sv, "Johnson"sv,
                              "Õunapuu"sv, "van Dijk"sv, "Öztürk"sv,   "Rossi"sv,  "陳"sv,     "Dupont-Aignan"sv};
constexpr std::array kWords = {"harbor"sv,  "autumn"sv,  "coffee"sv, "letter"sv,   "garden"sv, "market"sv, "sale"sv,
                               "welcome"sv, "members"sv, "news"sv,   "winter"sv,   "recipe"sv, "studio"sv, "weekend"sv,
                               "offer"sv,   "ticket"sv,  "travel"sv, "spring"sv,   "café"sv,   "größe"sv,  "naïve"sv,
                               "été"sv,     "лето"sv,    "新着"sv,   "sombrero"sv, "book"sv,   "river"sv};
constexpr std::array kEndings = {" 🎉"sv,   " ☕️"sv,   " – 50 % off"sv, " \"last chance\""sv, " <b>&amp;</b>"sv, " ✨👩‍💻"sv,
                                 " \\o/"sv, " مرحبا"sv};
constexpr std::array kCompanies = {"Atlas Outdoor"sv, "Harbor & Sons"sv, "Blüte GmbH"sv, "Łódź Print"sv, "Sakura 花"sv, "Maple Co."sv};
constexpr std::array kDomains = {"example.com"sv,   "example.org"sv,   "mail.example.net"sv,
                                 "gmail.example"sv, "yahoo.example"sv, "firma.example"sv};

}  // namespace

std::string first_name(Random& random) { return std::string(random.pick(std::span<const std::string_view>(kFirst))); }
std::string last_name(Random& random) { return std::string(random.pick(std::span<const std::string_view>(kLast))); }
std::string word(Random& random) { return std::string(random.pick(std::span<const std::string_view>(kWords))); }

std::string phrase(Random& random, i64 count) {
  std::string text;
  for (i64 i = 0; i < count; ++i) {
    if (i > 0) text += ' ';
    text += word(random);
  }
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  if (random.chance(0.15)) text += random.pick(std::span<const std::string_view>(kEndings));
  return text;
}

std::string company(Random& random) { return std::string(random.pick(std::span<const std::string_view>(kCompanies))); }
std::string domain(Random& random) { return std::string(random.pick(std::span<const std::string_view>(kDomains))); }

std::string ip(Random& random) {
  // 203.0.113.0/24 and 198.51.100.0/24 are for documentation (RFC 5737).
  const i64 host = random.between(1, 254);
  return fmt::format("{}.{}", random.chance(0.5) ? "203.0.113" : "198.51.100", host);
}

}  // namespace mailchimp_sim::words
