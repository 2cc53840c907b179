// What the SQL API does and what networks do, one by one, against the stand-in.
#include "warehouse/snowflake_client.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "warehouse/loaded_rows.hpp"
#include "warehouse/snowflake_harness.hpp"

namespace chimplift {
namespace {

using snowflake::Client;
using snowflake::Statement;
using snowflake_standin::Asked;
using snowflake_standin::Fault;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class SnowflakeClient : public testing::Test {
 protected:
  void SetUp() override { open(harness.settings()); }
  void open(const SnowflakeSettings& settings) {
    auto opened = Client::open(settings);
    ASSERT_TRUE(opened) << opened.error().message;
    client = std::move(*opened);
  }
  /// Fails the first requests in this way.
  void fail_first(Fault fault, int times) {
    harness.server.fault = [fault, times](const Asked& asked) { return asked.number <= times ? fault : Fault::none; };
  }
  /// A statement whose effect can be counted: each execution adds one to the checkpoint row.
  Result<snowflake::ResultSet> add_one(bool is_long = false) {
    return client->run({.sql = snowflake::wait_for_writers(place), .is_long = is_long});
  }
  void make_checkpoints() {
    ASSERT_TRUE(client->run({.sql = snowflake::create_table(place, snowflake::checkpoints_table())}));
    first = harness.server.requests();
  }
  std::string executions() {
    const auto rows = harness.server.engine().read("PROD.MAILCHIMP.CHIMPLIFT_CHECKPOINTS", {"LAST_PAGE"});
    return rows.empty() ? "0" : rows[0][0];
  }

  SnowflakeHarness harness;
  snowflake::Place place{"PROD", "MAILCHIMP"};
  std::unique_ptr<Client> client;
  int first = 0;
};

const Statement kWho{.sql = "SELECT CURRENT_USER(), CURRENT_ROLE(), CURRENT_WAREHOUSE()"};

TEST_F(SnowflakeClient, RunsAsUserRoleAndWarehouseOfTheSettings) {
  const auto who = client->run(kWho);
  ASSERT_TRUE(who) << who.error().message;
  EXPECT_EQ(who->columns[0], "CURRENT_USER()");
  EXPECT_EQ(*who->rows[0][0], "CHIMPLIFT");
  EXPECT_EQ(*who->rows[0][1], "CHIMPLIFT");
  EXPECT_EQ(*who->rows[0][2], "CHIMPLIFT_WH");
}

TEST_F(SnowflakeClient, OtherTokensComeIn) {
  harness.server.add_token("OAUTH", "oauth-token-1", "SOMEBODY");
  SnowflakeSettings settings = harness.settings();
  settings.login.token = Secret("oauth-token-1");
  settings.login.token_is_oauth = true;
  open(settings);
  EXPECT_EQ(*client->run(kWho)->rows[0][0], "SOMEBODY");
  settings.login.token_is_oauth = false;
  open(settings);
  EXPECT_EQ(client->run(kWho).error().kind, ErrorKind::permission);
}

TEST_F(SnowflakeClient, AnotherKeyIsRefusedWithAWordOnTheFingerprint) {
  SnowflakeSettings settings = harness.settings();
  settings.login.user = "somebody";
  open(settings);
  const auto refused = client->run(kWho);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::permission);
  EXPECT_THAT(refused.error().advice, HasSubstr("RSA_PUBLIC_KEY_FP"));
}

TEST_F(SnowflakeClient, A401InTheMiddleAsksForTheLoginAnew) {
  int reloads = 0;
  SnowflakeSettings settings = harness.settings();
  settings.reload = [&]() -> Result<SnowflakeLogin> {
    ++reloads;
    return harness.settings().login;
  };
  settings.login.user = "replaced";  // as after a change of the user or the key
  open(settings);
  EXPECT_TRUE(client->run(kWho));
  EXPECT_EQ(reloads, 1);
}

TEST_F(SnowflakeClient, A401WhilePollingDoesNotEndTheStatement) {
  make_checkpoints();
  harness.server.polls = 3;
  harness.server.fault = [this](const Asked& asked) { return asked.number == first + 3 ? Fault::unauthorized : Fault::none; };
  ASSERT_TRUE(add_one(true));
  EXPECT_EQ(executions(), "1");
}

// A token lives for an hour, and a statement may take longer.
TEST_F(SnowflakeClient, AStatementMayOutliveSeveralLogins) {
  make_checkpoints();
  harness.server.polls = 9;
  harness.server.fault = [this](const Asked& asked) {
    const bool is_expired = asked.number == first + 3 || asked.number == first + 6;
    return is_expired ? Fault::unauthorized : Fault::none;
  };
  const auto done = add_one(true);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(executions(), "1");
}

TEST_F(SnowflakeClient, PollsUntilAStatementIsDone) {
  make_checkpoints();
  for (const bool says_429 : {false, true}) {
    harness.server.polls = 4;
    harness.server.says_429_while_running = says_429;
    const auto done = add_one(true);
    ASSERT_TRUE(done) << done.error().message;
  }
  EXPECT_EQ(executions(), "2");
}

TEST_F(SnowflakeClient, WhateverHappensToTheAnswerAStatementIsExecutedOnce) {
  make_checkpoints();
  int expected = 0;
  for (const Fault fault : {Fault::cut_before, Fault::cut_after, Fault::too_many, Fault::unavailable, Fault::gateway}) {
    for (const bool is_long : {false, true}) {
      const int before = harness.server.requests();
      harness.server.fault = [&](const Asked& asked) { return asked.number <= before + 2 ? fault : Fault::none; };
      const auto done = add_one(is_long);
      ASSERT_TRUE(done) << done.error().message;
      EXPECT_EQ(executions(), std::to_string(++expected)) << "fault " << static_cast<int>(fault);
      EXPECT_GE(harness.server.requests(), before + 3);
    }
  }
  EXPECT_THAT(harness.server.breaches(), IsEmpty());
}

TEST_F(SnowflakeClient, FaultsWhilePollingArePassedOver) {
  make_checkpoints();
  harness.server.polls = 2;
  for (const Fault fault : {Fault::cut_before, Fault::cut_after, Fault::too_many, Fault::unavailable}) {
    harness.server.fault = [fault](const Asked& asked) { return asked.method == "GET" && asked.number % 2 == 0 ? fault : Fault::none; };
    const auto done = add_one(true);
    ASSERT_TRUE(done) << done.error().message;
  }
  EXPECT_EQ(executions(), "4");
}

TEST_F(SnowflakeClient, A200WithoutAResultIsNoSuccess) {
  make_checkpoints();
  const auto done_again = [&](bool is_long) {
    const int before = harness.server.requests();
    harness.server.fault = [before](const Asked& asked) { return asked.number <= before + 2 ? Fault::page : Fault::none; };
    return add_one(is_long);
  };
  ASSERT_TRUE(done_again(false));
  ASSERT_TRUE(done_again(true));
  EXPECT_EQ(executions(), "2");
  EXPECT_THAT(harness.server.breaches(), IsEmpty());

  SnowflakeSettings settings = harness.settings();
  settings.patience_millis = 30;
  open(settings);
  harness.server.fault = [](const Asked&) { return Fault::page; };
  for (const auto& failed : {client->run(kWho), client->run({.sql = kWho.sql, .is_long = true})}) {
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind, ErrorKind::temporary);
    EXPECT_THAT(failed.error().message, HasSubstr("status 200 without a result"));
  }
  const auto several = client->run_all(std::vector<std::string>{"BEGIN TRANSACTION", "COMMIT"});
  ASSERT_FALSE(several);
  EXPECT_EQ(several.error().kind, ErrorKind::temporary);
}

