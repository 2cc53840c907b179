// A bucket as several threads use it: a client a thread, kept for the next one. Only the S3 half of this layer includes this.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "aws/s3.hpp"
#include "aws/session.hpp"

namespace chimplift {

class S3Bucket {
 public:
  /// Errors: as S3Client::make.
  static Result<std::shared_ptr<S3Bucket>> open(AwsSettings aws, S3Settings settings);

  /// Calls it with a client that no other thread uses meanwhile.
  template <typename Call>
  auto with(const Call& call) -> decltype(call(std::declval<S3Client&>())) {
    Result<std::unique_ptr<S3Client>> client = take();
    if (!client) return tl::unexpected<Error>(std::move(client).error());
    auto result = call(**client);
    give_back(std::move(*client));
    return result;
  }
  /// Calls it for each number from 0 to count-1, several at a time, and stops at the first error or exception, which comes out here.
  Result<void> each(std::size_t count, const std::function<Result<void>(S3Client&, std::size_t)>& call);

 private:
  S3Bucket(AwsSettings aws, S3Settings settings) : session_(std::move(aws)), settings_(std::move(settings)) {}
  Result<std::unique_ptr<S3Client>> take();
  void give_back(std::unique_ptr<S3Client> client);

  AwsSession session_;
  S3Settings settings_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<S3Client>> idle_;
};

}  // namespace chimplift
