// The generated accounts: collections of rendered rows by path, single objects by path, and the bytes of files.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "simulator/options.hpp"

namespace mailchimp_sim {

/// Names and JSON texts of what a table's row needs to know beyond the record: the parents' ids.
using Parents = std::vector<std::pair<std::string, std::string>>;

struct Row {
  std::string json;                         // the record without _links
  std::string json_without_full = {};       // the record where the collection's `full_when` parameters are not all given; empty: the same
  std::string id = {};                      // for reads by id; as in the path, decoded
  std::string status = {};                  // for `status=`, and for what is hidden
  std::string type = {};                    // for `type=`
  std::vector<std::string> sort_keys = {};  // in the order of the collection's sort_names; compared as text
};

enum class Paging {
  offset,      // count and offset
  count_only,  // count, but offset is ignored
  all,         // both are ignored: all rows in one answer
  cursor,      // count and cursor, no total_items
};

struct Collection {
  std::string table;
  std::string path;
  std::string items_key;
  Parents parents = {};
  std::vector<Row> rows = {};
  std::string also = {};  // members beside the items, as JSON text that begins with a comma
  Paging paging = Paging::offset;
  bool has_total = true;
  i64 slow_above = 0;                             // a count above this times out; 0: none does
  std::vector<std::string> sort_names = {};       // what sort_field, since_… and before_… know
  std::vector<std::string> hidden_statuses = {};  // left out unless asked for: by `status=` or, where `include_flags`, by include_<status>
  bool include_flags = false;                     // and then total_items still counts without them
  std::vector<std::string> full_when = {};        // parameters that must be "true" for the whole record
  bool sweeps_type_user = false;                  // the truth is what `type=user` gives
  i64 version = 0;                                // grows with each change since the world was made
};

/// An endpoint that answers with one record.
struct Single {
  std::string table;
  std::string path;
  Parents parents = {};
  std::string json;
};

struct StoredFile {
  std::string kind;  // stored_files, stored_file_thumbnails, templates, campaign_images, sms_media, pictures
  std::string id;
  std::string url;
  std::string content_type;
  std::string bytes;
};

class Account {
 public:
  std::string name;
  std::string key;
  std::string server;
  std::map<std::string, Collection, std::less<>> collections = {};  // by canonical path
  std::map<std::string, Single, std::less<>> singles = {};
  std::map<std::string, StoredFile, std::less<>> files = {};  // by the path of the address

  Collection& add(Collection collection);
  void add(Single single);
  [[nodiscard]] const Collection* collection(std::string_view path) const;
  /// The text of the record at a path: a single one, or a row of a collection by its id. Null where there is none.
  [[nodiscard]] const std::string* record(std::string_view path) const;

 private:
  using Ids = std::map<std::string, std::size_t, std::less<>>;
  mutable std::mutex mutex_;
  mutable std::map<const Collection*, Ids> ids_;  // made when a collection is first asked for a row by id
};

class World {
 public:
  /// `files_base`: scheme, host and port under which files are served.
  World(const SimulatorOptions& options, const std::string& files_base);

  [[nodiscard]] const std::vector<std::unique_ptr<Account>>& accounts() const { return accounts_; }
  [[nodiscard]] i64 index_of(const Account& account) const;

 private:
  std::vector<std::unique_ptr<Account>> accounts_;
};

/// The listing of a member who has nothing of the kind: "tags", "notes", "events", "goals", "activity-feed". Null for other parts.
const Collection* empty_member_detail(std::string_view part);

/// "/lists/a%2Fb/members": the parts percent-encoded and joined, the one spelling under which paths are looked up.
std::string canonical_path(const std::vector<std::string>& parts);

}  // namespace mailchimp_sim
