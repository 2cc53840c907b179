#include "client/request.hpp"

#include <gtest/gtest.h>

namespace chimplift {
namespace {

/// Were it fewer, each request beyond would make a connection of its own: twelve accounts made nearly ten thousand.
TEST(HttpSettingsOfARun, AllSlotsOfAllAccountsKeepTheirConnections) {
  Settings settings;
  settings.ca_file = "ca.pem";
  settings.accounts.resize(12);
  const HttpSettings http = http_settings(settings);
  EXPECT_GT(http.connections, 12 * kSlots);
  EXPECT_EQ(http.ca_file, "ca.pem");
  EXPECT_TRUE(http.user_agent.starts_with("chimplift/"));
}

}  // namespace
}  // namespace chimplift
