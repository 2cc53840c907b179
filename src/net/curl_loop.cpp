// One thread, one curl multi handle. A request is an easy handle with a Transfer beside it; finished handles wait in a pool for the next
// request, and connections stay open in the multi handle.
#include <curl/curl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <map>
#include <mutex>
#include <new>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "net/call.hpp"
#include "net/http.hpp"
#include "net/upload.hpp"
#include "net/url.hpp"

namespace chimplift {
namespace {

// What is kept for the next request. Chosen so that six accounts at once, of ten requests each, keep their connections.
constexpr long kIdleConnections = 64;
constexpr std::size_t kPooledHandles = 64;
// Mailchimp's heads have about 1 kB. Not every libcurl of Debian's has a limit of its own for the whole of a head.
constexpr i64 kMostHeadBytes = 256'000;
// Bodies that are kept in memory, of all transfers together: chosen so that ten of the largest usual ones have room.
// Above this, transfers larger than any page of Mailchimp's are ended.
constexpr i64 kMostBufferedBytes = 512'000'000;
// Chosen well above a page of Mailchimp's: 1000 records of 32 kB each.
constexpr i64 kLargestUsualBody = 32'000'000;

struct Transfer {
  HttpCall call;
  HttpRequest& request = call.request;
  Upload upload = {};
  std::function<void(HttpResponse)> done;
  HttpResponse response;
  std::string proxy = {};   // "": none
  i64* buffered = nullptr;  // by all transfers of the loop
  i64 head_bytes = 0;
  bool head_is_whole = false;
  bool too_large = false;
  bool refused_address = false;
  bool refused_by_sink = false;
  std::exception_ptr thrown = {};  // by what takes the answer
};

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

TransportError error_of(CURLcode code, const Transfer& transfer) {
  if (transfer.refused_address) return TransportError::private_address;
  if (transfer.too_large) return TransportError::too_large;
  if (transfer.refused_by_sink) return TransportError::sink;
  if (transfer.upload.failed()) return TransportError::source;
  switch (code) {
    case CURLE_OK:
      return transfer.head_is_whole ? TransportError::none : TransportError::interrupted;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return TransportError::unresolved;
    case CURLE_COULDNT_CONNECT:
      return TransportError::unreachable;
    case CURLE_OPERATION_TIMEDOUT:
      return TransportError::timed_out;
    case CURLE_URL_MALFORMAT:
      return TransportError::bad_url;
    case CURLE_UNSUPPORTED_PROTOCOL:
      // curl says this of an answer that is no HTTP, too: something on the way spoke, and may be gone the next time.
      return transfer.request.url.starts_with("http") ? TransportError::interrupted : TransportError::bad_url;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return TransportError::tls;
    default:
      return TransportError::interrupted;
  }
}

class CurlLoop final : public CallLoop {
 public:
  explicit CurlLoop(HttpSettings settings) : settings_(std::move(settings)), multi_(curl_multi_init()) {
    if (multi_ == nullptr) throw std::bad_alloc();
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, kIdleConnections);
  }
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;
  ~CurlLoop() override {
    for (auto& [handle, transfer] : active_) {
      curl_multi_remove_handle(multi_, handle);
      curl_easy_cleanup(handle);
    }
    for (CURL* handle : idle_) curl_easy_cleanup(handle);
    curl_multi_cleanup(multi_);
  }

  void send(HttpRequest request, std::function<void(HttpResponse)> done) override {
    HttpCall plain;
    plain.request = std::move(request);
    call(std::move(plain), std::move(done));
  }

