#include "aws/s3.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "aws/content_type.hpp"
#include "aws/s3_answers.hpp"
#include "aws/session.hpp"
#include "base/hash.hpp"
#include "net/url.hpp"

namespace chimplift {
namespace {

constexpr i64 kLargestPut = 5LL * 1024 * 1024 * 1024;  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
constexpr i64 kPiece = 8 * 1024 * 1024;
constexpr i64 kErrorBytes = 1'000'000;  // room for an error's document where little is asked for
constexpr int kDamagedAnswers = 3;

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
bool is_bucket_name(const std::string& name) {
  const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return name.size() >= 3 && name.size() <= 63 && is_plain(name.front()) && is_plain(name.back()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return is_plain(c) || c == '-' || c == '.'; });
}

}  // namespace

struct S3Client::Upload {
  std::string_view bytes;
  const S3File* file = nullptr;  // in place of `bytes`
  std::string sha256;
  [[nodiscard]] i64 size() const { return file != nullptr ? file->size : static_cast<i64>(bytes.size()); }
};

Result<S3Client> S3Client::make(AwsSession& session, S3Settings settings) {
  if (!is_bucket_name(settings.bucket)) {
    return fail(ErrorKind::usage, fmt::format("\"{}\" is not the name of an S3 bucket", settings.bucket),
                "It has 3 to 63 small letters, digits, hyphens and dots, without s3:// and without a path.");
  }
  TRY_ASSIGN(const std::string region, region_of(session.settings()));
  std::string given = settings.endpoint.empty() ? endpoint_override(session.settings(), "S3") : settings.endpoint;
  const bool in_path = settings.path_style.value_or(!given.empty() || settings.bucket.find('.') != std::string::npos);
  settings.path_style = in_path;
  if (given.empty()) given = fmt::format("https://s3.{}.{}", region, domain_of(region));
  const std::optional<Url> url = parse_url(given);
  if (!url) return fail(ErrorKind::usage, "the S3 endpoint is not an http or https address: " + given, "Check AWS_ENDPOINT_URL_S3.");
  const std::string path = url->path == "/" ? "" : url->path;
  return S3Client(session, settings, region,
                  fmt::format("{}://{}{}:{}{}", url->scheme, in_path ? "" : settings.bucket + ".", url->host, url->port, path));
}

Result<S3Client> S3Client::make(const AwsSettings& aws, S3Settings settings) {
  auto session = std::make_unique<AwsSession>(aws);
  TRY_ASSIGN(S3Client client, make(*session, std::move(settings)));
  client.own_session_ = std::move(session);
  return client;
}

S3Client::S3Client(AwsSession& session, S3Settings settings, const std::string& region, std::string endpoint)
    : settings_(std::move(settings)),
      endpoint_(std::move(endpoint)),
      caller_(std::make_unique<AwsCaller>(session, AwsScope{"s3", region}, problem_of_xml)) {}
S3Client::S3Client(S3Client&&) noexcept = default;
S3Client& S3Client::operator=(S3Client&&) noexcept = default;
S3Client::~S3Client() = default;

std::string S3Client::name_of(const std::string& key) const { return fmt::format("s3://{}/{}", settings_.bucket, key); }
const std::string& S3Client::region() const { return caller_->scope().region; }

AwsCall S3Client::call(HttpMethod method, const std::string& key) const {
  AwsCall call;
  call.request.method = method;
  call.request.endpoint = endpoint_;
  call.request.path = (*settings_.path_style ? "/" + settings_.bucket + (key.empty() ? "" : "/") : "/") + key;
  if (!settings_.owner.empty()) call.request.headers = {{"x-amz-expected-bucket-owner", settings_.owner}};
  return call;
}

Result<std::optional<AwsAnswer>> S3Client::ask(const std::string& what, const std::string& key, const AwsCall& call) {
  if (key.empty()) return fail(ErrorKind::internal, "an object of S3 was asked for without its key");
  TRY_ASSIGN(AwsAnswer answer, caller_->send(call));
  if (answer.ok()) {
    bucket_was_seen_ = true;
    return std::optional(std::move(answer));
  }
  if (answer.problem.code == "NoSuchKey") return std::optional<AwsAnswer>();
  return tl::unexpected(error_of(fmt::format("cannot {} {}", what, name_of(key)), answer));
}

