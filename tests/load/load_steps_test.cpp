// Runs of some steps read others anew, for the ids in them: what becomes of those steps' tables.
#include <gtest/gtest.h>

#include "support/small_tables.hpp"
#include "sync/e2e_compare.hpp"

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
    load_small_tables(*this, folder.path() / "tables.duckdb");
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
