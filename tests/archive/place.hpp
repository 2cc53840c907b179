// A place for an archive that a test can look into behind the program's back: a folder, or a bucket of the S3 stand-in.
#pragma once

#include <fstream>
#include <memory>
#include <string>

#include "archive/folder_tree.hpp"
#include "archive/s3_tree.hpp"
#include "aws/place.hpp"
#include "base/files.hpp"
#include "standins/s3_server.hpp"
#include "support/temporary_folder.hpp"

namespace chimplift {

class ArchiveTestPlace {
 public:
  virtual ~ArchiveTestPlace() = default;
  /// As a new run sees it.
  virtual std::shared_ptr<Tree> tree() = 0;
  /// nullopt where there is nothing. Paths are below the archive's root.
  virtual std::optional<std::string> bytes(const std::string& path) = 0;
  virtual void put(const std::string& path, const std::string& bytes) = 0;
  virtual void remove(const std::string& path) = 0;
  /// Of the runs to come; nothing where a lock ends with its process.
  virtual void set_lease(i64 /*millis*/) {}
};

class FolderTestPlace final : public ArchiveTestPlace {
 public:
  std::shared_ptr<Tree> tree() override { return folder_tree(folder_.path()); }
  std::optional<std::string> bytes(const std::string& path) override {
    const Result<std::string> text = read_file(folder_ / path);
    return text ? std::optional(*text) : std::nullopt;
  }
  void put(const std::string& path, const std::string& bytes) override {
    std::filesystem::create_directories((folder_ / path).parent_path());
    std::ofstream(folder_ / path, std::ios::binary) << bytes;
  }
  void remove(const std::string& path) override { std::filesystem::remove(folder_ / path); }

 private:
  TemporaryFolder folder_;
};

class S3TestPlace final : public ArchiveTestPlace {
 public:
  /// Longer than any pause of a slow machine; short for who waits until the lock is written anew or taken over.
  explicit S3TestPlace(i64 lease_millis = 60'000) : lease_millis_(lease_millis) {}

  standins::S3Server server;
  Gathering gathering = {.millis = 20, .bytes = 1'000'000, .items = 100};
  int attempts = 4;

  std::shared_ptr<Tree> tree() override {
    S3ArchivePlace place;
    place.aws = settings_of({{"AWS_ENDPOINT_URL_S3", server.url()},
                             {"AWS_REGION", server.verifier.region},
                             {"AWS_ACCESS_KEY_ID", server.verifier.keys.begin()->first},
                             {"AWS_SECRET_ACCESS_KEY", server.verifier.keys.begin()->second.secret}});
    place.aws.attempts = attempts;
    place.s3.bucket = standins::S3Server::kBucket;
    place.prefix = "some/prefix";
    place.lease_millis = lease_millis_;
    place.gathering = gathering;
    return value_of_result(s3_tree(std::move(place)));
  }
  std::optional<std::string> bytes(const std::string& path) override {
    const auto things = server.things();
    const auto found = things.find("some/prefix/" + path);
    return found == things.end() ? std::nullopt : std::optional(found->second.bytes);
  }
  void put(const std::string& path, const std::string& bytes) override { server.put("some/prefix/" + path, bytes); }
  void remove(const std::string& path) override { server.remove("some/prefix/" + path); }
  void set_lease(i64 millis) override { lease_millis_ = millis; }

 private:
  i64 lease_millis_;
};

}  // namespace chimplift