Result<S3Written> S3Client::put(const std::string& key, std::string_view bytes, const S3Condition& condition) {
  return upload(key, Upload{bytes, nullptr, sha256_hex(bytes)}, condition);
}

Result<S3Written> S3Client::put_file(const std::string& key, const S3File& file, const S3Condition& condition) {
  if (file.size > kLargestPut) {
    return fail(ErrorKind::destination, fmt::format("{} has {} bytes, and S3 takes at most 5 GiB at once", file.path.string(), file.size),
                "chimplift does not write objects in parts. Copy this file there by hand: aws s3 cp does.");
  }
  return upload(key, Upload{{}, &file, file.sha256}, condition);
}

Result<S3Written> S3Client::upload(const std::string& key, const Upload& content, const S3Condition& condition) {
  if (key.empty()) return fail(ErrorKind::internal, "an object of S3 was to be written without a key");
  AwsCall put = call(HttpMethod::put, key);
  put.request.payload_sha256 = content.sha256;
  put.wanted = {"etag"};
  HttpHeaders& headers = put.request.headers;
  headers.emplace_back("Content-Type", content.file != nullptr ? std::string(content_type_of(key)) : content_type_of(key, content.bytes));
  headers.emplace_back("x-amz-checksum-sha256", base64(from_hex(content.sha256)));
  if (condition.absent) headers.emplace_back("If-None-Match", "*");
  if (!condition.etag.empty()) headers.emplace_back("If-Match", condition.etag);
  if (settings_.encryption == S3Encryption::kms) {
    headers.emplace_back("x-amz-server-side-encryption", "aws:kms");
    if (!settings_.kms_key.empty()) headers.emplace_back("x-amz-server-side-encryption-aws-kms-key-id", settings_.kms_key);
  }
  if (content.file != nullptr) {
    put.file = FileBody{content.file->path, content.file->size};
  } else {
    put.body = content.bytes;
  }
  TRY_ASSIGN(const AwsAnswer answer, caller_->send(put));
  if (answer.ok()) {
    bucket_was_seen_ = true;
    return S3Written{S3Outcome::written, header_of(answer.response, "etag")};
  }
  if (answer.response.status == 412) return settle(key, content, answer);
  if (!condition.etag.empty() && answer.problem.code == "NoSuchKey") return S3Written{S3Outcome::refused, ""};
  return tl::unexpected(error_of("cannot write " + name_of(key), answer));
}

// The condition did not hold. That may be our own doing: a try before this one took effect, and its answer was lost.
Result<S3Written> S3Client::settle(const std::string& key, const Upload& content, const AwsAnswer& answer) {
  TRY_ASSIGN(const std::optional<S3Object> there, head(key));
  if (!there) return S3Written{S3Outcome::refused, ""};
  TRY_ASSIGN(const bool is_same, holds(key, *there, content));
  if (!is_same) return S3Written{S3Outcome::refused, there->etag};
  return S3Written{answer.may_have_acted ? S3Outcome::written : S3Outcome::same, there->etag};
}

Result<bool> S3Client::holds(const std::string& key, const S3Object& object, const Upload& content) {
  if (object.size != content.size()) return false;
  if (!object.sha256.empty()) return object.sha256 == content.sha256;
  Sha256 hash;
  TRY_ASSIGN(const bool is_there, read(key, [&](std::string_view piece) -> Result<void> {
               hash.update(piece);
               return {};
             }));
  return is_there && hash.hex() == content.sha256;
}

Result<std::optional<S3Object>> S3Client::head(const std::string& key) {
  AwsCall asked = call(HttpMethod::head, key);
  asked.request.headers.emplace_back("x-amz-checksum-mode", "ENABLED");
  asked.wanted = {"etag", "content-length", "x-amz-checksum-sha256"};
  if (key.empty()) return fail(ErrorKind::internal, "an object of S3 was asked for without its key");
  for (int attempt = 1;; ++attempt) {
    TRY_ASSIGN(const AwsAnswer answer, caller_->send(asked));
    if (answer.ok()) {
      bucket_was_seen_ = true;
      return std::optional(object_of(key, answer));
    }
    // The answer to HEAD has no body, so it does not say whether the bucket or the object is missing, nor what else is wrong.
    if (answer.response.status == 404) {
      if (!bucket_was_seen_) TRY(check());
      return std::optional<S3Object>();
    }
    if (answer.response.error != TransportError::none || answer.response.status >= 500 || attempt == 2)
      return tl::unexpected(error_of("cannot read " + name_of(key), answer));
    TRY_ASSIGN(const std::optional<std::string> first, get_range(key, {0, 1}));
    if (!first) return std::optional<S3Object>();
  }
}

