// What is under way: a collection that is being read, and one page of it to ask for.
#pragma once

#include <optional>
#include <string>

#include "archive/ledger.hpp"
#include "mailchimp/stream.hpp"
#include "pull/collection.hpp"

namespace chimplift {

/// A unit that is being read.
struct Unit {
  const Stream* stream;
  UnitId id;
  Collection collection;
  bool is_recheck = false;   // reads a parent's list once more, only to see which ids it still has
  bool is_outdated = false;  // its parent's record changed: what is under way is not kept, and it is read from its beginning
  int tasks = 0;             // pages of it that are asked for, or wait to be asked for again
  struct GivenUp {
    UnitState state;
    std::string reason;
    bool is_suspect;  // a 404: the parent may be gone
  };
  std::optional<GivenUp> given_up = {};  // it ends as soon as no task of it is left
};

/// One page to ask for.
struct PageTask {
  Unit* unit = nullptr;
  Stretch stretch;
  int repeats = 0;             // answers that were another page's, or an empty object
  bool was_put_aside = false;  // it failed too often once before
};

}  // namespace chimplift
