// Words, names and places for made-up records, in several scripts, because real accounts hold them.
#pragma once

#include <string>

#include "simulator/random.hpp"

namespace mailchimp_sim::words {

std::string first_name(Random& random);
std::string last_name(Random& random);
std::string word(Random& random);
/// `count` words, the first with a capital letter; now and then with an emoji, quotes or a line of another script.
std::string phrase(Random& random, i64 count);
std::string company(Random& random);
std::string domain(Random& random);
std::string ip(Random& random);

}  // namespace mailchimp_sim::words
