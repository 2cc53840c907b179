// A load beside a run that is ahead of it: what it read of the archive is older than what the tables hold.
#include <gtest/gtest.h>

#include "load/load.hpp"
#include "support/small_tables.hpp"
#include "sync/e2e_compare.hpp"
#include "warehouse/duckdb_warehouse.hpp"

namespace chimplift {
namespace {

struct Audiences : SmallArchive {
  Audiences() : SmallArchive("lists") {}
  [[nodiscard]] std::filesystem::path tables() const { return folder.path() / "tables.duckdb"; }
  void read(const std::string& name) {
    keep_whole({"lists", {}, 0}, R"({"lists":[{"id":"a","name":")" + name + R"("}],"total_items":1})");
    ASSERT_TRUE(archive->flush());
  }
  [[nodiscard]] std::vector<std::string> names() const { return e2e::column_of(tables(), "SELECT name FROM mailchimp.lists"); }
  /// The error of a load of what was seen of the archive; nullopt where it goes well.
  [[nodiscard]] std::optional<ErrorKind> load(const AccountArchive& seen) const {
    const std::unique_ptr<Warehouse> warehouse = *open_duckdb({tables(), 500'000'000, 1});
    Loader loader(*warehouse, settings);
    loader.add(seen, nullptr);
    const auto steps = [&]() -> Result<void> {
      TRY(loader.prepare());
      TRY(loader.step());
      TRY(loader.commit());
      return loader.finish();
    };
    const Result<void> done = steps();
    return done ? std::nullopt : std::optional(done.error().kind);
  }
};

TEST(LoadBehind, PutsNoOlderRowsOverThoseOfARunThatIsAhead) {
  Audiences small;
  small.read("one");
  const std::unique_ptr<AccountArchive> seen = *AccountArchive::open_to_read(*small.settings.archive, "acme");
  small.read("two");
  ASSERT_EQ(small.load(*small.archive), std::nullopt);
  EXPECT_EQ(small.load(*seen), ErrorKind::busy);
  EXPECT_EQ(small.names(), std::vector<std::string>{"two"});
}

// As from a copy: nothing came since it was opened, and what the tables say that it had is not there.
TEST(LoadBehind, AnArchiveThatLostPagesIsLoadedAnew) {
  Audiences small;
  small.read("one");
  const std::filesystem::path ledger = small.folder.path() / "acme/ledger/ledger.ndjson";
  const std::string before = *read_file(ledger);
  small.read("two");
  ASSERT_EQ(small.load(*small.archive), std::nullopt);
  small.archive.reset();
  ASSERT_TRUE(write_file(ledger, before));
  const std::unique_ptr<AccountArchive> seen = *AccountArchive::open_to_read(*small.settings.archive, "acme");
  EXPECT_EQ(small.load(*seen), std::nullopt);
  EXPECT_EQ(small.names(), std::vector<std::string>{"one"});
}

}  // namespace
}  // namespace chimplift
