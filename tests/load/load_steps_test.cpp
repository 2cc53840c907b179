// Runs of some steps read others anew, for the ids in them: what becomes of those steps' tables.
#include <gtest/gtest.h>

#include "load/load.hpp"
#include "support/small_archive.hpp"
#include "sync/e2e_compare.hpp"
#include "warehouse/duckdb_warehouse.hpp"

namespace chimplift {
namespace {

struct Audiences : SmallArchive {
  using SmallArchive::SmallArchive;
  void read(const std::string& name) {
    archive->keep(RefreshEvent{{"lists"}, "now"});
    keep_whole({"lists", {}, 0}, R"({"lists":[{"id":"a","name":")" + name + R"("}],"total_items":1})");
  }
  /// As a run of this step does.
  void load(const std::string& step) {
    settings.selection = *Selection::of({}, {step});
    ASSERT_TRUE(archive->flush());
    const std::unique_ptr<Warehouse> warehouse = *open_duckdb({folder.path() / "tables.duckdb", 500'000'000, 1});
    Loader loader(*warehouse, settings);
    loader.add(*archive, nullptr);
    ASSERT_TRUE(loader.prepare());
    ASSERT_TRUE(loader.step());
    ASSERT_TRUE(loader.commit());
    ASSERT_TRUE(loader.finish());
  }
  [[nodiscard]] std::vector<std::string> names() const {
    return e2e::column_of(folder.path() / "tables.duckdb", "SELECT name FROM mailchimp.lists");
  }
};

/// Steps that are run one after another would leave the tables of the first ones behind the archive, with old values under the right keys.
TEST(LoadSteps, ATableThatWasLoadedBeforeGoesAlongWhereItsStreamIsReadForItsIds) {
  Audiences small("lists");
  small.read("one");
  small.load("lists");
  small.read("two");
  small.load("list_segments");
  EXPECT_EQ(small.names(), std::vector<std::string>{"two"});
  small.read("three");
  small.load("templates");
  EXPECT_EQ(small.names(), std::vector<std::string>{"two"}) << "which asks audiences for nothing";
}

TEST(LoadSteps, ATableThatNobodyChoseStaysEmpty) {
  Audiences small("list_segments");
  small.read("one");
  small.load("list_segments");
  EXPECT_EQ(small.names(), std::vector<std::string>());
  small.load("lists");
  EXPECT_EQ(small.names(), std::vector<std::string>{"one"});
}

}  // namespace
}  // namespace chimplift
