// One thread, one curl multi handle. A request is an easy handle with a Transfer beside it; finished handles wait in a pool for the next
// request, and connections stay open in the multi handle.
#include <curl/curl.h>

#include <algorithm>
#include <exception>
#include <map>
#include <mutex>
#include <new>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "net/call.hpp"
#include "net/curl_option.hpp"
#include "net/http.hpp"
#include "net/transfer.hpp"
#include "net/url.hpp"

namespace chimplift {
namespace {

class CurlLoop final : public CallLoop {
 public:
  explicit CurlLoop(HttpSettings settings) : settings_(std::move(settings)), multi_(curl_multi_init()) {
    if (multi_ == nullptr) throw std::bad_alloc();
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(settings_.connections));  // it keeps a number, and cannot fail
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
    Handle handle = take_handle();
    if (!handle) {
      refuse(std::move(transfer->done), TransportError::interrupted);
      return;
    }
    if (!transfer->set_options(handle.get(), settings_)) {
      refuse(std::move(transfer->done), TransportError::bad_url);
      return;
    }
    const auto place = active_.emplace(handle.get(), std::move(transfer)).first;
    if (curl_multi_add_handle(multi_, handle.get()) == CURLM_OK) {
      (void)handle.release();  // finish() has it from here
      return;
    }
    handle.reset();
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

  struct Cleanup {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };
  using Handle = std::unique_ptr<CURL, Cleanup>;

  Handle take_handle() {
    if (idle_.empty()) return Handle(curl_easy_init());
    Handle handle(idle_.back());
    idle_.pop_back();
    return handle;
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
    long sent_bytes = 0;
    curl_easy_getinfo(handle, CURLINFO_REQUEST_SIZE, &sent_bytes);
    response.error = transfer->error_of(code, sent_bytes > 0);
    if (response.error != TransportError::none)
      response.message = code == CURLE_OK ? "the answer's head was cut" : curl_easy_strerror(code);  // its own words: no address, no header
    curl_multi_remove_handle(multi_, handle);
    if (idle_.size() < static_cast<std::size_t>(settings_.connections)) {
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

std::unique_ptr<HttpLoop> make_http_loop(const HttpSettings& settings) { return make_call_loop(settings); }

std::unique_ptr<CallLoop> make_call_loop(const HttpSettings& settings) {
  static const bool is_initialised = (check(curl_global_init(CURL_GLOBAL_DEFAULT)), true);
  (void)is_initialised;
  return std::make_unique<CurlLoop>(settings);
}

}  // namespace chimplift
