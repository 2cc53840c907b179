// Memory that is lacking before the program has done anything.
#include <gmock/gmock.h>

#include "faults/faulty.hpp"

namespace chimplift::faults {
namespace {

/// A list of accounts in the environment is what can be large there; it is copied, and known as a secret, before the options are read.
TEST(FirstMemory, ThatIsLackingIsAnErrorLikeAnyOther) {
  const Victim victim;
  for (int number = 1; number <= 3; ++number) {
    const Ended ended =
        victim.attacked("sync", {"FAULTS_FAIL=memory:" + std::to_string(number), "CHIMPLIFT_ACCOUNTS=[" + std::string(20'000, ' ') + "]"});
    EXPECT_EQ(ended.code, 1) << number << " " << victim.told() << "\n" << ended.all();
    EXPECT_THAT(ended.err, testing::HasSubstr("out of memory")) << number;
  }
}

}  // namespace
}  // namespace chimplift::faults
