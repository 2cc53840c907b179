// A request's body on its way out, in libcurl's terms.
#pragma once

#include <curl/curl.h>

#include <exception>

#include "base/files.hpp"
#include "net/call.hpp"

namespace chimplift {

class Upload {
 public:
  /// Has libcurl take the call's body from here. The call and this stay where they are until the transfer has ended.
  void set_options(CURL* handle, const HttpCall& call);
  /// Bytes of the body.
  [[nodiscard]] i64 size() const { return size_; }
  /// True where the file was shorter than said, or could not be read.
  [[nodiscard]] bool failed() const { return failed_; }
  /// What was thrown while libcurl asked for a piece, which it must not see.
  [[nodiscard]] std::exception_ptr thrown() const { return thrown_; }

 private:
  static std::size_t give(char* buffer, std::size_t size, std::size_t count, void* user);
  std::size_t fill(char* buffer, i64 room);
  static int seek(void* user, curl_off_t offset, int origin);
  Result<std::string> next(i64 size);

  const HttpCall* call_ = nullptr;
  File file_;
  i64 size_ = 0;
  i64 sent_ = 0;
  bool failed_ = false;
  std::exception_ptr thrown_;
};

}  // namespace chimplift
