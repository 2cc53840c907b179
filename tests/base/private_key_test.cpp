// Keys in every form in which people have them, against openssl's own program.
#include "base/private_key.hpp"

#include <gmock/gmock.h>

#include <cstdio>
#include <memory>

#include "base/files.hpp"
#include "base/zstd.hpp"
#include "support/temporary_folder.hpp"

namespace chimplift {
namespace {

using testing::HasSubstr;
using testing::Not;

/// What a command of the shell prints.
std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string text;
  char piece[4096];
  for (std::size_t size = 0; (size = fread(piece, 1, sizeof piece, pipe.get())) > 0;) text.append(piece, size);
  return text;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
  return text;
}

class PrivateKeys : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<TemporaryFolder>();
    const std::string at = folder_->path().string();
    output_of(
        "cd " + at + " && openssl genrsa 2048 2>/dev/null | openssl pkcs8 -topk8 -nocrypt -out key.p8 && openssl pkcs8 -topk8 -in " +
        "key.p8 -v2 aes-256-cbc -passout pass:open-sesame -out locked.p8 && openssl rsa -in key.p8 -traditional -out key.pem " +
        "2>/dev/null && openssl rsa -in key.p8 -pubout -out public.pem 2>/dev/null && openssl ecparam -genkey -name prime256v1 -noout " +
        "-out curve.pem && openssl genrsa -out short.pem 1024 2>/dev/null");
  }
  static void TearDownTestSuite() { folder_.reset(); }
  static std::string text(const std::string& name) { return *read_file(*folder_ / name); }

  static std::unique_ptr<TemporaryFolder> folder_;
};

std::unique_ptr<TemporaryFolder> PrivateKeys::folder_;

TEST_F(PrivateKeys, HaveTheFingerprintThatOpensslGives) {
  const auto key = PrivateKey::parse(text("key.p8"), Secret());
  ASSERT_TRUE(key) << key.error().message;
  const std::string theirs = output_of("openssl rsa -in " + (*folder_ / "key.p8").string() +
                                       " -pubout -outform DER 2>/dev/null | openssl dgst -sha256 -binary | openssl base64 -A");
  EXPECT_EQ(key->fingerprint(), "SHA256:" + theirs);
  EXPECT_EQ(key->public_pem(), text("public.pem"));
}

TEST_F(PrivateKeys, SignAsOpensslVerifies) {
  const auto key = PrivateKey::parse(text("key.p8"), Secret());
  ASSERT_TRUE(key);
  const std::string signature = key->sign("what is signed");
  ASSERT_TRUE(write_file(*folder_ / "text", "what is signed"));
  ASSERT_TRUE(write_file(*folder_ / "signature", signature));
  EXPECT_THAT(output_of("cd " + folder_->path().string() + " && openssl dgst -sha256 -verify public.pem -signature signature text"),
              HasSubstr("Verified OK"));
}

TEST_F(PrivateKeys, AreReadInEveryFormThatPeopleHave) {
  const std::string fingerprint = PrivateKey::parse(text("key.p8"), Secret())->fingerprint();
  const std::string pem = text("key.p8");
  std::string body = replaced(replaced(pem, "-----BEGIN PRIVATE KEY-----", ""), "-----END PRIVATE KEY-----", "");
  for (const std::string& form : {text("key.pem"), replaced(pem, "\n", "\\n"), replaced(pem, "\n", "\r\n"), replaced(pem, "\n", "\\r\\n"),
                                  "\n " + pem + "\n\n", body, replaced(body, "\n", ""), replaced(body, "\n", " ")}) {
    const auto key = PrivateKey::parse(form, Secret());
    ASSERT_TRUE(key) << form.substr(0, 40);
    EXPECT_EQ(key->fingerprint(), fingerprint);
  }
  const auto locked = PrivateKey::parse(replaced(text("locked.p8"), "\n", "\\n"), Secret("open-sesame"));
  ASSERT_TRUE(locked) << locked.error().message;
  EXPECT_EQ(locked->fingerprint(), fingerprint);
}

TEST_F(PrivateKeys, ThatCannotBeUsedSayWhyAndNothingOfThemselves) {
  const auto message = [](const std::string& pem, const std::string& passphrase = {}) {
    const auto key = PrivateKey::parse(pem, Secret(passphrase));
    EXPECT_FALSE(key);
    return key ? std::string() : key.error().message;
  };
  EXPECT_THAT(message(text("locked.p8")), HasSubstr("no passphrase"));
  EXPECT_THAT(message(text("locked.p8"), "wrong-sesame"), HasSubstr("with that passphrase"));
  EXPECT_THAT(message(text("curve.pem")), HasSubstr("not an RSA key"));
  EXPECT_THAT(message(text("short.pem")), HasSubstr("2048"));
  EXPECT_THAT(message(""), HasSubstr("not PEM"));
  EXPECT_THAT(message("something-else"), Not(HasSubstr("something-else")));
}

TEST(Base64Url, IsAsTokensHaveIt) {
  EXPECT_EQ(base64_url("\xfb\xff\xfe"), "-__-");
  EXPECT_EQ(base64_url("a"), "YQ");
}

TEST(Compressor, WritesOneFrameOfManyPieces) {
  Compressor compressor;
  std::string all;
  for (int i = 0; i < 20'000; ++i) {
    const std::string line = std::to_string(i * 7'919) + " and so on\n";
    compressor.append(line);
    all += line;
  }
  EXPECT_GT(compressor.size(), 0);
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder / "frame.zst", compressor.finish()));
  EXPECT_EQ(output_of("zstd -dc " + (folder / "frame.zst").string()), all);
}

}  // namespace
}  // namespace chimplift
