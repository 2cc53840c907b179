// The words of the certificate: each is read as what it was written for, and others are nobody's.
#include <gtest/gtest.h>

#include "certificate/certificate.hpp"

namespace chimplift {
namespace {

TEST(CertificateWords, OfVerdictsAreReadAsTheyWereWritten) {
  for (const Verdict verdict : {Verdict::safe, Verdict::safe_with_exceptions, Verdict::not_safe, Verdict::test_run})
    EXPECT_EQ(parse_verdict(name_of(verdict)), verdict) << name_of(verdict);
  for (const std::string_view other : {"", "safe", "Not safe", "not safe "}) EXPECT_FALSE(parse_verdict(other)) << other;
}

TEST(CertificateWords, OfStatesAreReadAsTheyWereWritten) {
  for (const StreamState state :
       {StreamState::complete, StreamState::excluded, StreamState::not_permitted, StreamState::gone, StreamState::incomplete})
    EXPECT_EQ(parse_stream_state(name_of(state)), state) << name_of(state);
  for (const std::string_view other : {"", "under way", "not_permitted"}) EXPECT_FALSE(parse_stream_state(other)) << other;
}

TEST(CertificateWords, OnlyTwoVerdictsAreSafe) {
  EXPECT_TRUE(is_safe(Verdict::safe));
  EXPECT_TRUE(is_safe(Verdict::safe_with_exceptions));
  EXPECT_FALSE(is_safe(Verdict::not_safe));
  EXPECT_FALSE(is_safe(Verdict::test_run));
}

}  // namespace
}  // namespace chimplift
