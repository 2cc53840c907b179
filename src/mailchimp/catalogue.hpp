// All streams that chimplift reads. The order is the order of pulling: a parent stands before its children, the most valuable first.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mailchimp/stream.hpp"

namespace chimplift {

std::span<const Stream> catalogue();

/// nullptr where there is none of that name.
const Stream* find_stream(std::string_view table);

/// The streams whose parent this one is.
std::vector<const Stream*> children_of(const Stream& stream);

/// The names of all steps, in order.
const std::vector<std::string>& steps();

// The catalogue's parts, a file each.
std::span<const Stream> campaign_streams();
std::span<const Stream> list_streams();
std::span<const Stream> report_streams();
std::span<const Stream> asset_streams();

}  // namespace chimplift
