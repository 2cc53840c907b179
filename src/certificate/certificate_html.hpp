// The certificate as a page for people: to be read, printed, signed and filed. It says what certificate.json says, needs nothing but itself
// (no scripts, no outside resources), and is the same for the same certificate.
#pragma once

#include <string>

#include "certificate/certificate.hpp"

namespace chimplift {

/// A whole document of HTML.
std::string to_html(const Certificate& certificate);

}  // namespace chimplift
