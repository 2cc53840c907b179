#include "net/upload.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace chimplift {

std::size_t Upload::give(char* buffer, std::size_t size, std::size_t count, void* user) {
  Upload& upload = *static_cast<Upload*>(user);
  try {
    return upload.fill(buffer, std::min(static_cast<i64>(size * count), upload.size_ - upload.sent_));
  } catch (...) {
    upload.thrown_ = std::current_exception();
    return CURL_READFUNC_ABORT;
  }
}

std::size_t Upload::fill(char* buffer, i64 room) {
  if (room <= 0) return 0;
  if (!call_->file) {
    std::memcpy(buffer, call_->body.data() + sent_, static_cast<std::size_t>(room));
    sent_ += room;
    return static_cast<std::size_t>(room);
  }
  const Result<std::string> piece = next(room);
  if (!piece || piece->empty()) {
    failed_ = true;
    return CURL_READFUNC_ABORT;
  }
  std::memcpy(buffer, piece->data(), piece->size());
  sent_ += static_cast<i64>(piece->size());
  return piece->size();
}

Result<std::string> Upload::next(i64 size) {
  if (!file_.is_open()) {
    TRY_ASSIGN(file_, File::open(call_->file->path));
  }
  return file_.read(sent_, size);
}

// curl sends a request again by itself when a kept connection turns out dead, and asks here for the body's start. That would be a second
// request that nobody knows of, so it gets the start only while nothing of the body has gone.
int Upload::seek(void* user, curl_off_t offset, int origin) {
  const Upload& upload = *static_cast<Upload*>(user);
  return origin == SEEK_SET && offset == 0 && upload.sent_ == 0 ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
}

void Upload::set_options(CURL* handle, const HttpCall& call) {
  call_ = &call;
  size_ = call.file ? call.file->size : static_cast<i64>(call.body.size());
  // curl takes "Name:" for "leave this header out", and "Name;" for one without a value.
  for (const auto& [name, value] : call.headers) {
    const std::string line = value.empty() ? name + ";" : name + ": " + value;
    headers_.reset(curl_slist_append(headers_.release(), line.c_str()));
  }
  if (headers_) curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers_.get());
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(call.connect_timeout_millis));
  switch (call.method) {
    case HttpMethod::get:
      return;
    case HttpMethod::head:
      curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
      return;
    case HttpMethod::del:
      curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, "DELETE");
      return;
    case HttpMethod::put:
      curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
      curl_easy_setopt(handle, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(size_));
      break;
    case HttpMethod::post:
      curl_easy_setopt(handle, CURLOPT_POST, 1L);
      curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(size_));
      break;
  }
  curl_easy_setopt(handle, CURLOPT_READFUNCTION, give);
  curl_easy_setopt(handle, CURLOPT_READDATA, this);
  curl_easy_setopt(handle, CURLOPT_SEEKFUNCTION, seek);
  curl_easy_setopt(handle, CURLOPT_SEEKDATA, this);
}

bool is_unsendable(const HttpHeaders& headers) {
  constexpr std::string_view kEnds("\r\n\0", 3);
  return std::any_of(headers.begin(), headers.end(), [&](const auto& header) {
    const auto& [name, value] = header;
    return name.empty() || name.find_first_of(kEnds) != std::string::npos || name.find_first_of(": ;") != std::string::npos ||
           value.find_first_of(kEnds) != std::string::npos;
  });
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
