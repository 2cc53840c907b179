#include "inventory/page_list.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace chimplift {
namespace {

constexpr std::size_t kBlock = 65'536;  // bytes; a longer page has one of its own
constexpr std::size_t kHexOfSha256 = 64;

/// Seven bits a byte, the highest says that more come.
void put(u64 number, std::string& out) {
  for (; number >= 0x80; number >>= 7) out += static_cast<char>(0x80 | (number & 0x7F));
  out += static_cast<char>(number);
}

void put(std::string_view text, std::string& out) {
  put(text.size(), out);
  out += text;
}

class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : bytes_(bytes) {}
  u64 number() {
    u64 value = 0;
    for (unsigned shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes_[at_++]);
      value |= static_cast<u64>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
  }
  i64 integer() { return static_cast<i64>(number()); }
  std::string text() {
    const std::size_t size = number();
    at_ += size;
    return std::string(bytes_.substr(at_ - size, size));
  }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

}  // namespace

void PageList::add(const PageRecord& page) {
  stream_ = page.unit.stream;
  auto segment = std::find(segments_.rbegin(), segments_.rend(), page.segment);  // nearly always the last one
  if (segment == segments_.rend()) {
    segments_.push_back(page.segment);
    segment = segments_.rbegin();
  }
  std::string bytes;
  put(page.unit.parents.size(), bytes);
  for (const std::string& parent : page.unit.parents) put(parent, bytes);
  for (const i64 number : {static_cast<i64>(page.unit.sweep), page.number, static_cast<i64>(page.pass), page.offset, page.count,
                           page.records, static_cast<i64>(segments_.rend() - segment) - 1, page.at, page.bytes})
    put(static_cast<u64>(number), bytes);
  put(page.total ? 1 : 0, bytes);
  put(static_cast<u64>(page.total.value_or(0)), bytes);
  const std::string sum = page.sha256.size() == kHexOfSha256 ? from_hex(page.sha256) : std::string();
  const bool is_sum = !sum.empty() && to_hex(sum) == page.sha256;
  put(is_sum ? 1 : 0, bytes);
  put(is_sum ? sum : page.sha256, bytes);
  put(page.received_at, bytes);
  if (blocks_.empty()) blocks_.emplace_back();  // most streams have few pages
  if (blocks_.back().size() + bytes.size() > kBlock) blocks_.emplace_back().reserve(std::max(bytes.size(), kBlock));
  places_.push_back({static_cast<std::uint32_t>(blocks_.size() - 1), static_cast<std::uint32_t>(blocks_.back().size())});
  blocks_.back() += bytes;
}

PageRecord PageList::operator[](std::size_t at) const {
  Unpacker packed(std::string_view(blocks_[places_[at].block]).substr(places_[at].offset));
  PageRecord page;
  page.unit.stream = stream_;
  page.unit.parents.resize(packed.number());
  for (std::string& parent : page.unit.parents) parent = packed.text();
  page.unit.sweep = static_cast<int>(packed.integer());
  page.number = packed.integer();
  page.pass = static_cast<int>(packed.integer());
  page.offset = packed.integer();
  page.count = packed.integer();
  page.records = packed.integer();
  page.segment = segments_[packed.number()];
  page.at = packed.integer();
  page.bytes = packed.integer();
  const bool has_total = packed.number() == 1;
  const i64 total = packed.integer();
  if (has_total) page.total = total;
  const bool is_sum = packed.number() == 1;
  page.sha256 = packed.text();
  if (is_sum) page.sha256 = to_hex(page.sha256);
  page.received_at = packed.text();
  return page;
}

}  // namespace chimplift
