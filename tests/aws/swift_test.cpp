// The S3 client against a real object store that somebody else wrote: OpenStack Swift with its s3api. It checks signatures, hashes of
// payloads and the clock, but knows neither conditional writes nor checksums; those promises only the stand-in can hold us to.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>

#include "aws/place.hpp"
#include "base/text.hpp"
#include "built_paths.hpp"
#include "support/temporary_folder.hpp"

namespace chimplift {
namespace {

/// tests/swift/serve.py, which ends with this object, or with this process.
class Swift {
 public:
  Swift() {
    std::array<int, 2> to{};
    std::array<int, 2> from{};
    if (pipe(to.data()) != 0 || pipe(from.data()) != 0) throw std::runtime_error("no pipe");
    id_ = fork();
    if (id_ == 0) {
      dup2(to[0], STDIN_FILENO);
      dup2(from[1], STDOUT_FILENO);
      for (const int end : {to[0], to[1], from[0], from[1]}) close(end);
      execlp("python3", "python3", CHIMPLIFT_SOURCE "/tests/swift/serve.py", folder_.path().c_str(), nullptr);
      _exit(77);
    }
    close(to[0]);
    close(from[1]);
    stop_ = to[1];
    std::string said;
    char one = 0;
    while (std::count(said.begin(), said.end(), '\n') < 5 && read(from[0], &one, 1) == 1) said += one;
    close(from[0]);
    words_ = split(said, '\n');
  }
  Swift(const Swift&) = delete;
  Swift& operator=(const Swift&) = delete;
  ~Swift() { stop(); }

  /// serve.py's exit code.
  int stop() {
    if (id_ < 0) return 0;
    close(stop_);
    int status = 0;
    waitpid(id_, &status, 0);
    id_ = -1;
    return WEXITSTATUS(status);
  }
  [[nodiscard]] bool is_up() const { return words_.size() == 5; }
  [[nodiscard]] const std::vector<std::string>& words() const { return words_; }

 private:
  TemporaryFolder folder_;
  std::vector<std::string> words_;
  pid_t id_ = -1;
  int stop_ = -1;
};

void make_bucket(const S3Place& place, const std::string& endpoint) {
  AwsSession session(settings_of(place.variables));
  AwsCall call;
  call.request = {HttpMethod::put, endpoint, "/" + place.bucket, {}, {}, ""};
  const AwsAnswer answer = value_of_result(AwsCaller(session, {"s3", place.variables.at("AWS_REGION")}, problem_of_xml).send(call));
  ASSERT_TRUE(answer.ok()) << reason_of(answer.response, answer.problem);
}

TEST(Swift, KeepsOurPromisesTo) {
  Swift swift;
  if (!swift.is_up()) {
    const int status = swift.stop();
    ASSERT_EQ(status, 77) << "serve.py failed";
    GTEST_SKIP()
        << "OpenStack Swift is not installed (swift-proxy swift-account swift-container swift-object memcached): not tried with it";
  }
  const std::vector<std::string>& words = swift.words();
  const S3Place place{
      {{"AWS_ENDPOINT_URL_S3", words[0]}, {"AWS_ACCESS_KEY_ID", words[1]}, {"AWS_SECRET_ACCESS_KEY", words[2]}, {"AWS_REGION", words[3]}},
      words[4],
      false,
      false};
  make_bucket(place, words[0]);
  for (const S3Promise& promise : s3_promises()) {
    SCOPED_TRACE(promise.name);
    promise.check(place);
  }
  // And its refusals are understood.
  const auto error_with = [&](const std::string& name, const std::string& value, const std::string& bucket) {
    S3Place other = place;
    if (!name.empty()) other.variables[name] = value;
    if (!bucket.empty()) other.bucket = bucket;
    AwsSession session(settings_of(other.variables));
    const Result<std::optional<std::string>> got = other.client(session).get("key");
    return got ? Error{} : got.error();
  };
  EXPECT_EQ(error_with("AWS_SECRET_ACCESS_KEY", "wrong-secret", "").kind, ErrorKind::permission);
  EXPECT_EQ(error_with("", "", "no-such-bucket").kind, ErrorKind::destination);
  EXPECT_NE(error_with("AWS_REGION", "us-west-2", "").advice.find("eu-central-1"), std::string::npos);
}

}  // namespace
}  // namespace chimplift
