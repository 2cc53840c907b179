// Addresses: their parts, their origin, and which of them are nobody else's business.
#pragma once

#include <optional>
#include <string>
#include <string_view>

struct sockaddr;

namespace chimplift {

struct Url {
  std::string scheme;  // "http" or "https"
  std::string host;    // lower case; IPv6 in brackets
  std::string port;    // always given: "443" where the text had none
  std::string path;    // with the leading slash, without query

  /// "https://host:443": what has to be equal for two URLs to be of one server.
  [[nodiscard]] std::string origin() const { return scheme + "://" + host + ":" + port; }
};

/// The parts of an absolute http or https URL; nullopt for anything else (other schemes, credentials in the URL, no host).
std::optional<Url> parse_url(std::string_view text);

/// The same address as a browser would send it: blanks and bytes beyond ASCII behind the host are percent-encoded. What is encoded already
/// stays as it is.
std::string encoded_url(std::string_view text);

/// The 4 or 16 bytes of an address as text, an IPv6 one with or without its brackets; "" where it is none.
std::string ip_bytes_of(std::string_view text);
/// True for loopback, private, link-local, shared, reserved and multicast addresses (RFC 6890), also inside IPv6's mappings of IPv4.
bool is_private_address(const sockaddr& address);
/// The same for an address as text: "127.0.0.1", "::1". True where it is none.
bool is_private_address(std::string_view address);
/// True for a host (Url::host) that is private as it is written: such an address, or a name of this machine. No name is looked up.
bool is_private_host(std::string_view host);

}  // namespace chimplift