TEST_F(SnowflakeClient, AResultThatIsNotHandedOutIsAnError) {
  fail_first(Fault::too_large, 1);
  const auto failed = client->run(kWho);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::destination);
  EXPECT_THAT(failed.error().message, HasSubstr("391908"));
  EXPECT_EQ(harness.server.requests(), 1);
}

TEST_F(SnowflakeClient, AResultThatLacksRowsIsAnError) {
  make_checkpoints();
  harness.server.rows_per_partition = 4;  // of eight
  const Statement columns{.sql = snowflake::list_columns(place), .binds = {"MAILCHIMP"}};
  for (const std::string part : {"requestId=", "partition=1"}) {
    harness.server.fault = [&part](const Asked& asked) {
      return asked.path.find(part) != std::string::npos ? Fault::short_result : Fault::none;
    };
    const auto failed = client->run(columns);
    ASSERT_FALSE(failed) << part;
    EXPECT_EQ(failed.error().kind, ErrorKind::temporary);
    EXPECT_THAT(failed.error().message, HasSubstr("7 of the 8 rows"));
  }
  harness.server.fault = nullptr;
  EXPECT_EQ(client->run(columns)->rows.size(), 8U);
}

TEST_F(SnowflakeClient, WhatWaitedWithTooManyOthersIsSentAnew) {
  make_checkpoints();
  harness.server.polls = 1;
  auto& engine = harness.server.engine();
  const snowflake_standin::SqlError crowded(
      "000625", "57014", "Statement 'x' was aborted because the number of waiters for this lock exceeds the 20 statements limit.");
  std::set<std::string> sent;
  harness.server.fault = [&](const Asked& asked) {
    if (!asked.sql.empty()) {
      sent.insert(asked.path);
      EXPECT_FALSE(asked.is_retry);  // it was undone: there is nothing to find again
    }
    if (sent.size() == 3) engine.allow_all();
    return Fault::none;
  };
  for (const bool is_long : {false, true}) {
    sent.clear();
    engine.refuse("MERGE", crowded);
    const auto done = add_one(is_long);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(sent.size(), 3U);
  }
  EXPECT_EQ(executions(), "2");

  SnowflakeSettings settings = harness.settings();
  settings.patience_millis = 30;
  open(settings);
  harness.server.fault = nullptr;
  engine.refuse("MERGE", crowded);
  for (const bool is_long : {false, true}) {
    const auto failed = add_one(is_long);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind, ErrorKind::temporary);
    EXPECT_THAT(failed.error().message, HasSubstr("000625"));
  }
}

