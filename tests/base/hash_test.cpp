#include "base/hash.hpp"

#include <gmock/gmock.h>

#include <random>
#include <set>

#include "support/chance.hpp"

namespace chimplift {
namespace {

// FIPS 180-4's examples.
TEST(Hash, Sha256KnowsTheKnownVectors) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256_hex(std::string(1'000'000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Hash, PiecesMakeTheSameAsTheWhole) {
  Sha256 hash;
  for (const char c : std::string_view("abc")) hash.update(std::string_view(&c, 1));
  hash.update("");
  Sha256 moved = std::move(hash);
  EXPECT_EQ(moved.hex(), sha256_hex("abc"));
}

TEST(Base64, KnowsTheKnownVectors) {
  const std::pair<std::string_view, std::string_view> vectors[] = {{"", ""},
                                                                   {"f", "Zg=="},
                                                                   {"fo", "Zm8="},
                                                                   {"foo", "Zm9v"},
                                                                   {"foob", "Zm9vYg=="},
                                                                   {"fooba", "Zm9vYmE="},
                                                                   {"foobar", "Zm9vYmFy"}};  // RFC 4648
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(base64(bytes), text);
    EXPECT_EQ(from_base64(text), bytes);
  }
}

TEST(Base64, AnyBytesComeBack) {
  const u64 seed = chosen_seed();
  SCOPED_TRACE("CHIMPLIFT_TEST_SEED=" + std::to_string(seed));
  std::mt19937 random(static_cast<unsigned>(seed));
  for (std::size_t size = 0; size < 600; ++size) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random() % 256);
    ASSERT_EQ(from_base64(base64(bytes)), bytes);
  }
}

TEST(Base64, WhatIsNotBase64IsNothing) {
  for (const std::string_view text :
       {"Zg", "Zg=", "Z===", "====", "Zm9v!mFy", "Zg==Zg==", "Zm9v\n\n\n\n", "    ", "Zm=v", "\xFF\xFF\xFF\xFF"}) {
    EXPECT_EQ(from_base64(text), std::nullopt) << text;
  }
}

TEST(RandomId, IsThirtyTwoHexDigitsAndNewEachTime) {
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = random_id();
    EXPECT_EQ(id.size(), 32U);
    EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_TRUE(ids.insert(id).second);
  }
}

}  // namespace
}  // namespace chimplift
