// Files with keys that others may read are refused, with the command that mends it; what somebody else mounted is theirs to decide.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/process_privacy.hpp"
#include "process.hpp"

namespace chimplift::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kKey = "0123456789abcdef0123456789abcdef-us12";
const std::string kList = R"([{"account_name": "a", "api_key": ")" + kKey + R"("}])";

void expect_refused(const Ended& ended, const std::filesystem::path& file) {
  EXPECT_EQ(ended.code, 2) << ended.err;
  EXPECT_THAT(ended.err, AllOf(HasSubstr("other users of this machine may read"), HasSubstr("chmod 600 " + file.string()),
                               Not(HasSubstr("0123456789abcdef"))));
}

// The advice would be to shut everybody out of it.
TEST(PrivateFile, ThatIsSomethingElseIsNotSaidToHoldKeys) {
  const Folder folder;
  folder.write("hostname", "brave-host");
  chmod((folder.path() / "hostname").c_str(), 0644U);
  const Ended ended = run({.words = {"accounts", "--accounts", folder.path() / "hostname"}, .folder = folder.path()});
  EXPECT_EQ(ended.code, 2);
  EXPECT_THAT(ended.err, AllOf(HasSubstr("is not JSON"), Not(HasSubstr("holds keys")), Not(HasSubstr("chmod"))));
}

TEST(PrivateFile, OfAccountsIsRefusedWhereOthersMayReadOrChangeIt) {
  const Folder folder;
  folder.write("list.json", kList);
  const std::filesystem::path file = folder.path() / "list.json";
  const std::vector<std::string> words = {"accounts", "--accounts", file};
  for (const mode_t mode : {0600U, 0400U, 0700U}) {
    chmod(file.c_str(), mode);
    const Ended ended = run({.words = words, .folder = folder.path()});
    EXPECT_EQ(ended.code, 0) << ended.err;
    EXPECT_EQ(ended.err, "");
  }
  for (const mode_t mode : {0640U, 0644U, 0604U, 0620U, 0602U, 0666U, 0777U, 0444U, 0440U}) {
    chmod(file.c_str(), mode);
    expect_refused(run({.words = words, .folder = folder.path()}), file);
  }
  // What it says to do is what mends it.
  ASSERT_EQ(run({.words = {"-c", "chmod 600 " + file.string()}, .program = "/bin/sh"}).code, 0);
  EXPECT_EQ(run({.words = words, .folder = folder.path()}).code, 0);
}

TEST(PrivateFile, OfAKeyOfASettingOrOfSnowflakeIsRefusedTheSameWay) {
  const Folder folder;
  folder.write("key", kKey);
  folder.write("chimplift.toml", "api-key-override = \"" + kKey + "\"\n");
  folder.write("key.p8", "-----BEGIN PRIVATE KEY-----\n");
  for (const char* name : {"key", "chimplift.toml", "key.p8"}) chmod((folder.path() / name).c_str(), 0644);
  expect_refused(run({.words = {"accounts", "--config", (folder.path() / "chimplift.toml").string()}, .folder = "/"}),
                 folder.path() / "chimplift.toml");
  std::filesystem::remove(folder.path() / "chimplift.toml");
  const std::string key = (folder.path() / "key").string();
  expect_refused(run({.words = {"accounts", "--api-key-override", "@" + key}, .folder = folder.path()}), key);
  const std::string pem = (folder.path() / "key.p8").string();
  expect_refused(run({.words = {"generate", "snowflake-setup", "--snowflake-private-key", pem}, .folder = folder.path()}), pem);
  // Settings without a key are nobody's secret.
  folder.write("open.toml", "archive = \"x\"\n");
  chmod((folder.path() / "open.toml").c_str(), 0644);
  folder.write("accounts.json", kList);
  const Ended ended = run({.words = {"accounts", "--config", (folder.path() / "open.toml").string()}, .folder = folder.path()});
  EXPECT_EQ(ended.code, 0) << ended.err;
}

// Kubernetes mounts a secret as root's, open to the pod's group, behind symbolic links.
TEST(PrivateFile, ThatKubernetesMountsIsTaken) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can make a file somebody else's";
  const Folder folder;
  const std::filesystem::path data = folder.path() / "..2026_11_25";
  std::filesystem::create_directory(data);
  folder.write("..2026_11_25/accounts.json", kList);
  std::filesystem::create_directory_symlink("..2026_11_25", folder.path() / "..data");
  std::filesystem::create_symlink("..data/accounts.json", folder.path() / "accounts.json");
  constexpr uid_t kSomebody = 65532;
  for (const mode_t mode : {0440U, 0444U, 0644U}) {
    chmod((data / "accounts.json").c_str(), mode);
    ASSERT_EQ(chown((data / "accounts.json").c_str(), kSomebody, 65532), 0);
    const Ended other = run({.words = {"accounts"}, .folder = folder.path()});
    EXPECT_EQ(other.code, 0) << other.err;
    ASSERT_EQ(chown((data / "accounts.json").c_str(), geteuid(), 65532), 0);
    expect_refused(run({.words = {"accounts"}, .folder = folder.path()}), "accounts.json");
  }
  // A pod that runs as root owns what is mounted; no chmod of its could change it.
  if (mount(data.c_str(), data.c_str(), nullptr, MS_BIND, nullptr) != 0) GTEST_SKIP() << "may not mount";
  EXPECT_EQ(mount(nullptr, data.c_str(), nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr), 0);
  const Ended mounted = run({.words = {"accounts"}, .folder = folder.path()});
  umount2(data.c_str(), MNT_DETACH);
  EXPECT_EQ(mounted.code, 0) << mounted.err;
}

TEST(ProcessPrivacy, NoDumpNoLookingInAndNoFileForOthers) {
  const pid_t child = fork();
  if (child == 0) {
    umask(0);
    keep_process_private();
    rlimit core{};
    getrlimit(RLIMIT_CORE, &core);
    const bool is_private = core.rlim_cur == 0 && core.rlim_max == 0 && prctl(PR_GET_DUMPABLE) == 0 && umask(0) == 077;
    _exit(is_private ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST(ProcessPrivacy, KeysAreBlottedOutAndNothingElse) {
  const auto hidden = [](std::vector<std::string> words) {
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    hide_keys(pointers);
    return words;
  };
  using Words = std::vector<std::string>;
  EXPECT_EQ(hidden({"chimplift", "sync", "--api-key-override", "a-us1", "--json"}),
            (Words{"chimplift", "sync", "--api-key-override", "*****", "--json"}));
  EXPECT_EQ(hidden({"x", "--api-key-override=a-us1"}), (Words{"x", "--api-key-override=*****"}));
  EXPECT_EQ(hidden({"x", kKey}), (Words{"x", std::string(kKey.size(), '*')}));
  EXPECT_EQ(hidden({"x", "--archive=" + kKey}), (Words{"x", "--archive=" + std::string(kKey.size(), '*')}));
  EXPECT_EQ(hidden({"x", "--accounts", "[{}]"}), (Words{"x", "--accounts", "****"}));
  for (const Words& words : {Words{"x", "--api-key-override", "@file"}, Words{"x", "--api-key-override", "none"},
                             Words{"x", "--accounts", "aws:secret", "--archive", "deadbeef"}, Words{"x", "--api-key-override"}, Words{}})
    EXPECT_EQ(hidden(words), words);
}

}  // namespace
}  // namespace chimplift::testing
