// Verification of an archive that cannot be looked into for a while: that says nothing of what is kept.
#include <gmock/gmock.h>

#include <atomic>

#include "archive/fixture.hpp"
#include "archive/place.hpp"
#include "base/text.hpp"
#include "support/tries.hpp"
#include "verify/verify.hpp"

namespace chimplift {
namespace {

class Outage : public testing::Test {
 protected:
  Outage() : settings{{}, *Selection::of({}, split(FixtureCopy::kSteps, ',')), nullptr, {}} {
    place.attempts = 1;
    const FixtureCopy fixture{1};
    for (const auto& entry : std::filesystem::recursive_directory_iterator(fixture.root())) {
      if (!entry.is_regular_file()) continue;
      std::string path = entry.path().lexically_relative(fixture.root()).string();
      if (path.ends_with("/ledger.ndjson")) path = std::string(FixtureCopy::kAccount) + "/ledger/00000001.ndjson";
      place.put(path, *read_file(entry.path()));
    }
  }

  /// With a new run's eyes, once the archive is open. Requests from this number on, so many, are answered so.
  Result<Verification> verify(int failing_from, int times, const standins::Answer& answer) {
    settings.archive = place.tree();
    const auto archive = value_of_result(AccountArchive::open_to_read(*settings.archive, FixtureCopy::kAccount));
    const auto asked = std::make_shared<std::atomic<int>>(0);
    place.server.server().set_gate([=](const standins::Request& request) -> std::optional<standins::Fault> {
      const int number = ++*asked;
      if (number < failing_from || number - failing_from >= times) return std::nullopt;
      return standins::Fault{.method = request.method, .answer = answer};
    });
    Result<Verification> verified = verify_archive(*archive, settings, nullptr);
    place.server.server().set_gate(nullptr);
    requests = *asked;
    return verified;
  }

  S3TestPlace place;
  Settings settings;
  int requests = 0;  // of the last verification
};

// Neither a gap nor a certificate: both would be believed. One request that fails is enough: what comes behind it may go well.
TEST_F(Outage, EndsTheVerificationWhereverItBeginsAndNamesNothing) {
  const auto clean = verify(0, 0, {});
  ASSERT_TRUE(clean) << clean.error().message;
  const int all = requests;
  ASSERT_GT(all, 30);
  for (int from = 1; from <= all; ++from) {
    for (const int times : {1, all}) {
      const auto verified = verify(from, times, standins::s3_error(503, "SlowDown", "later"));
      ASSERT_FALSE(verified) << "from request " << from << " of " << all << ", " << times;
      EXPECT_EQ(verified.error().kind, ErrorKind::temporary) << verified.error().message;
    }
  }
  tried(2 * all);
}

TEST_F(Outage, ARightThatWasTakenAwayIsNoDamageEither) {
  ASSERT_TRUE(verify(0, 0, {}));
  const int all = requests;
  for (const int from : {1, all / 2, all}) {
    const auto verified = verify(from, 1, standins::s3_error(403, "AccessDenied", "no"));
    ASSERT_FALSE(verified) << "from request " << from;
    EXPECT_EQ(verified.error().kind, ErrorKind::permission) << verified.error().message;
  }
}

}  // namespace
}  // namespace chimplift
