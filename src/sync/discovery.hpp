// What a page leads to: the ids whose children are to be read, and the files that its records speak of. Pull and verify both ask here, so
// that what is fetched and what is expected cannot drift apart.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "archive/ledger.hpp"
#include "mailchimp/stream.hpp"
#include "rows/page.hpp"

namespace chimplift {

struct WantedFile {
  std::string kind;                    // the folder below files/; "images" for what HTML links
  std::string id;                      // of the record, with the rule's suffix; for images the address
  std::optional<std::string> content;  // of a body that stood in the page
  std::string url;                     // of anything else
  std::string name;                    // whose extension the file gets, where there is one
  std::optional<i64> expected_bytes;
};

struct Discovery {
  std::vector<UnitId> children;
  std::vector<WantedFile> files;
  i64 without_id = 0;  // records that have children and no id to ask for them
};

class Discoverer {
 public:
  /// `children`: the streams below this one that are of interest.
  Discoverer(const Stream& stream, std::vector<const Stream*> children);

  /// What read_page has to hand out so that discover() can work.
  [[nodiscard]] const PageShape& shape() const { return shape_; }
  /// False where no page of the stream leads to anything.
  [[nodiscard]] bool leads_anywhere() const { return !children_.empty() || !stream_->files.empty(); }
  [[nodiscard]] Discovery discover(const std::vector<std::string>& parents, std::string_view body, const PageContents& contents) const;

 private:
  using Fields = std::vector<std::optional<std::string>>;
  [[nodiscard]] std::size_t index_of(std::string_view field) const;
  [[nodiscard]] std::optional<std::string> field(const Fields& fields, std::string_view name) const;
  [[nodiscard]] bool came_embedded(const Stream& child, const Fields& fields, const std::vector<i64>& counts) const;
  void add_file(const FileRule& rule, const std::string& id, const Fields& fields, Discovery& found) const;
  static void add_body(const FileRule& rule, const std::string& id, std::string text, Discovery& found);
  static void add_each(const FileRule& rule, const std::string& id, std::string_view body, Discovery& found);

  const Stream* stream_;
  std::vector<const Stream*> children_;
  PageShape shape_;
};

}  // namespace chimplift
