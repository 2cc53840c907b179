#include "net/transfer.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <new>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "net/curl_option.hpp"
#include "net/url.hpp"

namespace chimplift {
namespace {

// Mailchimp's heads have about 1 kB. Not every libcurl of Debian's has a limit of its own for the whole of a head.
constexpr i64 kMostHeadBytes = 256'000;
// Bodies that are kept in memory, of all transfers together: chosen so that ten of the largest usual ones have room.
// Above this, transfers larger than any page of Mailchimp's are ended.
constexpr i64 kMostBufferedBytes = 512'000'000;
// Chosen well above a page of Mailchimp's: 1000 records of 32 kB each.
constexpr i64 kLargestUsualBody = 32'000'000;

std::size_t take_body(Transfer& transfer, std::string_view piece) {
  transfer.response.bytes += static_cast<i64>(piece.size());
  const bool is_kept = !transfer.request.sink;
  if (is_kept) *transfer.buffered += static_cast<i64>(piece.size());
  const bool is_crowding = is_kept && *transfer.buffered > kMostBufferedBytes && transfer.response.bytes > kLargestUsualBody;
  if (transfer.response.bytes > transfer.request.max_bytes || is_crowding) {
    transfer.too_large = true;
    return 0;
  }
  if (is_kept) {
    transfer.response.body.append(piece);
  } else if (!transfer.request.sink(piece)) {
    transfer.refused_by_sink = true;
    return 0;
  }
  return piece.size();
}

// curl takes an answer that is cut within its head for a whole one without a body.
std::size_t take_head(Transfer& transfer, std::string_view line) {
  transfer.head_bytes += static_cast<i64>(line.size());
  if (transfer.head_bytes > kMostHeadBytes) {
    transfer.too_large = true;
    return 0;
  }
  if (line.starts_with("HTTP/")) {  // a 100 has a head of its own before the answer's
    transfer.head_is_whole = false;
    transfer.response.headers.clear();
  }
  if (line == "\r\n" || line == "\n") transfer.head_is_whole = true;
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || transfer.call.wanted.empty()) return line.size();
  const std::string name = to_lower(line.substr(0, colon));
  const std::vector<std::string>& wanted = transfer.call.wanted;
  if (std::find(wanted.begin(), wanted.end(), name) != wanted.end()) transfer.response.headers[name] = trim(line.substr(colon + 1));
  return line.size();
}

// libcurl's frames are C, and no exception may pass them: it ends the transfer, and goes on its way where that is taken from libcurl.
template <std::size_t (*kTake)(Transfer&, std::string_view)>
std::size_t guarded(char* data, std::size_t size, std::size_t count, void* user) {
  Transfer& transfer = *static_cast<Transfer*>(user);
  try {
    return kTake(transfer, {data, size * count});
  } catch (...) {
    transfer.thrown = std::current_exception();
    return 0;
  }
}

// The check stands where the socket is made, behind every name look-up: a name that leads to 127.0.0.1 does not pass it.
curl_socket_t open_socket(void* user, curlsocktype /*purpose*/, curl_sockaddr* address) {
  Transfer& transfer = *static_cast<Transfer*>(user);
  if (transfer.request.public_only && is_private_address(address->addr)) {
    transfer.refused_address = true;
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// The same for a connection that another request left open: for that no socket is made.
int check_connection(void* user, char* address, char* /*local*/, int /*port*/, int /*local_port*/) {
  Transfer& transfer = *static_cast<Transfer*>(user);
  if (!transfer.request.public_only || (address != nullptr && !is_private_address(std::string_view(address)))) return CURL_PREREQFUNC_OK;
  transfer.refused_address = true;
  return CURL_PREREQFUNC_ABORT;
}

}  // namespace

bool Transfer::set_options(CURL* handle, const HttpSettings& settings) {
  // Addresses come as people wrote them: libcurl refuses blanks, and a file at such an address could never be had.
  const CURLcode taken = curl_easy_setopt(handle, CURLOPT_URL, encoded_url(request.url).c_str());
  if (taken != CURLE_OK && taken != CURLE_OUT_OF_MEMORY) return false;  // it is too long
  check(taken);
  set(handle, CURLOPT_PATH_AS_IS, 1L);
  set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  set(handle, CURLOPT_HTTPGET, 1L);
  // Mailchimp's limit is about simultaneous requests; with HTTP/1.1 one connection is one request, and ten are ten.
  set(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!settings.ca_file.empty()) set(handle, CURLOPT_CAINFO, settings.ca_file.c_str());
  // Both are set, so that libcurl looks for neither in the environment.
  set(handle, CURLOPT_PROXY, proxy.c_str());
  set(handle, CURLOPT_NOPROXY, "");
  set(handle, CURLOPT_FOLLOWLOCATION, 0L);
  set(handle, CURLOPT_NOSIGNAL, 1L);
  set(handle, CURLOPT_TCP_KEEPALIVE, 1L);
  set(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout_millis));
  if (request.stall_seconds > 0) {
    set(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(handle, CURLOPT_LOW_SPEED_TIME, static_cast<long>(request.stall_seconds));
  }
  set(handle, CURLOPT_USERAGENT, settings.user_agent.c_str());
  if (request.coding != Coding::exact) set(handle, CURLOPT_ACCEPT_ENCODING, request.coding == Coding::any ? "" : "identity");
  if (!request.password.empty()) {
    set(handle, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
    set(handle, CURLOPT_USERNAME, "chimplift");
    set(handle, CURLOPT_PASSWORD, request.password.reveal().c_str());
  }
  set(handle, CURLOPT_HEADERFUNCTION, guarded<take_head>);
  set(handle, CURLOPT_HEADERDATA, this);
  set(handle, CURLOPT_WRITEFUNCTION, guarded<take_body>);
  set(handle, CURLOPT_WRITEDATA, this);
  set(handle, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  set(handle, CURLOPT_OPENSOCKETDATA, this);
  set(handle, CURLOPT_PREREQFUNCTION, check_connection);
  set(handle, CURLOPT_PREREQDATA, this);
  set(handle, CURLOPT_PRIVATE, this);
  set(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(call.connect_timeout_millis));
  set_headers(handle);
  set_method(handle);
  return true;
}

void Transfer::set_headers(CURL* handle) {
  // curl takes "Name:" for "leave this header out", and "Name;" for one without a value.
  for (const auto& [name, value] : call.headers) {
    const std::string line = value.empty() ? name + ";" : name + ": " + value;
    curl_slist* longer = curl_slist_append(headers_.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    (void)headers_.release();  // the longer list has it
    headers_.reset(longer);
  }
  if (headers_) set(handle, CURLOPT_HTTPHEADER, headers_.get());
}

void Transfer::set_method(CURL* handle) {
  switch (call.method) {
    case HttpMethod::get:
      return;
    case HttpMethod::head:
      set(handle, CURLOPT_NOBODY, 1L);
      return;
    case HttpMethod::del:
      set(handle, CURLOPT_CUSTOMREQUEST, "DELETE");
      return;
    case HttpMethod::put:
      upload.set_options(handle, call);
      set(handle, CURLOPT_UPLOAD, 1L);
      set(handle, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(upload.size()));
      return;
    case HttpMethod::post:
      upload.set_options(handle, call);
      set(handle, CURLOPT_POST, 1L);
      set(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(upload.size()));
      return;
  }
}

TransportError Transfer::error_of(CURLcode code, bool is_sent) const {
  if (refused_address) return TransportError::private_address;
  if (too_large) return TransportError::too_large;
  if (refused_by_sink) return TransportError::sink;
  if (upload.failed()) return TransportError::source;
  switch (code) {
    case CURLE_OK:
      return head_is_whole ? TransportError::none : TransportError::interrupted;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return TransportError::unresolved;
    case CURLE_COULDNT_CONNECT:
      return TransportError::unreachable;
    case CURLE_SSL_CONNECT_ERROR:
      // No certificate was judged: most often the other side hung up within the handshake, which passes.
      return TransportError::unreachable;
    case CURLE_OPERATION_TIMEDOUT:
      return is_sent ? TransportError::timed_out : TransportError::unreachable;
    case CURLE_URL_MALFORMAT:
      return TransportError::bad_url;
    case CURLE_UNSUPPORTED_PROTOCOL:
      // curl says this of an answer that is no HTTP, too: something on the way spoke, and may be gone the next time.
      return request.url.starts_with("http") ? TransportError::interrupted : TransportError::bad_url;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return TransportError::tls;
    default:
      return TransportError::interrupted;
  }
}

bool is_unsendable(const HttpHeaders& headers) {
  constexpr std::string_view kEnds("\r\n\0", 3);
  return std::any_of(headers.begin(), headers.end(), [&](const auto& header) {
    const auto& [name, value] = header;
    return name.empty() || name.find_first_of(kEnds) != std::string::npos || name.find_first_of(": ;") != std::string::npos ||
           value.find_first_of(kEnds) != std::string::npos;
  });
}

}  // namespace chimplift
