// The stand-ins themselves, proven with Amazon's library: where that finds S3, our client's tests mean something.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>

#include "built_paths.hpp"
#include "standins/aws_services.hpp"
#include "standins/s3_server.hpp"
#include "support/temporary_folder.hpp"

namespace chimplift {
namespace {

/// Runs the script with the first Python that has what it needs; 77 where none has.
int run_python(const std::string& variables, const std::string& script) {
  int status = 0;
  for (const std::string python : {"python3 ", "/usr/bin/python3 "}) {
    status = WEXITSTATUS(std::system((variables + python + CHIMPLIFT_SOURCE "/tests/aws/" + script).c_str()));
    if (status != 77) break;
  }
  return status;
}

TEST(StandIns, AmazonsLibraryTakesThemForAws) {
  standins::S3Server s3;
  standins::SecretsServer secrets;
  standins::StsServer sts;
  standins::MetadataServer metadata;
  secrets.keep("text", "the text");
  secrets.keep_answer("bytes", R"({"SecretBinary": "AAE="})");
  const TemporaryFolder home;
  const std::string variables = "env -i PATH=\"$PATH\" HOME=" + home.path().string() +
                                " TEST_SECRET=" + s3.verifier.keys["AKIDEXAMPLE"].secret + " TEST_S3=" + s3.url() +
                                " TEST_SECRETS=" + secrets.url() + " TEST_STS=" + sts.url() + " TEST_METADATA=" + metadata.url() + " ";
  const int status = run_python(variables, "boto3_client.py");
  if (status == 77) GTEST_SKIP() << "python3-boto3 is not installed: the stand-ins were not tried with Amazon's library";
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace chimplift
