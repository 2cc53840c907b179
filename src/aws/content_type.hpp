// What an object on S3 is served as: a browser shows a page or an image only where it is told that it is one.
#pragma once

#include <string>
#include <string_view>

namespace chimplift {

/// By the extension of the key's last part, in either case: "text/html" of "files/campaigns/1.local.html". Of one that is not known here,
/// and of none: "application/octet-stream", which browsers save.
std::string_view content_type_of(std::string_view key);

/// The same of bytes that are at hand: of text that is UTF-8 with "; charset=utf-8", which a browser does not guess.
std::string content_type_of(std::string_view key, std::string_view bytes);

}  // namespace chimplift
