// A request that may change something: another method than GET, headers of its own, a body. Apart from http.hpp on purpose: the layers that
// may only GET (src/mailchimp and all that stand on it: ONLY_GET in tests/check_layers.py) may not include this header, not through others
// either.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/http.hpp"

namespace chimplift {

enum class HttpMethod { get, head, put, post, del };

/// "GET", "PUT", …
std::string_view name_of(HttpMethod method);

/// A Date header as microseconds since 1970; nullopt where it is none.
std::optional<i64> http_date_micros(const std::string& text);

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// A body that is read from a file while it is sent. A file that turns out shorter ends the request; what stands behind `size` is not sent.
struct FileBody {
  std::filesystem::path path;
  i64 size = 0;
};

struct HttpCall {
  HttpMethod method = HttpMethod::get;
  HttpRequest request = {};  // where to, and the limits; a body that is sent takes as long as request.timeout_millis allows (0: no limit)
  HttpHeaders headers = {};  // a line break or NUL in one is refused as TransportError::bad_header
  std::string body = {};     // of PUT and POST
  std::optional<FileBody> file = {};     // in place of `body`
  std::vector<std::string> wanted = {};  // names, in lower case, of the answer's headers that HttpResponse::headers is to have
  i64 connect_timeout_millis = 30'000;
  bool direct = false;  // past any proxy of the environment: for addresses that only this machine can reach
};

/// A loop that sends calls besides plain requests.
class CallLoop : public HttpLoop {
 public:
  /// As send().
  virtual void call(HttpCall call, std::function<void(HttpResponse)> done) = 0;
};

std::unique_ptr<CallLoop> make_call_loop(const HttpSettings& settings);

/// Sends one call and waits for its answer. One client a thread; connections stay open between calls. A call goes over the wire at most
/// once (a body is never sent again behind the caller's back): whoever tries again knows that it is another try.
class HttpClient {
 public:
  /// `cancelled` is asked about five times a second; once it is true, the call under way and all later ones end as
  /// TransportError::cancelled.
  explicit HttpClient(HttpSettings settings, std::function<bool()> cancelled = {});
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  ~HttpClient();

  HttpResponse send(HttpCall call);
  /// Waits so long, for the next try; false where it was cancelled meanwhile.
  [[nodiscard]] bool pause(i64 millis);
  [[nodiscard]] bool is_cancelled() const { return cancelled_ && cancelled_(); }

 private:
  HttpSettings settings_;
  std::function<bool()> cancelled_;
  std::unique_ptr<CallLoop> loop_;
};

}  // namespace chimplift
