// The stand-ins as a program, to point other clients at: prints what to set, and ends with its standard input.
//   aws-standins </dev/tty & …; AWS_ACCESS_KEY_ID=… aws s3 ls s3://test-bucket/
#include <cstdio>

#include "standins/aws_services.hpp"
#include "standins/s3_server.hpp"

int main() {
  chimplift::standins::S3Server s3;
  chimplift::standins::SecretsServer secrets;
  chimplift::standins::StsServer sts;
  chimplift::standins::MetadataServer metadata;
  secrets.keep_answer("example", R"({"SecretString": "an example"})");
  const auto& [id, key] = *s3.verifier.keys.begin();
  std::printf("AWS_ACCESS_KEY_ID=%s\nAWS_SECRET_ACCESS_KEY=%s\nAWS_REGION=%s\n", id.c_str(), key.secret.c_str(),
              s3.verifier.region.c_str());
  std::printf("AWS_ENDPOINT_URL_S3=%s\nAWS_ENDPOINT_URL_SECRETS_MANAGER=%s\n", s3.url().c_str(), secrets.url().c_str());
  std::printf("AWS_ENDPOINT_URL_STS=%s\nAWS_EC2_METADATA_SERVICE_ENDPOINT=%s\n", sts.url().c_str(), metadata.url().c_str());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return 0;
}
