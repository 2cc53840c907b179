#include "aws/content_type.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"

namespace chimplift {
namespace {

// JSON has no charset of its own to name: it is always UTF-8 (RFC 8259, section 8.1).
constexpr std::array<std::pair<std::string_view, std::string_view>, 31> kTypes = {{
    {"html", "text/html"},        {"htm", "text/html"},
    {"txt", "text/plain"},        {"css", "text/css"},
    {"csv", "text/csv"},          {"ics", "text/calendar"},
    {"json", "application/json"}, {"ndjson", "application/x-ndjson"},
    {"zst", "application/zstd"},  {"png", "image/png"},
    {"jpg", "image/jpeg"},        {"jpeg", "image/jpeg"},
    {"gif", "image/gif"},         {"webp", "image/webp"},
    {"avif", "image/avif"},       {"svg", "image/svg+xml"},
    {"bmp", "image/bmp"},         {"ico", "image/vnd.microsoft.icon"},
    {"tif", "image/tiff"},        {"tiff", "image/tiff"},
    {"pdf", "application/pdf"},   {"zip", "application/zip"},
    {"mp4", "video/mp4"},         {"m4v", "video/mp4"},
    {"mov", "video/quicktime"},   {"webm", "video/webm"},
    {"mp3", "audio/mpeg"},        {"m4a", "audio/mp4"},
    {"wav", "audio/wav"},         {"ogg", "audio/ogg"},
    {"sha256", "text/plain"},
}};

}  // namespace

std::string_view content_type_of(std::string_view key) {
  const std::string_view name = key.substr(key.rfind('/') + 1);  // npos + 1 is 0
  const std::size_t dot = name.rfind('.');
  const std::string extension = dot == std::string_view::npos ? std::string() : to_lower(name.substr(dot + 1));
  const auto* const found = std::find_if(kTypes.begin(), kTypes.end(), [&](const auto& type) { return type.first == extension; });
  return found == kTypes.end() ? "application/octet-stream" : found->second;
}

std::string content_type_of(std::string_view key, std::string_view bytes) {
  std::string type(content_type_of(key));
  if (type.starts_with("text/") && is_utf8(bytes)) type += "; charset=utf-8";
  return type;
}

}  // namespace chimplift