TEST_F(SnowflakeClient, PatienceEnds) {
  SnowflakeSettings settings = harness.settings();
  settings.patience_millis = 30;
  open(settings);
  harness.server.fault = [](const Asked&) { return Fault::unavailable; };
  const auto failed = client->run(kWho);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::temporary);
  EXPECT_THAT(failed.error().message, HasSubstr("503"));
}

TEST_F(SnowflakeClient, AServerThatIsNotThereIsTemporary) {
  SnowflakeSettings settings = harness.settings();
  settings.patience_millis = 30;
  harness.server.stop();
  open(settings);
  const auto failed = client->run(kWho);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::temporary);
}

TEST_F(SnowflakeClient, AStatementThatTookTooLongSaysSo) {
  fail_first(Fault::timed_out, 1);
  const auto failed = client->run(kWho);
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, HasSubstr("timeout"));
  EXPECT_THAT(failed.error().advice, HasSubstr("larger virtual warehouse"));
  EXPECT_EQ(harness.server.requests(), 1);
}

TEST_F(SnowflakeClient, AStatementThatFailsIsNotTriedAgainAndSaysWhatToDo) {
  const auto missing = client->run({.sql = snowflake::count_rows(place, members_table()), .binds = {"shop"}});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::permission);
  EXPECT_THAT(missing.error().message, HasSubstr("LIST_MEMBERS' does not exist or not authorized. (002003/42S02)"));
  EXPECT_THAT(missing.error().advice, HasSubstr("snowflake-setup"));
  const auto wrong = client->run({.sql = "SELECT 1 FROM anything"});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().kind, ErrorKind::destination);
  EXPECT_THAT(wrong.error().message, HasSubstr("001003/42000"));
  EXPECT_EQ(harness.server.requests(), 2);
}

