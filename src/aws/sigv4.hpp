// AWS Signature Version 4: what proves to AWS that a request comes from the holder of a key. docs/decisions/0005-our-own-sigv4.md says why
// it is ours.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/secret.hpp"
#include "base/types.hpp"
#include "net/call.hpp"

namespace chimplift {

struct AwsCredentials {
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token;       // empty: keys that do not expire have none
  i64 expires_at_micros = 0;  // 0: not known to expire
  std::string source;         // "profile prod", "web identity": for people
  bool operator==(const AwsCredentials&) const = default;
};

/// A request as its sender thinks of it: nothing is percent-encoded yet. How it goes over the wire and how it is signed both follow from
/// this, and so agree.
struct AwsRequest {
  HttpMethod method = HttpMethod::get;
  std::string endpoint;                                         // "https://bucket.s3.eu-central-1.amazonaws.com", or with a path behind it
  std::string path = "/";                                       // "/a key/with b+c"
  std::vector<std::pair<std::string, std::string>> query = {};  // in any order
  HttpHeaders headers = {};                                     // without Host, X-Amz-Date and what else signing adds
  std::string payload_sha256;                                   // hex; of the bytes that follow, "" where none do
};

struct AwsScope {
  std::string service;  // "s3", "secretsmanager", "sts"
  std::string region;
};

/// The URL to ask, percent-encoded. "" where the endpoint is not an http or https URL.
std::string url_of(const AwsRequest& request);

/// The request's headers with those that sign it: X-Amz-Date, X-Amz-Content-Sha256 (always), X-Amz-Security-Token, Authorization. Every
/// given header is signed. Good for 15 minutes around `now_micros`, so each try is signed anew.
HttpHeaders signed_headers(const AwsRequest& request, const AwsCredentials& credentials, const AwsScope& scope, i64 now_micros);

}  // namespace chimplift
