#include <gmock/gmock.h>

#include <fstream>

#include "aws/place.hpp"
#include "base/hash.hpp"
#include "support/chance.hpp"
#include "support/temporary_folder.hpp"

namespace chimplift {
namespace {

using testing::ElementsAre;

const char* const kOddKeys[] = {"a b+c&d=e%20?#;,:@!$'()*[]", "über/漢字/🙂", "a//b/", "%41", "~tilde/./x", "+", "a\\b\"c|d^e`f{g}<h>"};

template <typename T>
T get(Result<T> result) {
  return value_of_result(std::move(result));
}

std::vector<std::string> keys_below(S3Client& client, const std::string& prefix, const std::string& after = "") {
  std::vector<std::string> keys;
  const Result<void> listed = client.list(
      prefix,
      [&](const S3Object& object) {
        keys.push_back(object.key);
        return true;
      },
      after);
  if (!listed) throw std::runtime_error(listed.error().message);
  return keys;
}

void bytes_come_back(const S3Place& place) {
  AwsSession session(settings_of(place.variables));
  S3Client client = place.client(session);
  Chance chance;
  SCOPED_TRACE(chance.seed());
  for (const i64 size : {0, 1, 1000, 3'000'000}) {
    const std::string bytes = chance.bytes(size);
    const S3Written written = get(client.put("bytes/" + std::to_string(size), bytes));
    EXPECT_EQ(written.outcome, S3Outcome::written);
    EXPECT_NE(written.etag, "");
    EXPECT_TRUE(get(client.get("bytes/" + std::to_string(size))) == bytes);
    const S3Object object = get(client.head("bytes/" + std::to_string(size))).value();
    EXPECT_EQ(object.size, size);
    EXPECT_EQ(object.etag, written.etag);
    if (place.keeps_checksums) {
      EXPECT_EQ(object.sha256, sha256_hex(bytes));
    }
  }
}

void files_come_back_piece_by_piece(const S3Place& place) {
  AwsSession session(settings_of(place.variables));
  S3Client client = place.client(session);
  const TemporaryFolder folder;
  Chance chance;
  const std::string bytes = chance.bytes(17'000'000);  // three pieces
  std::ofstream(folder / "file", std::ios::binary) << bytes;
  EXPECT_EQ(get(client.put_file("file", S3File{folder / "file", static_cast<i64>(bytes.size()), sha256_hex(bytes)})).outcome,
            S3Outcome::written);
  std::string read;
  int pieces = 0;
  EXPECT_TRUE(get(client.read("file", [&](std::string_view piece) -> Result<void> {
    read += piece;
    ++pieces;
    return {};
  })));
  EXPECT_TRUE(read == bytes);
  EXPECT_EQ(pieces, 3);
  get(client.put("empty", ""));
  read.clear();
  EXPECT_TRUE(get(client.read("empty", [&](std::string_view piece) -> Result<void> {
    read += piece;
    return {};
  })));
  EXPECT_EQ(read, "");
  const Result<bool> refused = client.read("file", [](std::string_view) -> Result<void> { return fail(ErrorKind::gaps, "enough"); });
  EXPECT_EQ(refused.error().message, "enough");
}

void ranges_are_what_was_asked_for(const S3Place& place) {
  AwsSession session(settings_of(place.variables));
  S3Client client = place.client(session);
  get(client.put("range", "0123456789"));
  EXPECT_EQ(get(client.get_range("range", {0, 4})), "0123");
  EXPECT_EQ(get(client.get_range("range", {8, 4})), "89");
  EXPECT_EQ(get(client.get_range("range", {10, 4})), "");
  EXPECT_EQ(get(client.get_range("nothing", {0, 4})), std::nullopt);
}

void what_is_missing_is_none(const S3Place& place) {
  AwsSession session(settings_of(place.variables));
  S3Client client = place.client(session);
  EXPECT_EQ(get(client.get("nothing")), std::nullopt);
  EXPECT_FALSE(get(client.head("nothing")).has_value());
  EXPECT_FALSE(get(client.read("nothing", [](std::string_view) -> Result<void> { return {}; })));
  EXPECT_TRUE(client.remove("nothing").has_value());
  get(client.put("something", "x"));
  EXPECT_TRUE(client.remove("something").has_value());
  EXPECT_EQ(get(client.get("something")), std::nullopt);
  EXPECT_TRUE(client.check().has_value());
}

void keys_may_hold_anything(const S3Place& place) {
  AwsSession session(settings_of(place.variables));
  S3Client client = place.client(session);
  std::vector<std::string> wanted;
  for (const std::string key : kOddKeys) {
    get(client.put("odd/" + key, key));
    EXPECT_EQ(get(client.get("odd/" + key)), key);
    wanted.push_back("odd/" + key);
  }
  EXPECT_THAT(keys_below(client, "odd/"), testing::UnorderedElementsAreArray(wanted));
  EXPECT_THAT(keys_below(client, "odd/a b+c&d=e%20?#"), ElementsAre(std::string("odd/") + kOddKeys[0]));
}

void lists_have_everything_below_a_prefix_in_order(const S3Place& place) {
  AwsSession session(settings_of(place.variables));
  S3Client client = place.client(session);
  std::vector<std::string> wanted;
  for (int i = 10; i < 25; ++i) {
    wanted.push_back("list/" + std::to_string(i));
    get(client.put(wanted.back(), std::string(static_cast<std::size_t>(i), 'x')));
  }
  get(client.put("lis", "no"));
  get(client.put("listed", "no"));
  EXPECT_EQ(keys_below(client, "list/"), wanted);
  EXPECT_THAT(keys_below(client, "list/", "list/22"), ElementsAre("list/23", "list/24"));
  EXPECT_THAT(keys_below(client, "no/such/"), ElementsAre());
  std::vector<i64> sizes;
  get(client
          .list("list/",
                [&](const S3Object& object) {
                  sizes.push_back(object.size);
                  return sizes.size() < 3;
                })
          .map([] { return 0; }));
  EXPECT_THAT(sizes, ElementsAre(10, 11, 12));
}

void only_where_nothing_is(const S3Place& place) {
  if (!place.knows_conditions) return;
  AwsSession session(settings_of(place.variables));
  S3Client client = place.client(session);
  const S3Written first = get(client.put("once", "one", {.absent = true}));
  EXPECT_EQ(first.outcome, S3Outcome::written);
  const S3Written same = get(client.put("once", "one", {.absent = true}));
  EXPECT_EQ(same.outcome, S3Outcome::same);
  EXPECT_EQ(same.etag, first.etag);
  for (const char* other : {"two", "another length"}) {
    const S3Written refused = get(client.put("once", other, {.absent = true}));
    EXPECT_EQ(refused.outcome, S3Outcome::refused);
    EXPECT_EQ(refused.etag, first.etag);
  }
  EXPECT_EQ(get(client.get("once")), "one");
}

void only_where_this_is(const S3Place& place) {
  if (!place.knows_conditions) return;
  AwsSession session(settings_of(place.variables));
  S3Client client = place.client(session);
  const S3Written first = get(client.put("lock", "mine"));
  const S3Written second = get(client.put("lock", "still mine", {.etag = first.etag}));
  EXPECT_EQ(second.outcome, S3Outcome::written);
  const S3Written late = get(client.put("lock", "yours", {.etag = first.etag}));
  EXPECT_EQ(late.outcome, S3Outcome::refused);
  EXPECT_EQ(late.etag, second.etag);
  EXPECT_EQ(get(client.get("lock")), "still mine");
  EXPECT_TRUE(client.remove("lock").has_value());
  EXPECT_EQ(get(client.put("lock", "yours", {.etag = second.etag})).outcome, S3Outcome::refused);
}

}  // namespace

const std::vector<S3Promise>& s3_promises() {
  static const std::vector<S3Promise> promises = {
      {"BytesComeBack", bytes_come_back},
      {"FilesComeBackPieceByPiece", files_come_back_piece_by_piece},
      {"RangesAreWhatWasAskedFor", ranges_are_what_was_asked_for},
      {"WhatIsMissingIsNone", what_is_missing_is_none},
      {"KeysMayHoldAnything", keys_may_hold_anything},
      {"ListsHaveEverythingBelowAPrefixInOrder", lists_have_everything_below_a_prefix_in_order},
      {"OnlyWhereNothingIs", only_where_nothing_is},
      {"OnlyWhereThisIs", only_where_this_is},
  };
  return promises;
}

}  // namespace chimplift
