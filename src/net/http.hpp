// HTTP as the rest of the program sees it: requests go in, answers come back on the loop's one thread. Only GET exists here: what knows
// this header alone could not change an account if it tried. call.hpp has the other methods.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/secret.hpp"
#include "base/types.hpp"
#include "net/proxy.hpp"

namespace chimplift {

enum class TransportError {
  none,
  unresolved,       // the name has no address
  unreachable,      // refused, no route, or the connection could not be made in time
  interrupted,      // cut, reset, or ended before its end
  timed_out,        // no whole answer in time to what was sent
  tls,              // certificate or protocol refused
  too_large,        // more bytes than the request allows, in its head or in its body
  private_address,  // the name leads to an address that the request may not go to
  bad_url,
  bad_header,  // a header with a line break
  sink,        // whoever takes the bytes said no
  source,      // the file to send could not be read, or is shorter than said
  cancelled,
};

std::string_view name_of(TransportError error);

/// A body's content coding (RFC 9110, section 8.4).
enum class Coding {
  any,    // gzip and the like are accepted, and undone
  plain,  // none is asked for; one that comes all the same is undone
  exact,  // none is asked for, and the bytes stay as they were sent
};

struct HttpRequest {
  std::string url;
  Secret password;               // for Basic authorization; empty: none is sent
  i64 max_bytes = 256'000'000;   // of the body, its coding undone
  i64 timeout_millis = 150'000;  // Mailchimp itself gives up after 120 s (docs/mailchimp.md, "Time limit")
  i64 stall_seconds = 0;         // give up when nothing comes for so long; 0: no such limit
  Coding coding = Coding::any;
  // Refuse loopback, private and link-local addresses, whatever the name says; through a proxy, which looks names up, those written out.
  bool public_only = false;
  std::function<bool(std::string_view)> sink = {};  // takes the body piece by piece in place of HttpResponse::body; false ends the request
};

struct HttpResponse {
  int status = 0;  // 0 where the transport failed before one came
  std::string body;
  std::string content_type;
  std::map<std::string, std::string> headers;  // those that an HttpCall asked for; names in lower case
  std::string location;                        // of a redirect, made absolute; redirects are never followed here
  i64 retry_after_seconds = 0;                 // what the server asks us to wait; 0 where it does not
  i64 bytes = 0;                               // of the body, its coding undone
  double seconds = 0;
  TransportError error = TransportError::none;
  std::string message;  // of the transport, for people
};

/// One thread's loop: requests, timers, and work posted from other threads. All callbacks run on the thread that is in run().
class HttpLoop {
 public:
  virtual ~HttpLoop() = default;
  /// Begins the request. `done` is called once, from run() and never from here, with the answer or with what kept it from coming; not at
  /// all where the loop ends before. On the loop's thread. Throws bad_alloc, and then `done` is not called.
  virtual void send(HttpRequest request, std::function<void(HttpResponse)> done) = 0;
  /// Calls the work once, from run(), when so many milliseconds have passed or soon after; 0: the next time round. On the loop's thread.
  virtual void after(i64 millis, std::function<void()> work) = 0;
  /// The one function that other threads may call.
  virtual void post(std::function<void()> work) = 0;
  /// Runs until the predicate, asked after each round, is true. What is under way then stays so, and goes on with the next run(); it is
  /// dropped, without a callback, when the loop goes. So a callback must own what it writes into, or the loop must go before that does.
  virtual void run(const std::function<bool()>& finished) = 0;
};

struct HttpSettings {
  std::string user_agent = "chimplift";
  std::string ca_file;       // PEM; "": the system's
  HttpProxies proxies = {};  // libcurl does not look into the environment for any
  // That may be open, in use or kept for the next request: as many as there may be requests at once, or those beyond are made anew each
  // time.
  int connections = 64;
};

/// The loop over libcurl's multi interface.
std::unique_ptr<HttpLoop> make_http_loop(const HttpSettings& settings);

}  // namespace chimplift
