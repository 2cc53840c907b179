// Real images and documents of random content, small encoders of our own: a file store is only tested by files that a viewer would open.
#pragma once

#include <string>

#include "simulator/random.hpp"

namespace mailchimp_sim {

/// Colour, eight bits a channel. Random pixels, so that no two have the same size or sum.
std::string make_png(i64 width, i64 height, Random& random);
/// 128 shades; the LZW table is reset before its codes grow beyond eight bits, which every decoder reads.
std::string make_gif(i64 width, i64 height, Random& random);
/// Baseline, grey, one brightness a block of 8 × 8. Width and height are rounded up to a multiple of eight.
std::string make_jpeg(i64 width, i64 height, Random& random);
/// A document of one page with a correct cross-reference table.
std::string make_pdf(Random& random);

}  // namespace mailchimp_sim
