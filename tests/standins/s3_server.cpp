#include "standins/s3_server.hpp"

#include <fmt/format.h>

#include <optional>
#include <set>

#include "base/hash.hpp"
#include "base/text.hpp"

namespace chimplift::standins {
namespace {

std::string etag_of(const std::string& bytes) { return "\"" + sha256_hex("etag" + bytes).substr(0, 32) + "\""; }

/// First and last byte of "bytes=5-9", within the size; nullopt where nothing of it is there.
std::optional<std::pair<std::size_t, std::size_t>> range_of(const std::string& header, std::size_t size) {
  const std::size_t dash = header.find('-');
  const std::string first = header.substr(6, dash - 6);
  const std::string last = header.substr(dash + 1);
  const std::size_t from = first.empty() ? size - std::min(size, std::stoul(last)) : std::stoul(first);
  const std::size_t to = last.empty() || first.empty() ? size - 1 : std::min(std::stoul(last), size - 1);
  if (size == 0 || from >= size || to < from) return std::nullopt;
  return std::pair(from, to);
}

}  // namespace

Answer s3_error(int status, const std::string& code, const std::string& message, const std::string& more) {
  return {status,
          fmt::format(
              "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{}</Code><Message>{}</Message>{}<RequestId>R</RequestId></Error>",
              code, escape_xml(message), more),
          {{"Content-Type", "application/xml"}}};
}

S3Server::S3Server()
    : verifier{"s3", "eu-central-1", {{"AKIDEXAMPLE", {"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}}}, 0},
      server_([this](const Request& request) { return handle(request); }) {}

std::map<std::string, S3Thing> S3Server::things() const {
  const std::lock_guard lock(mutex_);
  return things_;
}

void S3Server::put(const std::string& key, const std::string& bytes) {
  const std::lock_guard lock(mutex_);
  things_[key] = {bytes, etag_of(bytes)};
}

void S3Server::remove(const std::string& key) {
  const std::lock_guard lock(mutex_);
  things_.erase(key);
}

Answer S3Server::handle(const Request& request) {
  const std::lock_guard lock(mutex_);
  const Verifier::Refusal refusal = verifier.check(request);
  if (!refusal.code.empty()) {
    Answer answer = s3_error(refusal.status, refusal.code, refusal.message,
                             refusal.code == "AuthorizationHeaderMalformed" ? "<Region>" + verifier.region + "</Region>" : "");
    answer.headers.emplace_back("Date", http_date(verifier.now()));
    return answer;
  }
  // "bucket.host" or "/bucket".
  std::string path = decode(request.path);
  const std::string host = request.header("host");
  std::string bucket;
  if (host.starts_with("127.0.0.1") || host.starts_with("localhost")) {
    const std::size_t slash = path.find('/', 1);
    bucket = path.substr(1, slash == std::string::npos ? slash : slash - 1);
    path = slash == std::string::npos ? "/" : path.substr(slash);
  } else {
    bucket = host.substr(0, host.find('.'));
  }
  if (bucket != kBucket) return s3_error(404, "NoSuchBucket", "The specified bucket does not exist");
  const std::string expected = request.header("x-amz-expected-bucket-owner");
  if (!expected.empty() && expected != owner) return s3_error(403, "AccessDenied", "Access Denied");
  const std::string key = path.substr(1);
  if (key.empty()) return handle_bucket(request);
  if (request.method == "PUT") return put_object(request, key);
  if (request.method == "DELETE") {
    things_.erase(key);
    return {204};
  }
  if (request.method == "GET" || request.method == "HEAD") return get_object(request, key);
  return s3_error(501, "NotImplemented", "A header you provided implies functionality that is not implemented");
}

Answer S3Server::put_object(const Request& request, const std::string& key) {
  const auto there = things_.find(key);
  if (request.header("content-length").empty())
    return s3_error(411, "MissingContentLength", "You must provide the Content-Length HTTP header.");
  const std::string sum = request.header("x-amz-checksum-sha256");
  if (!sum.empty() && sum != base64(from_hex(sha256_hex(request.body))))
    return s3_error(400, "BadDigest", "The SHA256 you specified did not match what we received.");
  const std::string none = request.header("if-none-match");
  if (!none.empty() && none != "*") return s3_error(501, "NotImplemented", "If-None-Match");
  if (!none.empty() && there != things_.end())
    return s3_error(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold");
  const std::string match = request.header("if-match");
  if (!match.empty() && there == things_.end()) return s3_error(404, "NoSuchKey", "The specified key does not exist.");
  if (!match.empty() && match != there->second.etag)
    return s3_error(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold");
  const std::string encryption = request.header("x-amz-server-side-encryption");
  const std::string kms = request.header("x-amz-server-side-encryption-aws-kms-key-id");
  if (!encryption.empty() && encryption != "AES256" && encryption != "aws:kms") return s3_error(400, "InvalidArgument", "encryption");
  if (!kms.empty() && encryption != "aws:kms") return s3_error(400, "InvalidArgument", "a KMS key without aws:kms");
  if (!kms.empty() && kms == denied_kms_key)
    return s3_error(403, "AccessDenied", "User: arn:aws:sts::1:r is not authorized to perform: kms:GenerateDataKey on the resource");
  if (kms == "missing") return s3_error(400, "KMS.NotFoundException", "Key 'missing' does not exist");
  things_[key] = {request.body, etag_of(request.body), keeps_checksums ? sum : "", encryption, kms, request.header("content-type")};
  return {200, "", {{"ETag", etag_of(request.body)}}};
}

Answer S3Server::get_object(const Request& request, const std::string& key) {
  const auto there = things_.find(key);
  if (there == things_.end()) return s3_error(404, "NoSuchKey", "The specified key does not exist.", "<Key>" + escape_xml(key) + "</Key>");
  const S3Thing& thing = there->second;
  const std::string match = request.header("if-match");
  if (!match.empty() && match != thing.etag)
    return s3_error(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold");
  Answer answer{200, thing.bytes, {{"ETag", thing.etag}, {"Last-Modified", http_date(0)}, {"Accept-Ranges", "bytes"}}};
  const std::string range = request.header("range");
  if (!range.empty()) {
    const auto bytes = range_of(range, thing.bytes.size());
    if (!bytes) return s3_error(416, "InvalidRange", "The requested range is not satisfiable");
    answer.status = 206;
    answer.body = thing.bytes.substr(bytes->first, bytes->second - bytes->first + 1);
    answer.headers.emplace_back("Content-Range", fmt::format("bytes {}-{}/{}", bytes->first, bytes->second, thing.bytes.size()));
  } else if (request.header("x-amz-checksum-mode") == "ENABLED" && !thing.sha256_base64.empty()) {
    answer.headers.emplace_back("x-amz-checksum-sha256", thing.sha256_base64);
  }
  return answer;
}

Answer S3Server::handle_bucket(const Request& request) {
  if (!knows_list) return s3_error(403, "AccessDenied", "User: arn:aws:sts::1:r is not authorized to perform: s3:ListBucket");
  if (request.method == "HEAD") return {200, "", {{"x-amz-bucket-region", verifier.region}}};
  if (request.method != "GET" || request.parameter("list-type") != "2") return s3_error(501, "NotImplemented", "only lists of version 2");
  const std::string prefix = request.parameter("prefix");
  const std::string delimiter = request.parameter("delimiter");
  const std::string token = request.parameter("continuation-token");
  const std::string after = token.empty() ? request.parameter("start-after") : from_hex(token);
  const bool is_encoded = request.parameter("encoding-type") == "url";
  const int most = request.has_parameter("max-keys") ? std::min(page_size, std::stoi(request.parameter("max-keys"))) : page_size;
  const auto written = [&](const std::string& key) {
    std::string text = is_encoded ? encode(key) : escape_xml(key);
    for (std::size_t at = 0; is_encoded && (at = text.find("%20", at)) != std::string::npos;) text.replace(at, 3, "+");
    return text;
  };
  std::string contents;
  std::set<std::string> folders;
  std::string last;
  int count = 0;
  bool is_truncated = false;
  for (const auto& [key, thing] : things_) {
    if (key <= after || !key.starts_with(prefix)) continue;
    const std::size_t end = delimiter.empty() ? std::string::npos : key.find(delimiter, prefix.size());
    const std::string folder = end == std::string::npos ? "" : key.substr(0, end + delimiter.size());
    if (!folder.empty() && (folders.contains(folder) || after.starts_with(folder))) continue;
    if (count == most) {
      is_truncated = true;
      break;
    }
    ++count;
    last = folder.empty() ? key : folder + "\xFF";
    if (!folder.empty()) {
      folders.insert(folder);
      continue;
    }
    contents += fmt::format(
        "<Contents><Key>{}</Key><LastModified>2026-11-23T00:00:00.000Z</LastModified><ETag>{}</ETag><Size>{}</Size><StorageClass>STANDARD</"
        "StorageClass></Contents>",
        written(key), escape_xml(thing.etag), thing.bytes.size());
  }
  for (const std::string& folder : folders) contents += "<CommonPrefixes><Prefix>" + written(folder) + "</Prefix></CommonPrefixes>";
  return {
      200,
      fmt::format(
          "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>{}</Name>"
          "<Prefix>{}</Prefix><KeyCount>{}</KeyCount><MaxKeys>{}</MaxKeys>{}<IsTruncated>{}</IsTruncated>{}{}</ListBucketResult>",
          kBucket, written(prefix), count, most, is_encoded ? "<EncodingType>url</EncodingType>" : "", is_truncated,
          is_truncated ? "<NextContinuationToken>" + to_hex(last) + "</NextContinuationToken>" : "", contents),
      {{"Content-Type", "application/xml"}}};
}

}  // namespace chimplift::standins
