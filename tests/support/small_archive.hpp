// An archive whose pages a test writes by hand.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "archive/folder_tree.hpp"
#include "mailchimp/catalogue.hpp"
#include "pull/collection.hpp"
#include "run/settings.hpp"
#include "support/temporary_folder.hpp"

namespace chimplift {

inline constexpr const char* kThen = "2026-11-23T19:22:05.000000Z";

class SmallArchive {
 public:
  explicit SmallArchive(const std::string& step) : settings{{}, *Selection::of({}, {step}), folder_tree(folder.path()), {}} { reopen(); }

  /// As another run of the program finds it.
  void reopen() {
    archive.reset();
    archive = *AccountArchive::open(*settings.archive, "acme", false);
  }
  void keep_page(const UnitId& unit, const std::string& body, int pass = 1, const Stretch& stretch = {0, 1000},
                 const std::string& received_at = kThen) {
    const PageContents contents = *read_page(body, shape_of(*find_stream(unit.stream)));
    PageToKeep page;
    page.record.unit = unit;
    page.record.pass = pass;
    page.record.offset = stretch.offset;
    page.record.count = stretch.count;
    page.record.records = contents.records;
    page.record.total = contents.total_items;
    page.record.received_at = received_at;
    page.envelope.stream = unit.stream;
    page.body = body;
    archive->keep(std::move(page));
  }
  /// A page whose body is no answer that could be taken for one.
  void keep_raw(const UnitId& unit, const std::string& body, i64 records) {
    PageToKeep page;
    page.record.unit = unit;
    page.record.records = records;
    page.record.received_at = kThen;
    page.envelope.stream = unit.stream;
    page.body = body;
    archive->keep(std::move(page));
  }
  void keep_end(const UnitId& unit, i64 records, std::optional<i64> distinct = {}, UnitState state = UnitState::complete) {
    archive->keep(EndRecord{unit, state, "", records, distinct.value_or(records), records, records, 1, false});
  }
  /// A collection of one page that was read to its end.
  void keep_whole(const UnitId& unit, const std::string& body) {
    keep_page(unit, body);
    const PageContents contents = *read_page(body, shape_of(*find_stream(unit.stream)));
    std::set<u64> keys(contents.key_hashes.begin(), contents.key_hashes.end());
    keep_end(unit, contents.records, static_cast<i64>(keys.size()));
  }

  TemporaryFolder folder;
  Settings settings;
  std::unique_ptr<AccountArchive> archive;
};

}  // namespace chimplift
