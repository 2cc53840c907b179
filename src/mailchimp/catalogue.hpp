// All streams that chimplift reads. The order is the order of pulling: a parent stands before its children, the most valuable first.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mailchimp/stream.hpp"

namespace chimplift {

std::span<const Stream> catalogue();

/// What "safe to close" cannot speak of: no documented request of Mailchimp's API leads there (docs/mailchimp.md, "Out of reach").
inline constexpr std::string_view kOutOfReach =
    "Mailchimp documents no way to read: customer journeys, messages of the Inbox, and the whole HTML of templates. Copy by hand what you "
    "need of them.";

/// nullptr where there is none of that name.
const Stream* find_stream(std::string_view table);

/// The streams whose parent this one is.
std::vector<const Stream*> children_of(const Stream& stream);

/// The stream as a single record of it is read by its own id, an object; nullptr where its list has them all.
const Stream* by_id(const Stream& stream);

/// The names of all steps, in order.
const std::vector<std::string>& steps();

// The catalogue's parts, a file each.
std::span<const Stream> account_streams();
std::span<const Stream> campaign_streams();
std::span<const Stream> list_streams();
std::span<const Stream> report_streams();
std::span<const Stream> outreach_streams();
std::span<const Stream> shop_streams();
std::span<const Stream> asset_streams();
std::span<const Stream> contact_streams();

}  // namespace chimplift
