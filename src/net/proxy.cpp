#include "net/proxy.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "base/text.hpp"

namespace chimplift {
namespace {

/// `network`: "10.0.0.0/8", or one address alone. `address`: its bytes.
bool is_in_network(std::string_view address, std::string_view network) {
  const std::size_t slash = network.find('/');
  const std::string base = ip_bytes_of(network.substr(0, slash));
  if (base.size() != address.size()) return false;
  std::size_t bits = base.size() * 8;
  if (slash != std::string_view::npos) {
    const std::string_view given = network.substr(slash + 1);
    const std::size_t most = bits;
    const auto [end, error] = std::from_chars(given.data(), given.data() + given.size(), bits);
    if (error != std::errc{} || end != given.data() + given.size() || bits > most) return false;
  }
  for (std::size_t i = 0; i < bits; ++i) {
    const unsigned differing = static_cast<unsigned char>(address[i / 8]) ^ static_cast<unsigned char>(base[i / 8]);
    if ((differing & (0x80U >> (i % 8))) != 0) return false;
  }
  return true;
}

/// The same host, or one below it: "example.com" and ".example.com" both mean example.com and www.example.com.
bool is_below(std::string_view host, std::string_view name) {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.starts_with('.')) name.remove_prefix(1);
  return !name.empty() && (host == name || host.ends_with("." + std::string(name)));
}

bool is_excepted(const std::string& host, std::string except) {
  const std::string address = ip_bytes_of(host);
  std::replace_if(except.begin(), except.end(), [](char c) { return c == ' ' || c == '\t'; }, ',');
  for (const std::string& part : split(to_lower(except), ',')) {
    if (part == "*" || (address.empty() ? is_below(host, part) : is_in_network(address, part))) return true;
  }
  return false;
}

}  // namespace

std::string proxy_for(const HttpProxies& proxies, const Url& url) {
  const std::string& proxy = url.scheme == "https" ? proxies.https : proxies.http;
  return proxy.empty() || is_excepted(url.host, proxies.except) ? std::string() : proxy;
}

}  // namespace chimplift
