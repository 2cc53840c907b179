// The streams beyond the ten steps that need no parent of their own making: data, one line a collection.
#include "simulator/make.hpp"

namespace mailchimp_sim {

void make_others(Maker&) {}
void make_shop(Maker&) {}
void make_member_details(Maker&) {}

}  // namespace mailchimp_sim