Result<std::optional<std::string>> S3Client::get(const std::string& key, i64 max_bytes) {
  AwsCall asked = call(HttpMethod::get, key);
  asked.request.headers.emplace_back("x-amz-checksum-mode", "ENABLED");
  asked.wanted = {"etag", "content-length", "x-amz-checksum-sha256"};
  asked.max_bytes = max_bytes;
  for (int attempt = 1; attempt <= kDamagedAnswers; ++attempt) {
    TRY_ASSIGN(std::optional<AwsAnswer> answer, ask("read", key, asked));
    if (!answer) return std::optional<std::string>();
    const S3Object object = object_of(key, *answer);
    if (object.sha256.empty() || object.sha256 == sha256_hex(answer->response.body)) return std::optional(std::move(answer->response.body));
  }
  return fail(ErrorKind::temporary, fmt::format("{} comes with other bytes than S3 has the sha256 of", name_of(key)), "Run again.");
}

Result<std::optional<std::string>> S3Client::get_range(const std::string& key, const S3Range& range) {
  TRY_ASSIGN(const std::optional<Piece> piece, piece_of(key, range, ""));
  if (!piece) return std::optional<std::string>();
  return std::optional(piece->bytes);
}

Result<std::optional<S3Client::Piece>> S3Client::piece_of(const std::string& key, const S3Range& range, const std::string& etag) {
  AwsCall asked = call(HttpMethod::get, key);
  asked.request.headers.emplace_back("Range", fmt::format("bytes={}-{}", range.offset, range.offset + range.size - 1));
  if (!etag.empty()) asked.request.headers.emplace_back("If-Match", etag);
  asked.wanted = {"etag", "content-range"};
  asked.max_bytes = std::max(range.size, kErrorBytes);
  if (key.empty() || range.size <= 0 || range.offset < 0) return fail(ErrorKind::internal, "a range of S3 was asked for that is none");
  TRY_ASSIGN(AwsAnswer answer, caller_->send(asked));
  if (answer.response.status == 416) return std::optional(Piece{"", range.offset, ""});
  if (answer.response.status == 412)
    return fail(ErrorKind::temporary, name_of(key) + " was replaced while it was read", "Run again while nothing else writes there.");
  if (answer.problem.code == "NoSuchKey") return std::optional<Piece>();
  if (!answer.ok()) return tl::unexpected(error_of("cannot read " + name_of(key), answer));
  bucket_was_seen_ = true;
  std::string& body = answer.response.body;
  if (answer.response.status != 206) {  // the whole, from a server that knows no ranges
    const i64 whole = static_cast<i64>(body.size());
    const i64 from = std::min(range.offset, whole);
    return std::optional(Piece{body.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(range.size)), whole,
                               header_of(answer.response, "etag")});
  }
  TRY_ASSIGN(const i64 total, total_of(header_of(answer.response, "content-range")));
  if (static_cast<i64>(body.size()) != std::min(range.size, total - range.offset))
    return fail(ErrorKind::temporary, fmt::format("{}: the server sent another range than was asked for", name_of(key)));
  return std::optional(Piece{std::move(body), total, header_of(answer.response, "etag")});
}

Result<bool> S3Client::read(const std::string& key, const std::function<Result<void>(std::string_view)>& sink) {
  std::string etag;
  i64 offset = 0;
  for (i64 total = 1; offset < total;) {
    TRY_ASSIGN(const std::optional<Piece> piece, piece_of(key, {offset, kPiece}, etag));
    if (!piece && offset > 0) return fail(ErrorKind::temporary, name_of(key) + " was deleted while it was read");
    if (!piece) return false;
    if (piece->bytes.empty() && offset < piece->total) return fail(ErrorKind::temporary, name_of(key) + ": the server sent nothing");
    TRY(sink(piece->bytes));
    offset += static_cast<i64>(piece->bytes.size());
    total = piece->total;
    etag = piece->etag;
  }
  return true;
}

Result<void> S3Client::remove(const std::string& key) {
  TRY(ask("delete", key, call(HttpMethod::del, key)));
  return {};
}

}  // namespace chimplift
