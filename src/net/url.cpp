#include "net/url.hpp"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>

#include "base/text.hpp"

namespace chimplift {
namespace {

/// False where there is no such thing; throws bad_alloc.
bool is_there(CURLUcode code) {
  if (code == CURLUE_OUT_OF_MEMORY) throw std::bad_alloc();
  return code == CURLUE_OK;
}

struct CurlUrl {
  CURLU* handle = curl_url();
  CurlUrl() {
    if (handle == nullptr) throw std::bad_alloc();
  }
  CurlUrl(const CurlUrl&) = delete;
  CurlUrl& operator=(const CurlUrl&) = delete;
  ~CurlUrl() { curl_url_cleanup(handle); }

  std::optional<std::string> part(CURLUPart which, unsigned flags = 0) const {
    char* text = nullptr;
    if (!is_there(curl_url_get(handle, which, &text, flags))) return std::nullopt;
    const std::unique_ptr<char, void (*)(void*)> owner(text, curl_free);
    return std::string(text);
  }
};

struct Range {
  std::uint32_t first;
  int bits;
};

// RFC 6890, tables 1-16, and multicast and what is reserved above it.
constexpr std::array kPrivateIpv4 = {
    Range{0x00000000, 8},  Range{0x0A000000, 8},  Range{0x64400000, 10}, Range{0x7F000000, 8},  Range{0xA9FE0000, 16},
    Range{0xAC100000, 12}, Range{0xC0000000, 24}, Range{0xC0000200, 24}, Range{0xC0A80000, 16}, Range{0xC6120000, 15},
    Range{0xC6336400, 24}, Range{0xCB007100, 24}, Range{0xE0000000, 4},  Range{0xF0000000, 4},
};

bool is_private_ipv4(std::uint32_t address) {
  for (const Range& range : kPrivateIpv4) {
    const std::uint32_t mask = ~std::uint32_t{0} << (32 - range.bits);
    if ((address & mask) == range.first) return true;
  }
  return false;
}

std::uint32_t ipv4_at(const unsigned char* a) {
  return (std::uint32_t{a[0]} << 24U) | (std::uint32_t{a[1]} << 16U) | (std::uint32_t{a[2]} << 8U) | a[3];
}

bool is_private_ipv6(const std::array<unsigned char, 16>& a) {
  static constexpr unsigned char kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  static constexpr unsigned char kNat64[12] = {0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0};
  static constexpr unsigned char kZeros[12] = {};
  if (std::memcmp(a.data(), kMapped, 12) == 0 || std::memcmp(a.data(), kNat64, 12) == 0) return is_private_ipv4(ipv4_at(&a[12]));
  if (std::memcmp(a.data(), kZeros, 12) == 0) return true;                   // ::, ::1 and the old IPv4-compatible ones
  if (a[0] == 0x20 && a[1] == 0x02) return is_private_ipv4(ipv4_at(&a[2]));  // 6to4
  // Only 2000::/3 is given to anybody; in it 2001::/23 and the documentation's 2001:db8::/32 are not.
  if ((a[0] & 0xE0U) != 0x20) return true;
  return a[0] == 0x20 && a[1] == 0x01 && ((a[2] & 0xFEU) == 0 || (a[2] == 0x0D && a[3] == 0xB8));
}

/// Of an address's bytes (ip_bytes_of()).
bool is_private(std::string_view bytes) {
  std::array<unsigned char, 16> a{};
  std::copy_n(bytes.begin(), std::min(bytes.size(), a.size()), a.begin());
  if (bytes.size() == 4) return is_private_ipv4(ipv4_at(a.data()));
  return bytes.size() != a.size() || is_private_ipv6(a);
}

}  // namespace

std::optional<Url> parse_url(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return std::nullopt;  // curl would see only what stands before it
  const CurlUrl url;
  if (!is_there(curl_url_set(url.handle, CURLUPART_URL, std::string(text).c_str(), CURLU_URLENCODE))) return std::nullopt;
  const std::optional<std::string> scheme = url.part(CURLUPART_SCHEME);
  const std::optional<std::string> host = url.part(CURLUPART_HOST);
  if (!scheme || !host || host->empty() || (*scheme != "http" && *scheme != "https")) return std::nullopt;
  if (url.part(CURLUPART_USER) || url.part(CURLUPART_PASSWORD)) return std::nullopt;
  Url parts{*scheme, to_lower(*host), url.part(CURLUPART_PORT, CURLU_DEFAULT_PORT).value_or(""), url.part(CURLUPART_PATH).value_or("/")};
  // curl decodes a host, and only another reading takes "%302", which is "02" then, for the address 0.0.0.2. Such a host is none.
  const CurlUrl again;
  if (!is_there(curl_url_set(again.handle, CURLUPART_URL, (parts.origin() + "/").c_str(), 0))) return std::nullopt;
  if (to_lower(again.part(CURLUPART_HOST).value_or("")) != parts.host) return std::nullopt;
  return parts;
}

std::string encoded_url(std::string_view text) {
  std::string encoded;
  // A host is not percent-encoded: curl writes names beyond ASCII in their own way, and refuses blanks.
  const std::size_t scheme_end = text.find("://");
  const std::size_t host_end = scheme_end == std::string_view::npos ? scheme_end : text.find_first_of("/?#", scheme_end + 3);
  for (std::size_t i = 0; i < text.size(); ++i) {
    // curl's own CURLU_URLENCODE makes a '+' of a query's blank, which not every server takes for one.
    if (i > host_end && (text[i] == ' ' || static_cast<unsigned char>(text[i]) >= 0x80)) {
      encoded += percent_encode(text.substr(i, 1));
    } else {
      encoded += text[i];
    }
  }
  return encoded;
}

bool is_private_address(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    return is_private_ipv4(ntohl(v4.sin_addr.s_addr));
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    std::array<unsigned char, 16> bytes{};
    std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
    return is_private_ipv6(bytes);
  }
  return true;
}

bool is_private_address(std::string_view address) {
  return is_private(ip_bytes_of(address.substr(0, address.find('%'))));  // without an IPv6 zone
}

std::string ip_bytes_of(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  const std::string address(text);
  std::array<char, 16> bytes{};
  if (inet_pton(AF_INET, address.c_str(), bytes.data()) == 1) return {bytes.data(), 4};
  if (inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1) return {bytes.data(), 16};
  return {};
}

bool is_private_host(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);  // "localhost." is the same name
  if (host == "localhost" || host.ends_with(".localhost")) return true;
  if (host.starts_with('[')) return is_private_address(host.substr(1, host.size() - 2));
  const std::string bytes = ip_bytes_of(host);
  return !bytes.empty() && is_private(bytes);
}

}  // namespace chimplift
