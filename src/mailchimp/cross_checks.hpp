// Numbers that Mailchimp says in one place about what is read in another, as data. Totals alone do not show rows that were left out
// consistently; two places that were counted apart do. A new cross-check is a new entry in cross_checks.cpp and no code.
#pragma once

#include <span>
#include <string_view>

#include "mailchimp/stream.hpp"

namespace chimplift {

struct CrossCheck {
  enum class Relation {
    exact,     // documented to be the same: less than was said is a gap, more is a remark
    at_least,  // what is said is known to leave some out: less is a gap, more is as it should be
    about,     // known to differ: what differs is listed with the explanation, and is no gap
    owed,      // Mailchimp should give it and may not: less than was said is an exception, which a person is to read
  };

  /// A number for each group of a stream's records, from what was read last. A record that came twice counts once.
  struct Side {
    std::string_view stream = {};
    // Fields whose numbers are added up, dotted, joined by '+'; "": the records are counted.
    std::string_view sum = {};
    // "field=value field=one|other field= field!=value one+other.inner!=": all must hold; an absent field and null are "", a list the texts
    // of its elements, and fields joined by '+' are one text.
    std::string_view where = {};
    // A field with a time: a record that changed no earlier than an hour before `said` was read counts whatever `where` says, because it
    // may have been like that then. The stream is below the one of `said`.
    std::string_view lately = {};
    // Parents' columns (as in the path's braces) or fields of the record, in the same order on both sides; "": the whole account is one
    // group.
    std::string_view by = {};
    // `sum` stands beside the records, once a page and for all of them; the last page's counts. Such a stream has one sweep, and `by` is
    // its path's parents.
    bool of_page = false;
  };

  std::string_view name = {};  // what agrees when it holds
  Side said = {};
  Side read = {};
  Relation relation = Relation::about;
  std::string_view explanation = {};  // one sentence: why the two may differ, or where it is known that they do not
};

/// "exact", "at least", "about", "owed".
std::string_view name_of(CrossCheck::Relation relation);

std::span<const CrossCheck> cross_checks();

}  // namespace chimplift
