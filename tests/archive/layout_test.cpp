#include "archive/layout.hpp"

#include <gmock/gmock.h>

#include <map>
#include <random>

#include "archive/account_archive.hpp"
#include "archive/folder_tree.hpp"
#include "support/chance.hpp"
#include "support/temporary_folder.hpp"

namespace chimplift {
namespace {

using testing::HasSubstr;

TEST(SafeName, KeepsPlainNamesAndEncodesTheRest) {
  EXPECT_EQ(safe_name("Brand_1-a.b"), "Brand_1-a.b");
  EXPECT_EQ(safe_name(""), "%");
  EXPECT_EQ(safe_name("."), "%2E");
  EXPECT_EQ(safe_name(".."), "%2E.");
  EXPECT_EQ(safe_name(".hidden"), "%2Ehidden");
  EXPECT_EQ(safe_name("../../etc"), "%2E.%2F..%2Fetc");
  EXPECT_EQ(safe_name("a/b"), "a%2Fb");
  EXPECT_EQ(safe_name("%2F"), "%252F");
  EXPECT_EQ(safe_name("\xF0\x9F\x90\xB5"), "%F0%9F%90%B5");
  EXPECT_EQ(safe_name(std::string_view("a\0b\n~", 5)), "a%00b%0A%7E");
}

TEST(SafeName, IsOneHarmlessFolderAndDifferentForDifferentNames) {
  const u64 seed = chosen_seed();
  SCOPED_TRACE("CHIMPLIFT_TEST_SEED=" + std::to_string(seed));
  std::mt19937 random(static_cast<unsigned>(seed));
  std::map<std::string, std::string> names;
  for (int i = 0; i < 20'000; ++i) {
    std::string name(i % 50 == 0 ? 250 + random() % 60 : random() % 6, '\0');
    for (char& c : name) c = std::string_view("./%~aA2E\xF0\0-", 12)[random() % 12];
    const std::string safe = safe_name(name);
    ASSERT_LE(safe.size(), 180U);
    ASSERT_FALSE(safe.empty() || safe[0] == '.' || safe.find('/') != std::string::npos);
    const auto [found, is_new] = names.emplace(safe, name);
    ASSERT_TRUE(is_new || found->second == name);
  }
  EXPECT_NE(safe_name(std::string(300, 'a')), safe_name(std::string(301, 'a')));
}

TEST(ExtensionOf, IsShortPlainAndLowerCase) {
  const std::pair<const char*, const char*> cases[] = {{"photo.PNG", "png"},
                                                       {"a.b.jpeg", "jpeg"},
                                                       {"https://x/a.gif?b=c.png#d.e", "gif"},
                                                       {"x", ""},
                                                       {"", ""},
                                                       {".png", "png"},
                                                       {"a.", ""},
                                                       {"a.b/c", ""},
                                                       {"a.toolongext", ""},
                                                       {"a.p/../g", ""},
                                                       {"a.p n", ""},
                                                       {"a.\xF0\x9F\x90\xB5", ""},
                                                       {"../../x.html", "html"},
                                                       {"a.tar.gz", "gz"}};
  for (const auto& [name, extension] : cases) EXPECT_EQ(extension_of(name), extension) << name;
}

TEST(ArchiveFolder, OnlyOneOfOursAndOfAKnownVersionIsOpened) {
  const std::pair<const char*, const char*> cases[] = {{R"({"format": "chimplift archive", "version": 2})", "version 2"},
                                                       {R"({"format": "chimplift archive", "version": 4294967297})", "version 4294967297"},
                                                       {R"({"format": "chimplift archive", "version": 0})", "not the file"},
                                                       {R"({"format": "chimplift archive", "version": "1"})", "not the file"},
                                                       {R"({"format": "chimplift archive"})", "not the file"},
                                                       {R"({"format": 3, "version": 1})", "not the file"},
                                                       {R"({"format": "other", "version": 1})", "not the file"},
                                                       {"[]", "not the file"},
                                                       {"", "not the file"},
                                                       {"\xFF", "not the file"}};
  for (const auto& [text, message] : cases) {
    const TemporaryFolder folder;
    ASSERT_TRUE(write_file(folder / "archive.json", text));
    for (const bool writes : {true, false}) {
      const auto archive = writes ? AccountArchive::open(*folder_tree(folder.path()), "brand", false)
                                  : AccountArchive::open_to_read(*folder_tree(folder.path()), "brand");
      ASSERT_FALSE(archive) << text;
      EXPECT_EQ(archive.error().kind, ErrorKind::archive) << text;
      EXPECT_THAT(archive.error().message, HasSubstr(message));
    }
    EXPECT_EQ(read_file(folder / "archive.json"), text) << "untouched";
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1) << "nothing was made beside it";
  }
}

TEST(ArchiveFolder, WhatIsNotThereIsNotMadeByReading) {
  const TemporaryFolder folder;
  EXPECT_EQ(AccountArchive::open_to_read(*folder_tree(folder / "none"), "brand").error().kind, ErrorKind::destination);
  EXPECT_FALSE(std::filesystem::exists(folder / "none"));
  ASSERT_TRUE(AccountArchive::open(*folder_tree(folder / "made"), "brand", true));
  EXPECT_TRUE((*AccountArchive::open_to_read(*folder_tree(folder / "made"), "brand"))->about().test);
  EXPECT_EQ(AccountArchive::open_to_read(*folder_tree(folder / "made"), "other").error().kind, ErrorKind::destination);
}

}  // namespace
}  // namespace chimplift
