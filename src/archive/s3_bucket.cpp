#include "archive/s3_bucket.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <optional>
#include <thread>

namespace chimplift {
namespace {

// A put takes some 30 ms, nearly all of it waiting; downloads come at most 10 at a time.
constexpr std::size_t kThreads = 8;

}  // namespace

Result<std::shared_ptr<S3Bucket>> S3Bucket::open(AwsSettings aws, S3Settings settings) {
  std::shared_ptr<S3Bucket> bucket(new S3Bucket(std::move(aws), std::move(settings)));
  TRY_ASSIGN(std::unique_ptr<S3Client> first, bucket->take());  // so that wrong settings show at once
  bucket->give_back(std::move(first));
  return bucket;
}

Result<std::unique_ptr<S3Client>> S3Bucket::take() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<S3Client> client = std::move(idle_.back());
      idle_.pop_back();
      return client;
    }
  }
  TRY_ASSIGN(S3Client client, S3Client::make(session_, settings_));
  return std::make_unique<S3Client>(std::move(client));
}

void S3Bucket::give_back(std::unique_ptr<S3Client> client) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(client));
}

Result<void> S3Bucket::each(std::size_t count, const std::function<Result<void>(S3Client&, std::size_t)>& call) {
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::optional<Error> error;
  std::exception_ptr thrown;
  const auto work = [&]() noexcept {
    try {
      const Result<void> done = with([&](S3Client& client) -> Result<void> {
        for (std::size_t at = next++; at < count; at = next++) TRY(call(client, at));
        return {};
      });
      if (done) return;
      const std::lock_guard lock(mutex);
      if (!error) error = done.error();
    } catch (...) {  // it is the caller's to hear of, whichever thread it came up in
      const std::lock_guard lock(mutex);
      thrown = std::current_exception();
    }
    next = count;
  };
  std::vector<std::jthread> threads;
  for (std::size_t i = 1; i < std::min(count, kThreads); ++i) threads.emplace_back(work);
  work();
  threads.clear();  // waits for them
  if (thrown) std::rethrow_exception(thrown);
  if (error) return tl::unexpected(*error);
  return {};
}

}  // namespace chimplift
