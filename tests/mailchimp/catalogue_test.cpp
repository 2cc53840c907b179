// What has to hold for every stream, whatever it is.
#include "mailchimp/catalogue.hpp"

#include <gmock/gmock.h>

#include <set>

#include "base/text.hpp"
#include "rows/page.hpp"

namespace chimplift {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Not;

std::set<std::string> declared(const Stream& stream) {
  std::set<std::string> names;
  for (const std::string& word : split(stream.columns, ' ')) names.insert(word.substr(0, word.find(':')));
  return names;
}

bool is_name(std::string_view text) {
  return !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

TEST(Catalogue, TablesAreUniqueAndFound) {
  std::set<std::string_view> tables;
  for (const Stream& stream : catalogue()) {
    EXPECT_TRUE(is_name(stream.table)) << stream.table;
    EXPECT_TRUE(tables.insert(stream.table).second) << stream.table;
    EXPECT_EQ(find_stream(stream.table), &stream);
    EXPECT_TRUE(is_name(stream.step)) << stream.table;
    EXPECT_THAT(steps(), Contains(std::string(stream.step)));
    EXPECT_TRUE(stream.about.ends_with('.')) << stream.table;
  }
  EXPECT_EQ(find_stream("none"), nullptr);
  EXPECT_EQ(find_stream(""), nullptr);
}

TEST(Catalogue, HasEveryStreamOfTheApiAndTheStepsInTheOrderOfTheirWorth) {
  EXPECT_EQ(catalogue().size(), 84U);
  const std::vector<std::string> order = {"account",
                                          "campaigns",
                                          "campaign_content",
                                          "lists",
                                          "list_segments",
                                          "segment_members",
                                          "campaign_stats",
                                          "email_activity",
                                          "unsubscriptions",
                                          "automations",
                                          "conversations",
                                          "landing_pages",
                                          "surveys",
                                          "ads",
                                          "sms",
                                          "ecommerce",
                                          "templates",
                                          "stored_files",
                                          "contacts",
                                          "member_details"};
  EXPECT_EQ(steps(), order);
}

TEST(Catalogue, OfOneParentsChildrenAllAreNamedByTheSameField) {
  for (const Stream& stream : catalogue()) {
    for (const Stream* child : children_of(stream))
      EXPECT_EQ(child->parent_field, children_of(stream).front()->parent_field) << child->table;
  }
}

TEST(Catalogue, WhatAParentTellsHasNothingBelowItThatNobodyTells) {
  // A collection that is not read anew leads to none: what hangs below it must be told by its records as well.
  for (const Stream& stream : catalogue()) {
    EXPECT_FALSE(stream.told_by_parent && stream.parent.empty()) << stream.table;
    EXPECT_FALSE(stream.told_by_parent && !stream.files.empty()) << stream.table;
    for (const Stream* child : children_of(stream)) EXPECT_TRUE(child->told_by_parent || !stream.told_by_parent) << child->table;
  }
}

TEST(Catalogue, EmbeddedRecordsStandInAFieldOfTheirParents) {
  for (const Stream& stream : catalogue()) {
    if (stream.embedded.empty()) continue;
    const std::set<std::string> fields = declared(*find_stream(stream.parent));
    EXPECT_TRUE(fields.contains(std::string(stream.embedded))) << stream.table;
    EXPECT_TRUE(stream.explode.empty() && stream.files.empty() && children_of(stream).empty()) << stream.table << ": not built";
  }
}

TEST(Catalogue, ZerosThatSayThatNothingIsBelowStandInFieldsOfParents) {
  for (const Stream& stream : catalogue()) {
    if (stream.unless_zero.empty()) continue;
    ASSERT_FALSE(stream.parent.empty()) << stream.table;
    EXPECT_THAT(declared(*find_stream(stream.parent)), Contains(std::string(stream.unless_zero))) << stream.table;
    EXPECT_TRUE(stream.seen_in.empty() || declared(*find_stream(stream.parent)).contains(std::string(stream.seen_in))) << stream.table;
  }
}

TEST(Catalogue, ParentsStandBeforeTheirChildrenAndGiveTheLastIdOfTheirPath) {
  std::set<std::string_view> before;
  for (const Stream& stream : catalogue()) {
    const std::vector<std::string> ids = parent_columns(stream);
    EXPECT_EQ(stream.parent.empty(), ids.empty()) << stream.table;
    EXPECT_EQ(stream.parent.empty(), stream.parent_field.empty()) << stream.table;
    if (!stream.parent.empty()) {
      ASSERT_TRUE(before.contains(stream.parent)) << stream.table;
      const Stream& parent = *find_stream(stream.parent);
      const std::vector<std::string> above = parent_columns(parent);
      ASSERT_EQ(ids.size(), above.size() + 1) << stream.table;
      EXPECT_TRUE(std::equal(above.begin(), above.end(), ids.begin())) << stream.table;
      EXPECT_THAT(declared(parent), Contains(std::string(stream.parent_field))) << stream.table;
      EXPECT_THAT(children_of(parent), Contains(&stream));
    }
    before.insert(stream.table);
  }
}

TEST(Catalogue, AProblemDocumentIsNoRecordOfAnyStream) {
  constexpr std::string_view kProblem =
      R"({"type":"about:blank","title":"Internal Server Error","status":500,"detail":"An error has occurred.","instance":"7c1a"})";
  for (const Stream& stream : catalogue()) {
    EXPECT_FALSE(read_page(kProblem, shape_of(stream))) << stream.table;
    const Stream* one = by_id(stream);
    EXPECT_FALSE(one != nullptr && read_page(kProblem, shape_of(*one)).has_value()) << stream.table;
  }
}

TEST(Catalogue, WhatIsAskedForByItsIdIsMentionedInFieldsThatThereAre) {
  int lists = 0;
  for (const Stream& stream : catalogue()) {
    EXPECT_EQ(stream.record_path.empty(), stream.mentioned_in.empty()) << stream.table;
    EXPECT_EQ(stream.record_path.empty(), by_id(stream) == nullptr) << stream.table;
    EXPECT_FALSE(stream.is_by_id) << stream.table;
    if (stream.record_path.empty()) continue;
    ++lists;
    // Not built: lists below parents, keys of several fields, records that came inside others, bodies.
    EXPECT_TRUE(stream.parent.empty() && stream.key.find(' ') == std::string_view::npos) << stream.table;
    for (const FileRule& rule : stream.files) EXPECT_EQ(rule.folder, "images") << stream.table;
    const Stream& one = *by_id(stream);
    EXPECT_TRUE(one.is_by_id && one.items.empty() && one.paging == Paging::object) << stream.table;
    EXPECT_EQ(one.table, stream.table);
    EXPECT_EQ(one.query, stream.query) << stream.table << ": its fields come only when asked for, of a single record too";
    EXPECT_EQ(parent_columns(one).size(), parent_columns(stream).size() + 1) << stream.table;
    EXPECT_EQ(children_of(one), children_of(stream)) << stream.table;
    for (const Mention& mention : stream.mentioned_in) {
      const Stream* other = find_stream(mention.stream);
      ASSERT_NE(other, nullptr) << stream.table;
      EXPECT_THAT(declared(*other), Contains(std::string(mention.field))) << stream.table;
      EXPECT_TRUE(mention.unless_zero.empty() || declared(*other).contains(std::string(mention.unless_zero))) << stream.table;
    }
  }
  EXPECT_EQ(lists, 2);
}

TEST(Catalogue, ColumnsHaveKnownTypesAndEachNameOnce) {
  for (const Stream& stream : catalogue()) {
    std::set<std::string> names;
    EXPECT_THAT(split(stream.columns, ' '), Not(IsEmpty())) << stream.table;
    for (const std::string& word : split(stream.columns, ' ')) {
      const std::size_t colon = word.find(':');
      ASSERT_NE(colon, std::string::npos) << stream.table << " " << word;
      EXPECT_TRUE(column_type(word.substr(colon + 1))) << stream.table << " " << word;
      EXPECT_TRUE(names.insert(word.substr(0, colon)).second) << stream.table << " " << word;
      EXPECT_NE(word.substr(0, colon), "_links") << stream.table;
    }
    std::set<std::string> columns;
    for (const Column& column : table_of(stream).columns)
      EXPECT_TRUE(columns.insert(column.name).second) << stream.table << " " << column.name;
  }
}

TEST(Catalogue, KeysAreMadeOfColumns) {
  for (const Stream& stream : catalogue()) {
    const Table table = table_of(stream);
    ASSERT_GE(table.columns.size(), 2U);
    EXPECT_EQ(table.columns[0].name, "account_name");
    EXPECT_EQ(table.columns[1].name, "synced_at");
    EXPECT_EQ(table.key.front(), "account_name");
    const std::vector<std::string> key = split(stream.key, ' ');
    EXPECT_THAT(key, Not(IsEmpty())) << stream.table;
    for (const std::string& name : key) {
      EXPECT_TRUE(table.find(name) >= 0 || name == "row_hash" || name == "occurrence") << stream.table << " " << name;
    }
    // Rows of two parents must never be one.
    for (const std::string& parent : parent_columns(stream)) EXPECT_THAT(key, Contains(parent)) << stream.table;
    for (const std::string& name : shape_of(stream).key) EXPECT_THAT(parent_columns(stream), Not(Contains(name))) << stream.table;
    EXPECT_EQ(stream.record_key.empty(), stream.explode.empty()) << stream.table;
  }
}

TEST(Catalogue, PathsAndPagesAreWhatMailchimpTakes) {
  for (const Stream& stream : catalogue()) {
    EXPECT_TRUE(stream.path.starts_with('/')) << stream.table;
    EXPECT_EQ(stream.path.find_first_of("?# "), std::string_view::npos) << stream.table;
    EXPECT_EQ(stream.items.empty(), stream.paging == Paging::object) << stream.table;
    EXPECT_GE(stream.page_size, 1) << stream.table;
    EXPECT_LE(stream.page_size, 1000) << stream.table;
    EXPECT_FALSE(stream.sweeps.empty()) << stream.table;
    EXPECT_EQ(std::set<std::string_view>(stream.sweeps.begin(), stream.sweeps.end()).size(), stream.sweeps.size()) << stream.table;
    std::vector<std::string_view> queries = stream.sweeps;
    queries.push_back(stream.query);
    for (const std::string_view query : queries) {
      EXPECT_EQ(query.find_first_of("?# /"), std::string_view::npos) << stream.table;
      EXPECT_TRUE(query.empty() || query.find('=') != std::string_view::npos) << stream.table;
    }
    for (const std::string_view field : stream.linked) EXPECT_THAT(declared(stream), Contains(std::string(field))) << stream.table;
  }
}

TEST(Catalogue, FileRulesNameFieldsThatAreThere) {
  std::set<std::string> places;
  for (const Stream& stream : catalogue()) {
    const std::set<std::string> fields = declared(stream);
    for (const FileRule& rule : stream.files) {
      EXPECT_TRUE(!rule.each.empty() || fields.contains(std::string(rule.field))) << stream.table;
      EXPECT_TRUE(rule.each_as.empty() || !rule.each.empty()) << stream.table;
      for (const std::string_view name : {rule.size_field, rule.name_field, rule.id_field, rule.each}) {
        EXPECT_TRUE(name.empty() || fields.contains(std::string(name))) << stream.table << " " << name;
      }
      EXPECT_FALSE(rule.folder.empty()) << stream.table;
      EXPECT_TRUE(!rule.id_field.empty() || !parent_columns(stream).empty()) << stream.table;
      EXPECT_EQ(rule.source == FileRule::Source::body, !rule.suffix.empty()) << stream.table;
      if (rule.folder == "images") {
        EXPECT_TRUE(rule.source != FileRule::Source::body && !rule.in_row && rule.size_field.empty()) << stream.table;
        continue;  // named by their addresses: one picture that two rules lead to is one file
      }
      const std::string place =
          join(std::vector<std::string>{std::string(rule.folder), std::string(rule.suffix), std::string(rule.each)}, "|");
      EXPECT_TRUE(places.insert(place).second) << "two rules write to one place: " << place;
    }
  }
}

// Facts that cost rows when they are forgotten (Mailchimp's behaviour, not its specification).
TEST(Catalogue, WhatMailchimpHidesIsAskedForByName) {
  EXPECT_THAT(find_stream("list_members")->sweeps, Contains("status=archived"));
  EXPECT_THAT(find_stream("list_members")->sweeps, testing::SizeIs(2));
  for (const char* flag : {"include_cleaned=true", "include_transactional=true", "include_unsubscribed=true"}) {
    EXPECT_NE(find_stream("segment_members")->sweeps.at(0).find(flag), std::string_view::npos) << flag;
  }
  EXPECT_EQ(find_stream("segment_members")->total, Total::at_least);
  for (const char* field : {"resend_shortcut_eligibility", "resend_shortcut_usage"}) {
    const Stream& campaigns = *find_stream("campaigns");
    EXPECT_THAT(declared(campaigns), Contains(field));
    EXPECT_NE(query_of(*by_id(campaigns), 0, {}).find(std::string("include_") + field + "=true"), std::string::npos) << field;
    EXPECT_NE(query_of(campaigns, 0, {}).find(std::string("include_") + field + "=true"), std::string::npos) << field;
  }
  // The list of members has no date_added, and at most 50 tags.
  EXPECT_TRUE(find_stream("member_tags")->embedded.empty());
  EXPECT_EQ(find_stream("member_tags")->unless_zero, "tags_count");
  EXPECT_LE(find_stream("email_activity")->page_size, 500);
  EXPECT_NE(find_stream("email_activity")->key.find("url"), std::string_view::npos);
}

// Each of the 21 kinds of activity has some of these (OpenAPI 3.0.55): a field that is not declared has a column whose type was guessed.
TEST(Catalogue, EveryFieldOfEveryKindOfActivityIsAColumn) {
  constexpr std::string_view kFields =
      "activity_type created_at_timestamp campaign_id campaign_title link_clicked bounce_type bounce_has_open_activity "
      "is_admin_unsubscribed unsubscribe_reason thread_id message_text created_by is_user has_read from_email avatar_url "
      "updated_at_timestamp note_id note_text marketing_permission_text updated_by marketing_permission_opted_in outreach_id "
      "outreach_title store_name signup_category outreach_type order_id order_total order_items order_url integration_platform "
      "event_name event_properties survey_id survey_title id thread_subject thread_url thread_direction thread_author "
      "qbo_payment_external_id scheduled_meeting_start_timestamp expire_at_timestamp";
  const std::set<std::string> columns = declared(*find_stream("member_activity"));
  for (const std::string& field : split(kFields, ' ')) EXPECT_THAT(columns, Contains(field));
}

}  // namespace
}  // namespace chimplift
