// One request under way: what it asks, what has come of the answer, and how libcurl is told of both.
#pragma once

#include <curl/curl.h>

#include <exception>
#include <functional>
#include <memory>
#include <string>

#include "net/call.hpp"
#include "net/upload.hpp"

namespace chimplift {

struct Transfer {
  HttpCall call;
  HttpRequest& request = call.request;
  Upload upload = {};
  std::function<void(HttpResponse)> done;
  HttpResponse response;
  std::string proxy = {};   // "": none
  i64* buffered = nullptr;  // bytes of bodies in memory, of all transfers of the loop
  i64 head_bytes = 0;
  bool head_is_whole = false;
  bool too_large = false;
  bool refused_address = false;
  bool refused_by_sink = false;
  std::exception_ptr thrown = {};  // by what takes the answer

  /// Prepares a fresh handle for the request. This stays where it is until the transfer has ended. False where libcurl does not take the
  /// address. Throws bad_alloc.
  bool set_options(CURL* handle, const HttpSettings& settings);
  /// What the code that libcurl ended with means here; `is_sent`: the request, or a part of it.
  [[nodiscard]] TransportError error_of(CURLcode code, bool is_sent) const;

 private:
  struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };
  void set_headers(CURL* handle);
  void set_method(CURL* handle);

  std::unique_ptr<curl_slist, FreeList> headers_;
};

/// True where a header has bytes that would end it and begin another.
bool is_unsendable(const HttpHeaders& headers);

}  // namespace chimplift
