// S3 as far as chimplift needs it, and strict where S3 is: signatures, payload hashes, checksums, conditions, regions, clocks, owners.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "standins/http.hpp"
#include "standins/sigv4_check.hpp"

namespace chimplift::standins {

struct S3Thing {
  std::string bytes;
  std::string etag;
  std::string sha256_base64 = {};  // where it was put with x-amz-checksum-sha256
  std::string encryption = {};
  std::string kms_key = {};
  std::string content_type = {};
};

class S3Server {
 public:
  S3Server();

  Verifier verifier;  // set it before the first request
  std::string owner = "111122223333";
  std::string denied_kms_key = {};  // whose use is denied
  int page_size = 1000;             // of a list, at most
  bool keeps_checksums = true;
  bool knows_list = true;  // false: s3:ListBucket is denied
  /// Changes one of these, also where a thread that serves may look at it.
  template <typename Change>
  void change(const Change& change) {
    const std::lock_guard lock(mutex_);
    change(*this);
  }

  [[nodiscard]] std::string url() const { return server_.url(); }
  Server& server() { return server_; }
  [[nodiscard]] std::map<std::string, S3Thing> things() const;
  void put(const std::string& key, const std::string& bytes);
  void remove(const std::string& key);
  static constexpr const char* kBucket = "test-bucket";

 private:
  Answer handle(const Request& request);
  Answer handle_bucket(const Request& request);
  Answer put_object(const Request& request, const std::string& key);
  Answer get_object(const Request& request, const std::string& key);

  mutable std::mutex mutex_;
  std::map<std::string, S3Thing> things_;
  Server server_;
};

/// An error as S3 writes it.
Answer s3_error(int status, const std::string& code, const std::string& message, const std::string& more = "");

}  // namespace chimplift::standins
