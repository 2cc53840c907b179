// The long parts of certificate.html: findings and tables. Each is "" where there is nothing to show.
#pragma once

#include <string>

#include "certificate/certificate.hpp"

namespace chimplift::html {

std::string gaps_section(const Certificate& certificate);
std::string exceptions_section(const Certificate& certificate);
std::string streams_section(const Certificate& certificate);
std::string files_section(const Certificate& certificate);
std::string cross_checks_section(const Certificate& certificate);
std::string source_section(const Certificate& certificate);

}  // namespace chimplift::html
