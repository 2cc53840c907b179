// Which requests go through a proxy, by the rules of libcurl and of most other programs.
#pragma once

#include <string>

#include "net/url.hpp"

namespace chimplift {

struct HttpProxies {
  std::string http;    // "http://proxy:3128": for http addresses; "" for none
  std::string https;   // likewise
  std::string except;  // "example.com, .internal, 10.0.0.0/8": hosts with all below them, and addresses, that are asked directly; "*": all
};

/// The proxy that an address is asked through; "" where it is asked directly.
std::string proxy_for(const HttpProxies& proxies, const Url& url);

}  // namespace chimplift
