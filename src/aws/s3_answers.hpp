// Reading what S3 answers.
#pragma once

#include <string>
#include <vector>

#include "aws/s3.hpp"
#include "aws/session.hpp"

namespace chimplift {

/// The object that the headers of GET or HEAD describe.
S3Object object_of(const std::string& key, const AwsAnswer& answer);

/// The 1234 of "bytes 0-99/1234".
Result<i64> total_of(const std::string& content_range);

struct S3ListPage {
  std::vector<S3Object> objects;
  std::string next;  // the token to go on with; "" at the end
};
/// Errors: temporary, where it is not a whole ListBucketResult.
Result<S3ListPage> list_page_of(const std::string& xml);

}  // namespace chimplift
