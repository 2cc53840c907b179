// Every page of the archive, read once: its bytes are proven, and what it says goes to whoever compares or counts it.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "verify/cross_checker.hpp"
#include "verify/evidence.hpp"
#include "verify/expectations.hpp"
#include "verify/findings.hpp"
#include "verify/tables.hpp"

namespace chimplift {

class PageReading {
 public:
  /// Whom pages are handed to, and where their numbers go; all outlive this.
  struct Takers {
    Findings* findings;
    Expectations* expectations;
    CrossChecker* cross_checker;
    TableComparison* tables;
    PartialReading* part;  // what a verification of a part read
  };
  PageReading(const Evidence& evidence, const Takers& takers) : evidence_(&evidence), to_(takers) {}

  /// All pages of a stream; parents are read before their children. Error: interrupted, or an archive or a warehouse that nobody can
  /// look into now.
  Result<void> read(const Stream& stream, StreamLine& line);
  /// When it is known which records were to be asked for by their ids: one that its list has now counts once in the cross-checks.
  /// Error: nobody can look now.
  Result<void> check_unlisted();

  /// With a page that cannot be read, and was not read anew since.
  [[nodiscard]] const std::set<std::string>& damaged_tables() const { return damaged_tables_; }
  /// With a page that cannot be read.
  [[nodiscard]] const std::set<const Stream*>& unread() const { return unread_; }
  /// The files below the account's folder that pages were read from.
  [[nodiscard]] const std::set<std::string>& segments() const { return segments_; }
  /// Collections that may be right when they are read once more.
  [[nodiscard]] const std::set<CrossChecker::Doubt>& doubts() const { return doubts_; }

 private:
  Result<void> read_embedded(const Stream& stream, StreamLine& line);
  Result<void> note_damage(const Stream& stream, const PageRecord& page, const Error& error, StreamLine& line);
  bool count_into_part(const Stream& stream, const PageRecord& page);

  const Evidence* evidence_;
  Takers to_;
  std::vector<PageRecord> by_id_;  // pages of records that were asked for by their ids
  std::set<std::string> segments_;
  std::set<std::string> damaged_tables_;
  std::set<const Stream*> unread_;
  std::set<CrossChecker::Doubt> doubts_;
};

}  // namespace chimplift