TEST_F(SnowflakeClient, ValuesOfRowsStayOutOfErrors) {
  const snowflake::Answer answer{"100090", "42P18", "Duplicate row detected during DML action\nRow Values: [\"jane@example.com\"]", "", {},
                                 0,        0};
  EXPECT_THAT(snowflake::error_of(answer, 422).message, Not(HasSubstr("jane")));
  const auto told = [](const std::string& message) { return snowflake::error_of({"100038", "22018", message, "", {}, 0, 0}, 422).message; };
  for (const std::string message :
       {"Numeric value 'jane' is not recognized", "Boolean value 'jane' is not recognized", "Timestamp 'jane' is not recognized",
        "Date 'jane' is not recognized", "Time 'jane' is not recognized", "String 'jane' is too long and would be truncated",
        "Failed to cast variant value \"jane\" to FIXED", "Failed to cast variant value jane to REAL",
        "User character length limit (16) exceeded by string 'jane'", "Invalid UTF8 detected in string 'jane'",
        "Error parsing JSON: unknown keyword \"jane\", pos 5", "Can't parse 'x' as timestamp: value: \"jane\""}) {
    EXPECT_THAT(told(message), Not(HasSubstr("jane"))) << message;
    EXPECT_THAT(told(message), HasSubstr(message.substr(0, message.find_first_of(" :"))));
  }
  EXPECT_THAT(told("Number out of representable range: type FIXED[SB16](38,0){nullable}, value 4155550100"), Not(HasSubstr("415555")));
  for (const std::string message : {"Table 'PROD.MAILCHIMP.LISTS' does not exist", "invalid identifier 'S.\"EMAIL\"'",
                                    "Statement '01b43b22' has locked table 'LISTS' in transaction 1715330074481000000",
                                    "Statement reached its timeout of 7200 second(s) and was canceled."}) {
    EXPECT_THAT(told(message), HasSubstr(message));
  }
}

TEST_F(SnowflakeClient, ResultsOfManyPartitionsAreWhole) {
  harness.server.rows_per_partition = 3;
  std::vector<std::string> ddl;
  Table table = members_table();
  for (int i = 0; i < 4; ++i) {
    table.name = "table_" + std::to_string(i);
    ddl.push_back(snowflake::create_table(place, table));
  }
  ASSERT_TRUE(client->run_all(ddl));
  harness.server.fault = [](const Asked& asked) {
    return asked.path.find("partition=2") != std::string::npos && asked.number % 2 == 0 ? Fault::cut_after : Fault::none;
  };
  const auto columns = client->run({.sql = snowflake::list_columns(place), .binds = {"MAILCHIMP"}});
  ASSERT_TRUE(columns) << columns.error().message;
  ASSERT_EQ(columns->rows.size(), 20U);
  EXPECT_EQ(*columns->rows[19][0], "TABLE_3");
  EXPECT_EQ(*columns->rows[19][1], "EMAIL");
  EXPECT_EQ(*columns->rows[19][3], "chimplift: email");
}

TEST_F(SnowflakeClient, OneFailureOfSeveralStatementsUndoesTheTransaction) {
  make_checkpoints();
  const std::vector<std::string> statements{"BEGIN TRANSACTION", snowflake::wait_for_writers(place),
                                            snowflake::merge(place, "CHIMPLIFT_STAGE_GONE", 1, snowflake::checkpoints_table()), "COMMIT"};
  const auto failed = client->run_all(statements);
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, HasSubstr("CHIMPLIFT_STAGE_GONE"));
  EXPECT_EQ(executions(), "0");
}

TEST_F(SnowflakeClient, AnInterruptCancelsTheStatementInSnowflake) {
  std::atomic<int> signal{0};
  SnowflakeSettings settings = harness.settings();
  settings.interrupted = &signal;
  open(settings);
  make_checkpoints();
  harness.server.polls = 1'000'000;
  harness.server.fault = [this, &signal](const Asked& asked) {
    if (asked.number == first + 3) signal = 2;
    return Fault::none;
  };
  const auto ended = add_one(true);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().kind, ErrorKind::interrupted);
  EXPECT_EQ(harness.server.cancelled(), 1);
  harness.server.run_what_waits();
  EXPECT_EQ(executions(), "0");
}

TEST_F(SnowflakeClient, NoSecretIsInWhatIsSentAsSql) {
  auto warehouse = *harness.open();
  ASSERT_TRUE(load_made_up(*warehouse));
  for (const std::string& sql : harness.server.engine().texts()) {
    EXPECT_THAT(sql, Not(HasSubstr("PRIVATE KEY")));
    EXPECT_THAT(sql, Not(HasSubstr("batch 0")));  // a value of a row
  }
}

}  // namespace
}  // namespace chimplift
