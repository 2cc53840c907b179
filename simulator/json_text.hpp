// JSON as text: the simulator renders each record once, when the world is made, and then only joins the texts.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/types.hpp"

namespace mailchimp_sim::json {

using chimplift::i64;

using Members = std::vector<std::pair<std::string, std::string>>;

/// "…" with what JSON wants escaped.
std::string text(std::string_view value);
std::string number(i64 value);
/// At most four digits behind the point, as Mailchimp's rates have.
std::string real(double value);
std::string boolean(bool value);
/// "2026-02-03T04:05:06+00:00" in quotes, the form in which Mailchimp writes times.
std::string date(i64 seconds);
/// The members' values are JSON texts already. One whose value is empty is left out.
std::string object(const Members& members);
std::string array(const std::vector<std::string>& values);
/// The time without quotes.
std::string plain_date(i64 seconds);
/// "2026-02-03".
std::string plain_day(i64 seconds);

}  // namespace mailchimp_sim::json
