// An exception in a thread of the archive's (a bug, or memory that is lacking) is an error for whoever waits, and not the end of the
// program.
#include <gmock/gmock.h>

#include <atomic>
#include <new>
#include <stdexcept>

#include "archive/place.hpp"
#include "archive/s3_bucket.hpp"
#include "archive/samples.hpp"

namespace chimplift {
namespace {

using testing::HasSubstr;

TEST(Exceptions, AWriterWhoseCallbackThrowsStopsAsAFullDiskStopsIt) {
  FolderTestPlace place;
  const auto tree = place.tree();
  const auto archive = value_of_result(AccountArchive::open(*tree, "brand", false));
  archive->on_durable([] { throw std::runtime_error("no memory to post with"); });
  archive->keep(sample_page("members", 0, "{\"a\":1}"));
  Result<void> flushed = archive->flush();
  // The callback is called when all is durable: whoever waits may see that before the error.
  for (int tries = 0; tries < 1'000 && flushed; ++tries) {
    archive->keep(sample_page("members", 0, "{\"a\":1}"));
    flushed = archive->flush();
  }
  ASSERT_FALSE(flushed);
  EXPECT_EQ(flushed.error().kind, ErrorKind::internal);
  EXPECT_THAT(flushed.error().message, HasSubstr("no memory to post with"));
  EXPECT_TRUE(archive->error());
  archive->on_durable({});
}

TEST(Exceptions, WhatThrowsInOneOfABucketsThreadsComesOutWhereItWasAskedFor) {
  S3TestPlace place;
  AwsSettings aws = settings_of({{"AWS_ENDPOINT_URL_S3", place.server.url()},
                                 {"AWS_REGION", place.server.verifier.region},
                                 {"AWS_ACCESS_KEY_ID", place.server.verifier.keys.begin()->first},
                                 {"AWS_SECRET_ACCESS_KEY", place.server.verifier.keys.begin()->second.secret}});
  S3Settings s3;
  s3.bucket = standins::S3Server::kBucket;
  const std::shared_ptr<S3Bucket> bucket = value_of_result(S3Bucket::open(std::move(aws), std::move(s3)));
  const std::thread::id here = std::this_thread::get_id();
  // Every thread but this one throws; this one goes on until one of them has.
  std::atomic<bool> has_thrown = false;
  const auto call = [&](S3Client&, std::size_t) -> Result<void> {
    if (std::this_thread::get_id() == here) {
      has_thrown.wait(false);
      return {};
    }
    has_thrown = true;
    has_thrown.notify_all();
    throw std::bad_alloc();
  };
  EXPECT_THROW((void)bucket->each(1'000, call), std::bad_alloc);
  std::atomic<int> calls = 0;
  EXPECT_TRUE(bucket->each(20, [&calls](S3Client&, std::size_t) -> Result<void> {
    ++calls;
    return {};
  }));
  EXPECT_EQ(calls, 20);
}

}  // namespace
}  // namespace chimplift
