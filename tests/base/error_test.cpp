#include "base/error.hpp"

#include <gmock/gmock.h>

#include <array>
#include <iterator>
#include <memory>
#include <optional>

namespace chimplift {
namespace {

struct Expected {
  ErrorKind kind;
  int code;
  std::string_view name;
  bool again;
};

// docs/command-line.md and the workflows that run chimplift go by these numbers.
constexpr Expected kKinds[] = {
    {ErrorKind::internal, 1, "internal", false},  {ErrorKind::usage, 2, "usage", false},
    {ErrorKind::gaps, 3, "gaps", true},           {ErrorKind::permission, 4, "permission", false},
    {ErrorKind::temporary, 5, "temporary", true}, {ErrorKind::destination, 6, "destination", false},
    {ErrorKind::archive, 7, "archive", false},    {ErrorKind::blocked, 8, "blocked", false},
    {ErrorKind::busy, 11, "busy", true},          {ErrorKind::interrupted, 130, "interrupted", true},
};

TEST(Errors, EveryKindHasItsExitCodeAndName) {
  for (const Expected& expected : kKinds) {
    EXPECT_EQ(exit_code(expected.kind), expected.code) << expected.name;
    EXPECT_EQ(name_of(expected.kind), expected.name);
    EXPECT_EQ(may_try_again(expected.kind), expected.again) << expected.name;
  }
}

/// In whatever order they come: what a person has to do something about stands before what has only to be tried again.
TEST(Errors, TheWorstOfSeveralDecides) {
  using enum ErrorKind;
  constexpr std::array kWorstFirst = {interrupted, internal, archive, destination, permission, usage, blocked, busy, temporary, gaps};
  EXPECT_EQ(worst_of({}), std::nullopt);
  EXPECT_EQ(kWorstFirst.size(), std::size(kKinds));
  for (std::size_t i = 0; i < kWorstFirst.size(); ++i) {
    for (std::size_t k = i; k < kWorstFirst.size(); ++k) {
      EXPECT_EQ(worst_of(std::array{kWorstFirst[i], kWorstFirst[k]}), kWorstFirst[i]);
      EXPECT_EQ(worst_of(std::array{kWorstFirst[k], kWorstFirst[i]}), kWorstFirst[i]);
    }
  }
}

Result<std::unique_ptr<int>> seven(bool works) {
  if (!works) return fail(ErrorKind::busy, "no seven", "wait");
  return std::make_unique<int>(7);
}

Result<int> doubled(bool works) {
  TRY(seven(works));
  TRY_ASSIGN(const std::unique_ptr<int> value, seven(works));
  return *value * 2;
}

TEST(Errors, TryHandsTheWholeErrorOn) {
  EXPECT_EQ(doubled(true), 14);
  const Result<int> failed = doubled(false);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::busy);
  EXPECT_EQ(failed.error().message, "no seven");
  EXPECT_EQ(failed.error().advice, "wait");
}

}  // namespace
}  // namespace chimplift
