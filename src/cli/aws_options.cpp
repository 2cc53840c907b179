#include "cli/aws_options.hpp"

#include "aws/secrets.hpp"
#include "cli/interrupt.hpp"

namespace chimplift {
namespace {

constexpr std::string_view kAws = "aws:";

}  // namespace

AwsSettings aws_settings_of(const Values& values, const Environment& environment) {
  AwsSettings aws;
  aws.environment = environment;
  aws.http.user_agent = "chimplift/" CHIMPLIFT_VERSION;
  aws.http.ca_file = values.text("ca-file");
  aws.http.proxies = proxies_of(environment);
  aws.is_cancelled = [] { return exit_code_of_signal() != 0; };
  return aws;
}

AwsSettings aws_settings_to_judge() {
  AwsSettings aws;
  aws.environment = [](const std::string&) { return std::nullopt; };
  aws.region = "us-east-1";  // one has to be named
  return aws;
}

bool names_secret(std::string_view given) { return given.starts_with(kAws); }

Result<Secret> read_named_secret(const std::string& given, const Values& values, const Environment& environment) {
  return read_secret(aws_settings_of(values, environment), given.substr(kAws.size()));
}

}  // namespace chimplift
