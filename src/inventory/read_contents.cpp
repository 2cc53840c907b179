#include "inventory/read_contents.hpp"

namespace chimplift {

Result<PageContents> read_contents(const AccountArchive& archive, const PageRecord& page, std::string_view body, const PageShape& shape) {
  Result<PageContents> contents = read_page(body, shape);
  if (!contents) return tl::unexpected(as_damage(archive, page, contents.error()));
  return contents;
}

Error as_damage(const AccountArchive& archive, const PageRecord& page, const Error& error) {
  return archive.damage_of(page, "cannot be read: " + error.message);
}

}  // namespace chimplift
