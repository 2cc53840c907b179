// Setting options of libcurl's handles, none of which may be left out unseen.
#pragma once

#include <curl/curl.h>

#include <new>
#include <stdexcept>
#include <type_traits>

namespace chimplift {

/// Throws what stands behind a code other than CURLE_OK: bad_alloc, or runtime_error for a libcurl that this program is not made for.
inline void check(CURLcode code) {
  if (code == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
  if (code != CURLE_OK) throw std::runtime_error(curl_easy_strerror(code));
}

template <typename Value>
void set(CURL* handle, CURLoption option, Value value) {
  if constexpr (std::is_integral_v<Value>) static_assert(sizeof(Value) == sizeof(long), "libcurl takes a long");
  check(curl_easy_setopt(handle, option, value));
}

}  // namespace chimplift
