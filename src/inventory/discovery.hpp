// What a page leads to: the ids whose children are to be read, and the files that its records speak of. Pull and verify both ask here, so
// that what is fetched and what is expected cannot drift apart.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "archive/ledger.hpp"
#include "mailchimp/stream.hpp"
#include "rows/page.hpp"
#include "run/selection.hpp"

namespace chimplift {

/// The kind of what HTML links, and of pictures that records name (FileRule::folder).
inline constexpr std::string_view kImages = "images";
/// The kind of bodies with links into the archive (local_bodies.hpp). Their id is "<kind>/<id>" of the body.
inline constexpr std::string_view kLocalBodies = "local_bodies";

struct WantedFile {
  std::string kind;                    // the folder below files/; kImages for what HTML links
  std::string id;                      // of the record, with the rule's suffix; for images the address
  std::optional<std::string> content;  // of a body that stood in the page
  std::string url;                     // of anything else
  std::string name;                    // whose extension the file gets, where there is one
  std::optional<i64> expected_bytes;
  const FileRule* rule = nullptr;  // that names it; for an image of a body, the body's
  std::string used_in_id;          // of the record
  std::size_t record = 0;          // its number on the page, from 0
  // A body that is not held in `content`, which is empty then: its sum, and how to read it again.
  std::string content_sha256 = {};
  std::function<Result<std::string>()> read_again = {};
};

struct Discovery {
  std::vector<UnitId> children;
  std::vector<UnitId> mentioned;  // records of other lists by their own ids: to be asked for where their list does not have them
  std::vector<std::string> ids;   // of the records, where there may be such of theirs
  std::vector<WantedFile> files;
  i64 without_id = 0;                        // records that have children and no id to ask for them
  std::vector<std::string> without_address;  // ids of records that have a file and do not say where; "" for one without an id
};

/// False where no page of the stream can lead to files of that kind.
bool may_name(const Stream& stream, std::string_view kind);

class Discoverer {
 public:
  /// Of files alone.
  explicit Discoverer(const Stream& stream);
  /// Of files and of the selection's streams.
  Discoverer(const Stream& stream, const Selection& selection);

  /// What read_page has to hand out so that discover() can work.
  [[nodiscard]] const PageShape& shape() const { return shape_; }
  /// False where no page of the stream leads to anything.
  [[nodiscard]] bool leads_anywhere() const { return !children_.empty() || !mentions_.empty() || !stream_->files.empty(); }
  /// True where records of the stream may name others by their ids.
  [[nodiscard]] bool mentions_others() const { return !mentions_.empty(); }
  /// False where the answer is not the record that was asked for by its id, the last of `parents`.
  [[nodiscard]] bool is_asked_for(const std::vector<std::string>& parents, const PageContents& contents) const;
  /// The ids of the collections below a record, of steps that nobody chose too; nullopt where it has none, or none can be below it.
  [[nodiscard]] std::optional<std::vector<std::string>> ids_below(const std::vector<std::string>& parents, const PageContents& contents,
                                                                  std::size_t record) const;
  [[nodiscard]] Discovery discover(const std::vector<std::string>& parents, std::string_view body, const PageContents& contents) const;

 private:
  using Fields = std::vector<std::optional<std::string>>;
  struct Mentioned {
    const Stream* stream;
    const Mention* mention;
  };
  void want(std::string_view field);
  void add_units(const std::vector<std::string>& parents, const PageContents& contents, std::size_t record, Discovery& found) const;
  [[nodiscard]] std::size_t index_of(std::string_view field) const;
  [[nodiscard]] std::optional<std::string> field(const Fields& fields, std::string_view name) const;
  [[nodiscard]] bool came_embedded(const Stream& child, const std::vector<i64>& counts) const;
  [[nodiscard]] bool has_nothing_below(const Stream& child, const Fields& fields, const std::vector<i64>& counts) const;
  [[nodiscard]] i64 seen(const Stream& child, const std::vector<i64>& counts) const;
  void add_field(WantedFile file, const Fields& fields, Discovery& found) const;

  const Stream* stream_;
  std::vector<const Stream*> children_;
  std::string_view id_field_ = {};  // of a record: what the collections below it are asked for with
  std::vector<Mentioned> mentions_ = {};
  PageShape shape_;
  bool looks_inside_ = false;  // some rule wants more of a record than its fields' text
};

}  // namespace chimplift
