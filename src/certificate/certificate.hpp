// What verification found for one account, and what that means for whoever wants to close it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/types.hpp"
#include "inventory/account_identity.hpp"

namespace chimplift {

enum class Verdict { safe, safe_with_exceptions, not_safe, test_run };
/// As the certificate writes it: "safe to close", "safe to close, with exceptions", "not safe", "test run".
std::string_view name_of(Verdict verdict);
/// nullopt for what is none of these words: a later version may have others.
std::optional<Verdict> parse_verdict(std::string_view text);
/// True where nothing but exceptions is missing.
bool is_safe(Verdict verdict);

enum class StreamState { complete, excluded, not_permitted, gone, incomplete };
/// As the certificate writes it: "complete", "excluded", "not permitted", "gone", "incomplete".
std::string_view name_of(StreamState state);
std::optional<StreamState> parse_stream_state(std::string_view text);
/// True where all of the table's records that there were to read have been read.
bool is_well(StreamState state);

/// One table's line.
struct StreamLine {
  std::string table;
  std::string step;
  StreamState state = StreamState::incomplete;
  i64 units = 0;                // collections: one a parent and sweep
  std::optional<i64> expected;  // records, as Mailchimp's last totals say; nullopt where it gives none
  i64 pulled = 0;               // records of the last whole reading
  i64 duplicates = 0;           // of these, seen more than once
  i64 archived = 0;             // distinct keys among the archive's rows
  std::optional<i64> loaded;    // of these, in the warehouse's table; nullopt without a warehouse
  i64 misfits = 0;              // values kept in <column>__text
  i64 gone = 0;                 // of the collections, those whose parent was deleted while the run went on
};

/// One kind of file.
struct FileLine {
  std::string kind;
  i64 expected = 0;
  i64 fetched = 0;  // there, with the ledger's size and sha256
  i64 bytes = 0;    // of these
  i64 missing = 0;  // their server no longer has them
  i64 skipped = 0;  // links elsewhere that were not or could not be followed
};

/// Something that is not there: a gap, or an exception that a person may accept.
struct Finding {
  std::string stream;                                       // table; "" for the account as a whole
  std::vector<std::pair<std::string, std::string>> parent;  // column, id
  std::string file;                                         // id or address, for a file
  std::string reason;
  std::string command;                  // what would close a gap; "" for an exception
  std::vector<std::string> below = {};  // of a gap: tables that take their ids from it, and lack what is missing in it
  i64 more = 0;                         // how many things it stands for, where it is of those that are not named one by one
};

/// In words: "not fetched yet", or "and 1,234 more like this: not fetched yet".
std::string said_reason(const Finding& finding);
/// How many things these speak of.
i64 count_of(const std::vector<Finding>& findings);

/// Why a cross-check was not made where Mailchimp says none of its numbers: there is nothing to look at.
inline constexpr std::string_view kNothingToCompare = "there is nothing to compare";

enum class CheckOutcome { holds, differs_explained, fails, not_made };
/// As the certificate writes it: "holds", "differs, explained", "fails", "not made".
std::string_view name_of(CheckOutcome outcome);

/// One number that Mailchimp says in one place against what was read in another (src/mailchimp/cross_checks.hpp).
struct CrossCheckLine {
  /// A group whose two numbers are not the same.
  struct Example {
    std::vector<std::pair<std::string, std::string>> group;  // column, id: of the parents, or of a field such as folder_id
    i64 said = 0;
    i64 read = 0;
  };
  std::string name;                  // what agrees when it holds, in words
  std::vector<std::string> streams;  // tables: where it is said first, then where it was read
  std::string relation;              // "exact", "at least", "about", "owed"
  CheckOutcome outcome = CheckOutcome::not_made;
  i64 compared = 0;   // groups: one a parent or folder, or the account as a whole
  i64 equal = 0;      // of these
  i64 differing = 0;  // of these
  i64 not_made = 0;   // groups besides: their records could not be read
  i64 said = 0;       // sums over the groups compared
  i64 read = 0;
  std::vector<Example> examples;  // the largest differences, a few
  std::string explanation;        // why the two may differ; "" where they may not
  std::string reason;             // why it was not made, wholly or for some groups
};

/// All bytes of the archive in one sum (src/certificate/content.hpp).
struct ContentSum {
  std::string sha256;
  i64 files = 0;
  i64 bytes = 0;
};

/// What Mailchimp said when it was asked for its totals once more (src/verify/source_check.hpp).
struct SourceCheck {
  struct NotAsked {
    std::string reason;
    i64 collections = 0;
    std::vector<std::string> tables;
  };
  std::string asked_at;
  i64 asked = 0;   // collections
  i64 agreed = 0;  // of these, with the total of when they were read
  i64 grown = 0;   // something came in since: gaps
  i64 fewer = 0;   // something was deleted since: remarks
  i64 failed = 0;  // no total was given: gaps
  std::vector<NotAsked> not_asked;
  std::vector<Finding> remarks;
};

/// What a verification read that was not to read everything (--read-data-subset).
struct PartialReading {
  std::string part;  // as it was given: "10%", "3/10"
  i64 pages = 0;     // in the archive
  i64 pages_read = 0;
  i64 files = 0;
  i64 files_read = 0;
  i64 bytes = 0;  // of pages, compressed, and files
  i64 bytes_read = 0;
};

/// The option that makes a run one of some steps alone, as `limited_by` begins with it.
inline constexpr std::string_view kOnlySteps = "--only-steps";

struct Certificate {
  std::string account_name;
  MailchimpAccount mailchimp = {};
  Verdict verdict = Verdict::not_safe;
  std::string archive_id;
  std::string created_at;
  std::string pulled_from, pulled_to;  // when the first and the last page came
  std::string current_from = {};       // when the first page came of all that was not read anew since
  i64 pages = 0;
  i64 page_bytes = 0;    // in the archive, compressed
  i64 ledger_bytes = 0;  // the ledger only grows: where it is longer now, the archive has moved on
  std::optional<ContentSum> content;
  std::optional<PartialReading> partial;  // nullopt where all was read
  std::vector<std::string> limited_by;    // options that kept the run from being about everything: "--only-steps lists"
  // Tables of a certificate of more steps, whose place this one took because it has a gap: until all of them are verified once more, no
  // certificate of some steps alone takes that back.
  std::vector<std::string> replaced = {};
  std::vector<StreamLine> streams;
  std::vector<FileLine> files;
  std::vector<CrossCheckLine> cross_checks;
  std::optional<SourceCheck> source;  // nullopt where it was not asked
  std::vector<Finding> gaps;
  std::vector<Finding> exceptions;
};

/// The document that certificate.json holds (docs/certificate.md), with a line break at its end.
std::string to_json(const Certificate& certificate);

/// True where --only-steps chose what it speaks of. What --excluded-steps leaves out is an exception that its user wants.
bool is_of_some_steps(const Certificate& certificate);

/// The exit code's kind: nullopt for a verdict that is no failure.
std::optional<ErrorKind> failure_of(const Certificate& certificate);

}  // namespace chimplift
