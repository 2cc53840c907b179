// Of an archive that was finished, one table is to be read anew: the pages of the others are as old as they were.
#include <gmock/gmock.h>

#include "in_process.hpp"

namespace chimplift::e2e {
namespace {

TEST(PartlyRefreshed, AllIsReadAnewWhereOnlyAPartWasBegun) {
  const Words steps = {"templates", "conversations"};
  const Scene scene;
  ASSERT_EQ(trouble_of(sync_in_process(scene, hurried(), false, steps)), "");
  const auto times_asked = [&scene](const std::string& path) { return scene.stats().by_path.at(path); };
  const auto templates = times_asked("/templates");
  const auto conversations = times_asked("/conversations");
  {
    // As `verify --source` notes a list that grew.
    const auto archive = *AccountArchive::open(*folder_tree(scene.archive), scene.account().name, false);
    archive->keep(RefreshEvent{{"conversations"}, "2026-11-23T10:12:00.000000Z"});
    ASSERT_TRUE(archive->flush());
  }
  EXPECT_EQ(trouble_of(sync_in_process(scene, hurried(), false, steps)), "");
  EXPECT_GT(times_asked("/conversations"), conversations);
  EXPECT_EQ(times_asked("/templates"), templates + 1);
}

}  // namespace
}  // namespace chimplift::e2e
