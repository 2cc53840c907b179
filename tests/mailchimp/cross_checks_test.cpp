// What has to hold for every cross-check: it names what is there, and both of its sides can be compared.
#include "mailchimp/cross_checks.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "mailchimp/catalogue.hpp"

namespace chimplift {
namespace {

using testing::Contains;

std::set<std::string> declared(const Stream& stream) {
  std::set<std::string> names;
  for (const std::string& word : split(stream.columns, ' ')) names.insert(word.substr(0, word.find(':')));
  return names;
}

void expect_sound(const CrossCheck& check, const CrossCheck::Side& side) {
  const Stream* stream = find_stream(side.stream);
  ASSERT_NE(stream, nullptr) << check.name << ": there is no stream " << side.stream;
  const std::set<std::string> fields = declared(*stream);
  const std::vector<std::string> parents = parent_columns(*stream);
  const auto is_parent = [&parents](const std::string& name) { return std::find(parents.begin(), parents.end(), name) != parents.end(); };
  const auto first = [](const std::string& path) { return path.substr(0, path.find('.')); };
  for (const std::string& name : split(side.by, ' ')) {
    EXPECT_TRUE(is_parent(name) || fields.contains(first(name))) << check.name << ": " << name;
  }
  for (const std::string& condition : split(side.where, ' ')) {
    EXPECT_NE(condition.find('='), std::string::npos) << check.name;
    for (const std::string& field : split(condition.substr(0, condition.find_first_of("!=")), '+'))
      EXPECT_THAT(fields, Contains(first(field))) << check.name;
  }
  EXPECT_TRUE(side.lately.empty() || fields.contains(std::string(side.lately))) << check.name;
  if (side.of_page) {
    EXPECT_FALSE(side.sum.empty() || stream->items.empty()) << check.name;
    EXPECT_EQ(stream->sweeps.size(), 1U) << check.name << ": a page's number would be one sweep's";
    EXPECT_EQ(split(side.by, ' '), parents) << check.name;
  } else {
    for (const std::string& field : split(side.sum, '+')) EXPECT_THAT(fields, Contains(first(field))) << check.name;
  }
  EXPECT_TRUE(stream->embedded.empty()) << check.name << ": most of its records are on its parent's pages";
  // Without a key, records that stand on two pages would count twice.
  EXPECT_TRUE(stream->paging == Paging::object || !shape_of(*stream).key.empty()) << check.name;
}

TEST(CrossChecks, NameStreamsAndFieldsOfTheCatalogue) {
  for (const CrossCheck& check : cross_checks()) {
    expect_sound(check, check.said);
    expect_sound(check, check.read);
    EXPECT_TRUE(check.read.lately.empty() || find_stream(check.read.stream)->parent == check.said.stream) << check.name;
    EXPECT_EQ(split(check.said.by, ' ').size(), split(check.read.by, ' ').size()) << check.name;
    EXPECT_TRUE(check.explanation.ends_with('.')) << check.name;
  }
}

TEST(CrossChecks, HaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (const CrossCheck& check : cross_checks()) EXPECT_TRUE(names.insert(check.name).second) << check.name;
}

// What is exact or a least can make an account "not safe": each such entry was weighed by somebody, and so is each new one. What is owed
// makes it one with exceptions.
TEST(CrossChecks, JudgeOnlyWhereMailchimpsDocumentationIsCertain) {
  std::set<std::string_view> judging;
  std::set<std::string_view> owed;
  for (const CrossCheck& check : cross_checks()) {
    if (check.relation == CrossCheck::Relation::owed) {
      owed.insert(check.name);
    } else if (check.relation != CrossCheck::Relation::about) {
      judging.insert(check.name);
    }
  }
  EXPECT_EQ(owed, (std::set<std::string_view>{"campaigns that sent e-mails have a body"}));
  EXPECT_EQ(judging,
            (std::set<std::string_view>{"every sent campaign has its report", "subscribed contacts of an audience",
                                        "contacts of an audience, at the least", "bytes of all stored files", "files of a folder"}));
}

}  // namespace
}  // namespace chimplift
