// One bucket on S3, or on a server that speaks like it. Blocking; one client a thread, any number of clients on one AwsSession.
// What may pass (5xx, SlowDown, cut connections, …) was tried again before an error comes out of here. Errors are of kind permission,
// temporary, destination (the bucket, the region, the address, what S3 refuses), usage (a setting) or interrupted.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/types.hpp"

namespace chimplift {

class AwsSession;
struct AwsSettings;
class AwsCaller;
struct AwsCall;
struct AwsAnswer;
enum class HttpMethod;

enum class S3Encryption { by_bucket, kms };

struct S3Settings {
  std::string bucket;
  std::string endpoint = {};            // "": AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS's own
  std::optional<bool> path_style = {};  // bucket in the path; not said: with an endpoint, or where its name would be no host's name
  S3Encryption encryption = S3Encryption::by_bucket;
  std::string kms_key = {};  // id or ARN; "" with kms: the account's own key for S3
  std::string owner = {};    // 12 digits: S3 then refuses a bucket of another account
};

struct S3Object {
  std::string key;
  i64 size = 0;
  std::string etag;         // with its quotes, as S3 gives it
  std::string sha256 = {};  // hex; "" where S3 does not keep it (put elsewhere, or in parts); never in lists
};

/// When a put is to take effect.
struct S3Condition {
  bool absent = false;    // only where nothing has that key (If-None-Match: *)
  std::string etag = {};  // only where this is there (If-Match)
};

enum class S3Outcome {
  written,  // this is there now
  same,     // the same bytes were there already, and the condition did not hold: as good as written
  refused,  // the condition did not hold, and what is there is something else, or nothing
};

struct S3Written {
  S3Outcome outcome = S3Outcome::written;
  std::string etag;  // of what is there now; "" where that is nothing
};

struct S3File {
  std::filesystem::path path;
  i64 size = 0;
  std::string sha256;  // hex
};

/// A byte range: `size` bytes from `offset`.
struct S3Range {
  i64 offset = 0;
  i64 size = 0;
};

class S3Client {
 public:
  /// Errors: no region, no valid bucket name, an endpoint that is no address.
  static Result<S3Client> make(AwsSession& session, S3Settings settings);
  /// The same with a session of its own, for callers that need one client only. Errors: the same.
  static Result<S3Client> make(const AwsSettings& aws, S3Settings settings);
  S3Client(S3Client&&) noexcept;
  S3Client& operator=(S3Client&&) noexcept;
  ~S3Client();

  /// Writes bytes under a key, which S3 serves as what the key's extension says. S3 checks their sha256 before it keeps them. A put that
  /// was answered by nobody is sent again; where a condition then fails because the first try had taken effect, that is found out by
  /// comparing, and is `written`.
  Result<S3Written> put(const std::string& key, std::string_view bytes, const S3Condition& condition = {});
  /// The same from a file, which is not read into memory. At most 5 GiB, S3's own limit for one request; larger is an error.
  Result<S3Written> put_file(const std::string& key, const S3File& file, const S3Condition& condition = {});

  /// The object's bytes; nullopt where there is none. Checked against the sha256 that S3 keeps. Errors: more than `max_bytes`.
  Result<std::optional<std::string>> get(const std::string& key, i64 max_bytes = 256'000'000);
  /// Some of its bytes; fewer where it ends before, none where it ends before `offset`.
  Result<std::optional<std::string>> get_range(const std::string& key, const S3Range& range);
  /// Hands out the whole object piece by piece, each byte once and in order, in bounded memory; false where there is none. An object that
  /// is replaced meanwhile is an error (temporary); an error of the sink's ends it.
  Result<bool> read(const std::string& key, const std::function<Result<void>(std::string_view)>& sink);
  Result<std::optional<S3Object>> head(const std::string& key);
  /// Every object whose key begins with the prefix, in the order of their keys (UTF-8 bytes), until `visit` returns false. Objects that
  /// come or go meanwhile may be missing.
  Result<void> list(const std::string& prefix, const std::function<bool(const S3Object&)>& visit, const std::string& after = {});
  /// Whether it was there or not, it is not there afterwards.
  Result<void> remove(const std::string& key);
  /// One request that finds out whether the bucket is there, in this region, and may be listed.
  Result<void> check();

  /// "s3://bucket/key", for people.
  [[nodiscard]] std::string name_of(const std::string& key) const;
  [[nodiscard]] const std::string& region() const;

 private:
  struct Upload;
  struct Piece {
    std::string bytes;
    i64 total = 0;  // of the object
    std::string etag;
  };
  S3Client(AwsSession& session, S3Settings settings, const std::string& region, std::string endpoint);
  [[nodiscard]] AwsCall call(HttpMethod method, const std::string& key) const;
  Result<std::optional<AwsAnswer>> ask(const std::string& what, const std::string& key, const AwsCall& call);
  Result<S3Written> upload(const std::string& key, const Upload& content, const S3Condition& condition);
  Result<S3Written> settle(const std::string& key, const Upload& content, const AwsAnswer& answer);
  Result<bool> holds(const std::string& key, const S3Object& object, const Upload& content);
  Result<std::optional<Piece>> piece_of(const std::string& key, const S3Range& range, const std::string& etag);
  Error error_of(const std::string& what, const AwsAnswer& answer);
  bool is_another_owners();

  S3Settings settings_;
  std::string endpoint_;  // the bucket's, or with path style the server's
  bool bucket_was_seen_ = false;
  std::unique_ptr<AwsSession> own_session_;  // where it has one; outlives the caller
  std::unique_ptr<AwsCaller> caller_;
};

}  // namespace chimplift
