// What there must be: each page that is read says which collections, files and records of other lists it leads to.
#pragma once

#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "inventory/discovery.hpp"
#include "inventory/mentions.hpp"
#include "inventory/unit_set.hpp"
#include "verify/evidence.hpp"
#include "verify/findings.hpp"

namespace chimplift {

struct ExpectedFile {
  const Stream* stream;  // whose page names it
  WantedFile file;       // of a body, `content` is the sha256
  bool is_current;       // what an earlier reading said of it need not hold any more
};

class Expectations {
 public:
  /// A row of the table of files: kind, file_id, used_in, used_in_id.
  using Asset = std::array<std::string, 4>;

  /// Starts with the collections that need no page to be known. `evidence` and `findings` outlive this.
  Expectations(const Evidence& evidence, Findings& findings);

  /// Takes a page. What pages from before the last refresh led to need not be there any more: the account has changed since. Files that
  /// were had then stay, also where the archive has lost them since.
  void take(const Stream& stream, const PageRecord& page, std::string_view body);
  /// When every page was taken: what some record mentions and its own list does not have was to be asked for by its id. Of a damaged
  /// table nothing is expected for that: its gap stands already.
  void expect_unlisted(const std::set<std::string>& damaged_tables);
  /// False where no page of the stream leads to anything.
  bool leads_anywhere(const Stream& stream) { return discoverer_of(stream).leads_anywhere(); }

  /// Of each stream, by table.
  [[nodiscard]] const std::map<std::string, UnitSet>& units() const { return units_; }
  [[nodiscard]] const UnitSet& units_of(std::string_view table) const;
  /// True where a page that came behind it leads to what was taken for gone.
  [[nodiscard]] bool has_returned(const UnitId& unit) const { return returned_.contains(unit); }
  /// By kind and id.
  [[nodiscard]] const std::map<std::pair<std::string, std::string>, ExpectedFile>& files() const { return files_; }
  [[nodiscard]] const std::set<Asset>& assets() const { return assets_; }

 private:
  const Discoverer& discoverer_of(const Stream& stream);
  void note_lacking(const Stream& stream, const PageRecord& page, const Discovery& found);
  void take_files(const Stream& stream, bool is_current, std::vector<WantedFile> files);
  void expect_local_body(const Stream& stream, bool is_current, const WantedFile& body);
  void expect_file(const Stream& stream, bool is_current, WantedFile file);

  const Evidence* evidence_;
  Findings* findings_;
  bool makes_local_bodies_;
  std::map<const Stream*, Discoverer> discoverers_;
  std::map<std::string, UnitSet> units_;
  std::set<UnitId> returned_;
  Mentions mentions_;
  std::map<std::pair<std::string, std::string>, ExpectedFile> files_;
  std::set<std::pair<std::string, std::string>> without_address_;  // by table and id
  std::set<Asset> assets_;
};

}  // namespace chimplift
