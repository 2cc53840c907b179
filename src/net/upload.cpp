#include "net/upload.hpp"

#include <algorithm>
#include <cstring>

#include "net/curl_option.hpp"

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
  set(handle, CURLOPT_READFUNCTION, give);
  set(handle, CURLOPT_READDATA, this);
  set(handle, CURLOPT_SEEKFUNCTION, seek);
  set(handle, CURLOPT_SEEKDATA, this);
}

}  // namespace chimplift
