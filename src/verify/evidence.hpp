// What all parts of verification look at and none of them changes: the archive, its ledger, and what was asked for.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "archive/account_archive.hpp"
#include "inventory/ledger_view.hpp"
#include "run/settings.hpp"

namespace chimplift {

/// Whoever makes one keeps all three for as long as it is used.
struct Evidence {
  const AccountArchive* archive;
  const Settings* settings;
  const LedgerView* ledger;

  [[nodiscard]] const Selection& selection() const { return settings->selection; }
  /// A test run reads no more than it needs to: what it lacks is not missing.
  [[nodiscard]] bool is_test() const { return archive->about().test; }
  [[nodiscard]] bool is_pulled(const Stream& stream) const {
    return std::find(selection().pulled().begin(), selection().pulled().end(), &stream) != selection().pulled().end();
  }
  [[nodiscard]] const PageList& pages_of(std::string_view table) const {
    static const PageList kNone;
    const auto found = ledger->pages.find(std::string(table));
    return found == ledger->pages.end() ? kNone : found->second;
  }
  /// True where the page is of the last reading of its collection.
  [[nodiscard]] bool is_of_last_pass(const PageRecord& page) const {
    const LedgerView::Pass* last = ledger->last_pass_of(page.unit);
    return last != nullptr && last->has(page);
  }
  /// The body of a page that is not read for the first time; nullopt where it cannot be read, which was named then. Error: nobody can look
  /// now.
  [[nodiscard]] Result<std::optional<std::string>> body_once_more(const PageRecord& page) const {
    Result<std::string> body = archive->read_body(page);
    if (body) return std::optional(std::move(*body));
    if (is_damage(body.error())) return std::nullopt;
    return tl::unexpected(std::move(body).error());
  }
};

}  // namespace chimplift
