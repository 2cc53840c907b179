// An archive in a bucket (S3, or a server that speaks like it): the same tree as in a folder, but that what grows there is written here in
// pieces, each an object that is never changed.
#pragma once

#include <memory>
#include <string>

#include "archive/journal.hpp"
#include "archive/tree.hpp"
#include "aws/s3.hpp"
#include "aws/settings.hpp"

namespace chimplift {

struct S3ArchivePlace {
  AwsSettings aws;
  S3Settings s3;
  std::string prefix;  // "" or without a slash at its end
  // Until a killed run's lock is taken over by another machine.
  i64 lease_millis = 30'000;
  // A pod that is killed loses at most this; each commit costs two requests and more.
  Gathering gathering = {.millis = 5'000, .bytes = 16'000'000, .items = 2'000};
};

/// "s3://bucket/some/prefix/" as bucket and prefix. Error: usage, where it is not such an address.
Result<S3ArchivePlace> s3_place_of(std::string_view address);

/// Nothing is asked before it is needed. Errors: no region, no valid bucket name, an endpoint that is no address.
Result<std::shared_ptr<Tree>> s3_tree(S3ArchivePlace place);

}  // namespace chimplift
