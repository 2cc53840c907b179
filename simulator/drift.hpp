// Accounts that change while they are read: a layer between the generated world, which stays as it is, and what is served. A script says
// what happens before which requests; the collections and records that it touched are kept here, with all that they ever were.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/query.hpp"
#include "simulator/world.hpp"

namespace mailchimp_sim {

/// Rows come, change, move and go just before a page of their collection is given.
struct DriftPlan {
  u64 seed = 1;
  std::string path_contains = {};  // of the collections that change; empty: any
  int changes = 20;                // at most, in all
  int skip = 0;                    // lets that many pages of theirs pass first
  double probability = 0.5;        // that anything happens before a page
  int most_at_once = 3;
  std::vector<std::string> kinds = {"insert", "change", "delete", "move"};  // of these; also "rekey": as a delete and an insert at once
};

/// The record at a path is deleted, and all that hangs below it: whoever asks for that gets a 404.
struct Deletion {
  std::string path;              // canonical
  std::string before_path = {};  // just before a request whose path contains this is answered; empty: at once
  int skip = 0;                  // lets that many such requests pass first
};

/// The record at a path has another text in a field, at once and from then on.
struct Change {
  std::string path;  // canonical
  std::string field;
  std::string text;
};

/// What became of a row.
struct RowStory {
  enum class Fate { stayed, deleted, inserted };
  Fate fate = Fate::stayed;
  std::vector<Row> versions = {};  // each was served at some time, or could have been
  Parents parents = {};
};

class Drift {
 public:
  explicit Drift(const World& world);

  /// Throws std::invalid_argument for a kind that does not exist.
  void plant(DriftPlan plan);
  void plant(const Deletion& deletion);
  void plant(const Change& change);
  /// Drops what has not happened yet.
  void calm();

  /// Lets happen what the script wants to happen before this request is answered.
  void before(const Account& account, const std::string& path, const Target& target);
  /// As it is now; what it was stays whole for those who hold it. Null where there is none.
  [[nodiscard]] std::shared_ptr<const Collection> collection(const Account& account, const std::string& path) const;
  [[nodiscard]] std::shared_ptr<const std::string> record(const Account& account, const std::string& path) const;

  /// Table → the rows that it has or ever had.
  [[nodiscard]] std::map<std::string, std::vector<RowStory>> stories(const Account& account) const;
  /// How much happened.
  [[nodiscard]] int changes() const;

 private:
  /// A collection that was touched.
  struct Live {
    std::shared_ptr<const Collection> now;
    std::vector<std::size_t> story_of;  // of each row of `now`
    std::vector<RowStory> stories;
  };
  struct Touched {
    std::map<std::string, Live, std::less<>> live;                // by path
    std::set<std::string, std::less<>> gone;                      // paths of deleted records
    std::map<std::string, std::string, std::less<>> cloned_from;  // path of an inserted record → of the one that it is made after
  };
  struct Script {
    DriftPlan plan;
    Random random;
  };

  [[nodiscard]] const Touched* touched(const Account& account) const;
  [[nodiscard]] std::shared_ptr<const Collection> find(const Account& account, std::string_view path) const;
  [[nodiscard]] std::shared_ptr<const Collection> of_newcomer(const Account& account, std::string_view path) const;
  Live& touch(const Account& account, const Collection& collection);
  void happen(const Account& account, const Collection& collection, Script& script, const std::string& sort_field);
  void insert(const Account& account, Live& live, Random& random, std::size_t sort);
  void change(Live& live, Random& random);
  void remove(const Account& account, Live& live, std::size_t at);
  void remove_unnamed_reports(const Account& account, const Collection& campaigns);
  void move(Live& live, Random& random, std::size_t sort);
  void remove(const Account& account, const std::string& path);

  const World& world_;
  mutable std::mutex mutex_;
  std::vector<Script> scripts_;
  std::vector<Deletion> deletions_;
  std::map<const Account*, Touched> touched_;
  int changes_ = 0;
  i64 newcomers_ = 0;
};

// ---- rows

/// A row like this one under a key of its own: number `number` of all newcomers.
Row newcomer_like(const Row& row, i64 number);
/// The row with another value in a field that is neither part of a key nor names a parent.
Row changed(const Row& row, i64 number);
/// The row with that text in that field.
Row with_text(const Row& row, const std::string& field, const std::string& text);
/// The record as it is for a newcomer: values that were the old one's id are the new one's.
std::string with_id(const std::string& record, const std::string& old_id, const std::string& new_id);

}  // namespace mailchimp_sim
