#include "aws/s3_answers.hpp"

#include <fmt/format.h>
#include <pugixml.hpp>

#include <optional>

#include "base/hash.hpp"
#include "base/text.hpp"

namespace chimplift {
namespace {

/// Keys come percent-encoded, blanks as "+" or as "%20".
std::string url_decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string byte = text[i] == '%' ? from_hex(text.substr(i + 1, 2)) : "";
    if (byte.size() == 1) {
      plain += byte;
      i += 2;
    } else {
      plain += text[i] == '+' ? ' ' : text[i];
    }
  }
  return plain;
}

}  // namespace

S3Object object_of(const std::string& key, const AwsAnswer& answer) {
  S3Object object{key,
                  parse_count(header_of(answer.response, "content-length")).value_or(answer.response.bytes),
                  header_of(answer.response, "etag"),
                  {}};
  // Of an object that was put in parts it is a sum of sums, with the number of parts behind it: then it is not base64 of 32 bytes.
  const std::string sum = from_base64(header_of(answer.response, "x-amz-checksum-sha256")).value_or("");
  if (sum.size() == 32) object.sha256 = to_hex(sum);
  return object;
}

Result<i64> total_of(const std::string& content_range) {
  const std::size_t slash = content_range.rfind('/');
  const std::optional<i64> total =
      slash == std::string::npos ? std::nullopt : parse_count(std::string_view(content_range).substr(slash + 1));
  if (!total) return fail(ErrorKind::temporary, fmt::format("S3 answered with the range \"{}\"", content_range));
  return *total;
}

Result<S3ListPage> list_page_of(const std::string& xml) {
  const auto broken = [](std::string_view why) {
    return fail(ErrorKind::temporary, fmt::format("S3's list of objects is broken: {}", why));
  };
  pugi::xml_document document;
  if (!document.load_buffer(xml.data(), xml.size())) return broken("no XML");
  const pugi::xml_node root = document.child("ListBucketResult");
  if (!root) return broken("no ListBucketResult");
  const bool is_encoded = std::string_view(root.child_value("EncodingType")) == "url";
  S3ListPage page;
  for (const pugi::xml_node node : root.children("Contents")) {
    const std::string key = node.child_value("Key");
    const std::optional<i64> size = parse_count(node.child_value("Size"));
    if (key.empty() || !size) return broken("an object without key or size");
    page.objects.push_back({is_encoded ? url_decoded(key) : key, *size, node.child_value("ETag"), {}});
  }
  const std::string_view is_truncated = root.child_value("IsTruncated");
  if (is_truncated != "true" && is_truncated != "false") return broken("it does not say whether it is the end");
  page.next = root.child_value("NextContinuationToken");
  if (is_truncated == "false") page.next.clear();
  if (is_truncated == "true" && page.next.empty()) return broken("it goes on, but does not say where");
  return page;
}

}  // namespace chimplift
