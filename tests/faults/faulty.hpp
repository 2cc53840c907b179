// Runs of the program under the shim, and what an archive holds in one text that can be compared.
#pragma once

#include <map>
#include <string>

#include "faults/classes.hpp"
#include "sync/e2e.hpp"

namespace chimplift::faults {

using e2e::Ended;
using e2e::Words;

/// An account so small that thousands of runs can be made, with pages, files and bodies; its archive is to be attacked.
class Victim : public e2e::Scene {
 public:
  explicit Victim(Words options = {"--only-steps", "templates,stored_files"});

  /// A run with these settings of the shim ("FAULTS_KILL=12"); beside them FAULTS_ROOT, FAULTS_COUNTS, FAULTS_TOLD.
  Ended attacked(const std::string& name, const Words& faults = {}) const;
  /// The same, ended with signal 9 after that time if it runs so long.
  Ended attacked_for(const std::string& name, std::chrono::milliseconds time) const;
  Ended clean(const std::string& name) const { return run(name, options_); }

  /// How many calls of the class the last attacked run made; Class::count: changes of files.
  [[nodiscard]] i64 calls(Class which) const;
  /// What the last attacked run was made to fail at first; "" where it came to no such call.
  [[nodiscard]] std::string told() const;
  [[nodiscard]] std::filesystem::path log() const { return folder() / "faults.log"; }

  /// All rows of all tables in order without `synced_at`, the name and sha256 of each file, each different body that Mailchimp sent, and
  /// the certificate without what tells of the run: equal for archives that hold the same, byte for byte.
  [[nodiscard]] std::string contents() const;
  /// "" where the archive opens, or is not there yet, and each page that its ledger names can be read; else what is wrong.
  [[nodiscard]] std::string damage() const;
  /// The ledger without a torn last line.
  [[nodiscard]] std::string ledger() const;
  /// Where the run ended because DuckDB cannot read its file any more: removes that file, as the message advises, and is true. DuckDB
  /// writes blocks of 256 kB in place, and a kill or a loss of power within such a write leaves half of one. The archive is the source of
  /// truth.
  [[nodiscard]] bool lost_its_tables(const Ended& ended) const;
  void forget() const { std::filesystem::remove_all(archive); }

 private:
  Words options_;
};

/// The first line in which the texts differ, "" where they do not.
std::string difference(const std::string& expected, const std::string& got);

}  // namespace chimplift::faults
