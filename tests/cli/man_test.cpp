// What the manual page is made with. That man and groff take the page whole is tests/cli/completion_test.py's.
#include "cli/man.hpp"

#include <gtest/gtest.h>

namespace chimplift {
namespace {

TEST(Man, NamesWhatIsNotAsciiByItsNumber) {
  EXPECT_EQ(roff_text(".a-b\\'c"), "\\&.a\\-b\\e\\(aqc");
  EXPECT_EQ(roff_text("caf\u00E9 \u2026 \U0001F435"), "caf\\[u00E9] \\[u2026] \\[u1F435]");
  EXPECT_EQ(roff_text("\xFF"), "\\[uFFFD]");
}

}  // namespace
}  // namespace chimplift
