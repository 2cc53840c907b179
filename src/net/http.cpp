#include "net/http.hpp"

#include <curl/curl.h>

#include "net/call.hpp"

namespace chimplift {

std::string_view name_of(TransportError error) {
  switch (error) {
    case TransportError::none:
      return "none";
    case TransportError::unresolved:
      return "the host's name could not be resolved";
    case TransportError::unreachable:
      return "the host could not be reached";
    case TransportError::interrupted:
      return "the connection was cut";
    case TransportError::timed_out:
      return "no answer in time";
    case TransportError::tls:
      return "the secure connection was refused";
    case TransportError::too_large:
      return "more bytes than allowed";
    case TransportError::private_address:
      return "the address is a private one";
    case TransportError::bad_url:
      return "not an address";
    case TransportError::bad_header:
      return "a header that cannot be sent";
    case TransportError::source:
      return "the file to send could not be read";
    case TransportError::cancelled:
      return "cancelled";
    case TransportError::sink:
      return "the bytes could not be kept";
  }
  return "unknown";
}

std::optional<i64> http_date_micros(const std::string& text) {
  const time_t seconds = curl_getdate(text.c_str(), nullptr);
  if (seconds < 0) return std::nullopt;
  return static_cast<i64>(seconds) * 1'000'000;
}

std::string_view name_of(HttpMethod method) {
  switch (method) {
    case HttpMethod::get:
      return "GET";
    case HttpMethod::head:
      return "HEAD";
    case HttpMethod::put:
      return "PUT";
    case HttpMethod::post:
      return "POST";
    case HttpMethod::del:
      return "DELETE";
  }
  return "GET";
}

}  // namespace chimplift