  void call(HttpCall call, std::function<void(HttpResponse)> done) override {
    if (is_unsendable(call.headers)) {
      refuse(std::move(done), TransportError::bad_header);
      return;
    }
    auto transfer = std::make_unique<Transfer>();
    transfer->call = std::move(call);
    if (!find_proxy(*transfer)) {
      refuse(std::move(done), TransportError::private_address);
      return;
    }
    transfer->done = std::move(done);
    transfer->buffered = &buffered_;
    // Where memory is lacking libcurl gives no handle, or does not take it: whoever waits for the answer is to hear of it.
    CURL* handle = take_handle();
    if (handle == nullptr) {
      refuse(std::move(transfer->done), TransportError::interrupted);
      return;
    }
    set_options(handle, *transfer);
    const auto place = active_.emplace(handle, std::move(transfer)).first;
    if (curl_multi_add_handle(multi_, handle) == CURLM_OK) return;
    curl_easy_cleanup(handle);
    refuse(std::move(place->second->done), TransportError::interrupted);
    active_.erase(place);
  }

  void after(i64 millis, std::function<void()> work) override { timers_.emplace(system_clock().steady_millis() + millis, std::move(work)); }

  void post(std::function<void()> work) override {
    {
      const std::lock_guard lock(mutex_);
      posted_.push_back(std::move(work));
    }
    curl_multi_wakeup(multi_);
  }

  void run(const std::function<bool()>& finished) override {
    while (!finished()) {
      int running = 0;
      curl_multi_perform(multi_, &running);
      const bool finished_any = finish_transfers();
      const bool ran_posted = run_posted();
      const bool ran_timers = run_timers();
      if (finished_any || ran_posted || ran_timers) continue;
      curl_multi_poll(multi_, nullptr, 0, wait_millis(), nullptr);
    }
  }

 private:
  /// Ends a request that is not made.
  void refuse(std::function<void(HttpResponse)> done, TransportError error) {
    after(0, [done = std::move(done), error] {
      HttpResponse response;
      response.error = error;
      response.message = name_of(error);
      done(std::move(response));
    });
  }

  /// Decides whether the request goes through a proxy. False where it may not go there: the proxy looks the name up and makes the
  /// connection, so all that can be judged here is the host as it is written.
  bool find_proxy(Transfer& transfer) const {
    HttpRequest& request = transfer.request;
    // What we cannot read we cannot judge either: it is asked directly, and judged by the connection.
    const std::optional<Url> url = transfer.call.direct ? std::nullopt : parse_url(request.url);
    if (url) transfer.proxy = proxy_for(settings_.proxies, *url);
    if (transfer.proxy.empty() || !request.public_only) return true;
    request.public_only = false;  // the connection is to the proxy, which may well be a private address
    return !is_private_host(url->host);
  }

  CURL* take_handle() {
    if (idle_.empty()) return curl_easy_init();
    CURL* handle = idle_.back();
    idle_.pop_back();
    return handle;
  }

