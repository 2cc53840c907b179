#include "base/error.hpp"

#include <algorithm>
#include <array>

namespace chimplift {
namespace {

struct KindFacts {
  ErrorKind kind;
  std::string_view name;
  int exit_code;
  bool may_try_again;
};

// The worst first: what somebody has to do something about stands before what only has to be tried again.
constexpr std::array kKinds = {
    KindFacts{ErrorKind::interrupted, "interrupted", 130, true}, KindFacts{ErrorKind::internal, "internal", 1, false},
    KindFacts{ErrorKind::archive, "archive", 7, false},          KindFacts{ErrorKind::destination, "destination", 6, false},
    KindFacts{ErrorKind::permission, "permission", 4, false},    KindFacts{ErrorKind::usage, "usage", 2, false},
    KindFacts{ErrorKind::blocked, "blocked", 8, false},          KindFacts{ErrorKind::busy, "busy", 11, true},
    KindFacts{ErrorKind::temporary, "temporary", 5, true},       KindFacts{ErrorKind::gaps, "gaps", 3, true},
};

const KindFacts& facts_of(ErrorKind kind) {
  const auto found = std::ranges::find(kKinds, kind, &KindFacts::kind);
  return found == kKinds.end() ? facts_of(ErrorKind::internal) : *found;
}

}  // namespace

int exit_code(ErrorKind kind) { return facts_of(kind).exit_code; }
std::optional<ErrorKind> worst_of(std::span<const ErrorKind> kinds) {
  const auto occurred = [kinds](ErrorKind kind) { return std::ranges::find(kinds, kind) != kinds.end(); };
  const auto worst = std::ranges::find_if(kKinds, occurred, &KindFacts::kind);
  return worst == kKinds.end() ? std::nullopt : std::optional(worst->kind);
}

bool may_try_again(ErrorKind kind) { return facts_of(kind).may_try_again; }
std::string_view name_of(ErrorKind kind) { return facts_of(kind).name; }

}  // namespace chimplift
