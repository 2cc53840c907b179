#include "base/log.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "base/hash.hpp"
#include "base/secret.hpp"
#include "base/text.hpp"

namespace chimplift {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string kKey = "0123456789abcdef/0123456789abcdef-us12";

std::string logged(LogFormat format, const std::function<void()>& write) {
  testing::internal::CaptureStderr();
  set_up_log(LogLevel::debug, format);
  write();
  const std::string text = testing::internal::GetCapturedStderr();
  set_up_log(LogLevel::off, LogFormat::text);
  return text;
}

std::vector<std::string> forms_of(const std::string& key) { return {key, percent_encode(key), base64("chimplift:" + key)}; }

TEST(Redact, ReplacesEveryFormOfEverySecret) {
  const Secret key(kKey);
  const Secret longer(kKey + "-and-more");
  for (const std::string& form : forms_of(kKey)) {
    EXPECT_EQ(redact("a " + form + " b " + form), "a [secret] b [secret]");
  }
  EXPECT_EQ(redact(kKey + "-and-more"), "[secret]") << "the longer secret leaves no tail";
  EXPECT_EQ(redact(""), "");
}

/// The text that stands in a secret's place may be one too, or hold one.
TEST(Redact, EndsWhateverTheSecretIs) {
  const Secret odd("[secret]");
  const Secret doubled("[secret][secret]");
  EXPECT_EQ(redact("a [secret] b"), "a [secret] b");
  EXPECT_EQ(redact("[secret][secret][secret]"), "[secret][secret]");
  EXPECT_EQ(redact("%5Bsecret%5D"), "[secret]");
}

TEST(Redact, ShortSecretsDoNotEatOrdinaryWords) {
  const Secret word("key");
  EXPECT_EQ(redact("the key of the account"), "the key of the account");
}

TEST(Log, NoSecretInAnyFormReachesALineOfEitherFormat) {
  const Secret key(kKey);
  for (const LogFormat format : {LogFormat::text, LogFormat::json}) {
    for (const std::string& form : forms_of(kKey)) {
      const std::string text = logged(format, [&form] {
        log_info("asked", {{"url", "https://x/?key=" + form}, {"header", "Basic " + form}});
        log_error("failed at " + form);
      });
      EXPECT_THAT(text, Not(HasSubstr(form)));
      EXPECT_THAT(text, HasSubstr("[secret]"));
    }
  }
}

TEST(Log, ControlCharactersMakeNoSecondLine) {
  // The last ones: C1's CSI in UTF-8, a right-to-left override, and CSI as one byte, which is no UTF-8.
  const std::string hostile =
      "a\r\n2026-01-01 error: forged\x1B[2J\x7F\x01"
      "\xC2\x9B"
      "31m\xE2\x80\xAE\xE2\x80\xA8\x9B"
      "2J";
  for (const LogFormat format : {LogFormat::text, LogFormat::json}) {
    const std::string text =
        logged(format, [&hostile] { log_warning("odd " + hostile, {{"name", hostile}, {"nul", std::string("a\0b", 3)}}); });
    ASSERT_FALSE(text.empty());
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
    EXPECT_EQ(text.back(), '\n');
    const std::string line = text.substr(0, text.size() - 1);
    for (const char c : line) EXPECT_GE(static_cast<unsigned char>(c), 0x20) << text;
    EXPECT_EQ(shown(line), line) << "what no screen may be sent";
    if (format != LogFormat::json) continue;
    // A program that reads the line is told what it was.
    const nlohmann::json read = nlohmann::json::parse(line, nullptr, false);
    ASSERT_TRUE(read.is_object()) << text;
    EXPECT_EQ(read["name"], to_utf8(hostile));
  }
}

TEST(Log, JsonLinesParseWhateverTheBytes) {
  const std::string text = logged(LogFormat::json, [] { log_error("bad \xFF bytes", {{"value", "\xC3\"\\\n"}}); });
  const nlohmann::json line = nlohmann::json::parse(text, nullptr, false);
  ASSERT_TRUE(line.is_object()) << text;
  EXPECT_EQ(line["event"], "bad \xEF\xBF\xBD bytes");
  EXPECT_EQ(line["value"], "\xEF\xBF\xBD\"\\\n");
}

TEST(Log, WritesOnlyFromItsLevelOn) {
  testing::internal::CaptureStderr();
  set_up_log(LogLevel::warning, LogFormat::text);
  log_debug("one");
  log_info("two");
  log_warning("three", {{"n", "3"}});
  log_error("four");
  const std::string text = testing::internal::GetCapturedStderr();
  set_up_log(LogLevel::off, LogFormat::text);
  EXPECT_THAT(text, Not(HasSubstr("one")));
  EXPECT_THAT(text, Not(HasSubstr("two")));
  EXPECT_THAT(text, HasSubstr("warning: three n=3\n"));
  EXPECT_THAT(text, HasSubstr("error: four\n"));
}

}  // namespace
}  // namespace chimplift