  void set_options(CURL* handle, Transfer& transfer) {
    const HttpRequest& request = transfer.request;
    // Addresses come as people wrote them: libcurl refuses blanks, and a file at such an address could never be had.
    curl_easy_setopt(handle, CURLOPT_URL, encoded_url(request.url).c_str());
    curl_easy_setopt(handle, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L);
    // Mailchimp's limit is about simultaneous requests; with HTTP/1.1 one connection is one request, and ten are ten.
    curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!settings_.ca_file.empty()) curl_easy_setopt(handle, CURLOPT_CAINFO, settings_.ca_file.c_str());
    // Both are set, so that libcurl looks for neither in the environment.
    curl_easy_setopt(handle, CURLOPT_PROXY, transfer.proxy.c_str());
    curl_easy_setopt(handle, CURLOPT_NOPROXY, "");
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout_millis));
    if (request.stall_seconds > 0) {
      curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
      curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, static_cast<long>(request.stall_seconds));
    }
    curl_easy_setopt(handle, CURLOPT_USERAGENT, settings_.user_agent.c_str());
    if (request.compressed) curl_easy_setopt(handle, CURLOPT_ACCEPT_ENCODING, "");
    if (!request.password.empty()) {
      curl_easy_setopt(handle, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
      curl_easy_setopt(handle, CURLOPT_USERNAME, "chimplift");
      curl_easy_setopt(handle, CURLOPT_PASSWORD, request.password.reveal().c_str());
    }
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, guarded<take_head>);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, &transfer);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, guarded<take_body>);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, &transfer);
    curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, check_connection);
    curl_easy_setopt(handle, CURLOPT_PREREQDATA, &transfer);
    curl_easy_setopt(handle, CURLOPT_PRIVATE, &transfer);
    transfer.upload.set_options(handle, transfer.call);
  }

  bool finish_transfers() {
    bool worked = false;
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      finish(message->easy_handle, message->data.result);
      worked = true;
    }
    return worked;
  }

  void finish(CURL* handle, CURLcode code) {
    const auto found = active_.find(handle);
    const std::unique_ptr<Transfer> transfer = std::move(found->second);
    active_.erase(found);
    HttpResponse& response = transfer->response;
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(handle, CURLINFO_TOTAL_TIME, &response.seconds);
    const auto text_of = [handle](CURLINFO info) {
      const char* text = nullptr;
      curl_easy_getinfo(handle, info, &text);
      return std::string(text == nullptr ? "" : text);
    };
    response.status = static_cast<int>(status);
    if (!transfer->request.sink) buffered_ -= response.bytes;
    curl_off_t retry_after = 0;
    curl_easy_getinfo(handle, CURLINFO_RETRY_AFTER, &retry_after);
    response.retry_after_seconds = std::max<i64>(static_cast<i64>(retry_after), 0);  // a date may have passed
    response.content_type = text_of(CURLINFO_CONTENT_TYPE);
    response.location = text_of(CURLINFO_REDIRECT_URL);
    response.error = error_of(code, *transfer);
    if (response.error != TransportError::none)
      response.message = code == CURLE_OK ? "the answer's head was cut" : curl_easy_strerror(code);  // its own words: no address, no header
    curl_multi_remove_handle(multi_, handle);
    if (idle_.size() < kPooledHandles) {
      curl_easy_reset(handle);
      idle_.push_back(handle);
    } else {
      curl_easy_cleanup(handle);
    }
    std::exception_ptr thrown = transfer->thrown ? transfer->thrown : transfer->upload.thrown();
    if (thrown) std::rethrow_exception(std::move(thrown));
    transfer->done(std::move(response));
  }

  bool run_posted() {
    std::vector<std::function<void()>> work;
    {
      const std::lock_guard lock(mutex_);
      work.swap(posted_);
    }
    for (const std::function<void()>& item : work) item();
    return !work.empty();
  }

  bool run_timers() {
    bool worked = false;
    while (!timers_.empty() && timers_.begin()->first <= system_clock().steady_millis()) {
      const std::function<void()> work = std::move(timers_.begin()->second);
      timers_.erase(timers_.begin());
      work();
      worked = true;
    }
    return worked;
  }

  int wait_millis() const {
    // 200 ms: how late the predicate (an interrupt, say) may be seen.
    if (timers_.empty()) return 200;
    return static_cast<int>(std::clamp<i64>(timers_.begin()->first - system_clock().steady_millis(), 0, 200));
  }

  HttpSettings settings_;
  CURLM* multi_;
  i64 buffered_ = 0;  // bytes of bodies that are kept in memory
  std::map<CURL*, std::unique_ptr<Transfer>> active_;
  std::vector<CURL*> idle_;
  std::multimap<i64, std::function<void()>> timers_;
  std::mutex mutex_;
  std::vector<std::function<void()>> posted_;
};

}  // namespace

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

std::unique_ptr<HttpLoop> make_http_loop(const HttpSettings& settings) { return make_call_loop(settings); }

std::unique_ptr<CallLoop> make_call_loop(const HttpSettings& settings) {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)initialised;
  return std::make_unique<CurlLoop>(settings);
}

}  // namespace chimplift
