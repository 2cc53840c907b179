// What the tables and the files hold against what the simulator says that they must hold: every row, key and value, every byte, and nothing
// else.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "e2e.hpp"

namespace chimplift::e2e {

/// Table → its rows as JSON texts, column → value as text, without NULLs; sorted.
using Tables = std::map<std::string, std::vector<std::string>>;

/// The rows of one account as they are. What is ours (`synced_at`, `row_hash`, where files are, the table `assets`) is left
/// out unless `with_own`.
Tables tables_in(const std::filesystem::path& duckdb, const std::string& account, bool with_own = false);

/// Streams of the catalogue whose step is none of these.
std::vector<std::string> tables_without(const Words& steps);

/// The rows that the account's tables must hold, in the types that the tables have: values that fit no column stand in <column>__text.
Tables expected_tables(const mailchimp_sim::Account& account, const std::filesystem::path& duckdb);

/// Path below files/ → sha256. The extension of what was fetched is not known beforehand, and left out.
std::map<std::string, std::string> expected_files(const mailchimp_sim::Account& account);
std::map<std::string, std::string> files_in(const std::filesystem::path& account_folder);

/// What became of the rows of an account, of all streams that were not excluded, that changed while it was read. Rows that came meanwhile,
/// and those that went, may be there or not.
struct Tally {
  i64 right = 0;
  Words lost = {};        // there throughout, and not in the table in any version
  Words duplicated = {};  // one row of the account, and several of the table
  Words unexpected = {};  // a row of the table that the account never had
  [[nodiscard]] bool is_whole() const { return lost.empty() && duplicated.empty() && unexpected.empty(); }
};
/// With `only`, of these steps' streams.
Tally classify(const Scene& scene, std::size_t account = 0, const Words& only = {});
std::string to_text(const Tally& tally);

/// Compares tables, and says of the first rows that differ how.
void expect_equal(const Tables& expected, const Tables& got, const std::string& what);

/// The catalogue's steps that are none of these.
Words steps_but(const Words& chosen);

/// Every row, key, value and file of every account; `without`: steps whose tables must be empty. Of files those of the other steps, but for
/// images, which records of several steps name.
void expect_truth(const Scene& scene, const std::filesystem::path& duckdb, const Words& without = {});
void expect_truth(const Scene& scene, const Words& without = {});
void expect_account_truth(const Scene& scene, std::size_t account, const std::filesystem::path& duckdb, const Words& without = {});

/// For an account that was read whole into a scene without tables: loads those of these steps, which takes a fraction of all, and holds
/// their rows, and every file, to what the account holds.
void expect_truth_of(const Scene& scene, const Words& steps);

/// An open file, for many questions: opening one with all tables takes longer than most answers. No program may use it meanwhile.
class Sql {
 public:
  explicit Sql(const std::filesystem::path& duckdb);
  ~Sql();
  Sql(const Sql&) = delete;
  Sql& operator=(const Sql&) = delete;
  /// Rows of the query's one column, as text.
  [[nodiscard]] std::vector<std::string> column(const std::string& sql) const;

 private:
  struct Open;
  std::unique_ptr<Open> open_;
};

/// Rows of the query's one column, as text.
std::vector<std::string> column_of(const std::filesystem::path& duckdb, const std::string& sql);
void execute(const std::filesystem::path& duckdb, const std::string& sql);

}  // namespace chimplift::e2e
