// What AWS answers, and the files of its profiles: read, or refused with a reason. Input: a digit (what it is), then the bytes.
#include <algorithm>

#include "aws/credential_sources.hpp"
#include "aws/problem.hpp"
#include "aws/s3_answers.hpp"
#include "aws/settings.hpp"
#include "base/text.hpp"
#include "scratch.hpp"

namespace {

void check_list(const std::string& xml) {
  const auto page = chimplift::list_page_of(xml);
  if (!page) {
    HOLDS(page.error().kind == chimplift::ErrorKind::temporary && !page.error().message.empty());
    return;
  }
  for (const chimplift::S3Object& object : page->objects) HOLDS(object.size >= 0);
}

void check_problem(const std::string& body) {
  for (const int status : {0, 200, 301, 403, 404, 503}) {
    chimplift::HttpResponse response;
    response.status = status;
    response.body = body;
    if (status == 0) response.error = chimplift::TransportError::interrupted;
    for (const chimplift::AwsProblem& problem : {chimplift::problem_of_xml(response), chimplift::problem_of_json(response)}) {
      HOLDS(status == 200 || !chimplift::reason_of(response, problem).empty());
      HOLDS(status == 404 || status == 200 || status == 301 || status == 403 || chimplift::may_pass(response, problem));
      static_cast<void>(chimplift::is_expired(problem));
      static_cast<void>(chimplift::is_skewed(problem));
    }
  }
}

void check_credentials(const std::string& body) {
  const auto credentials = chimplift::credentials_of_json(body, "a container");
  if (credentials) {
    HOLDS(!credentials->access_key_id.empty() && !credentials->secret_access_key.empty());
  } else {
    HOLDS(!credentials.error().message.empty());
  }
}

void check_profiles(std::string_view text) {
  static const ScratchFile kFile;
  kFile.write(text);
  chimplift::AwsSettings settings;
  settings.environment = [](const std::string& name) -> std::optional<std::string> {
    return name == "AWS_CONFIG_FILE" || name == "AWS_SHARED_CREDENTIALS_FILE" ? std::optional(kFile.path()) : std::nullopt;
  };
  const auto files = chimplift::ProfileFiles::read(settings);
  HOLDS(files.has_value());
  for (const auto& [name, profile] : files->profiles) {
    for (const auto& [key, value] : profile) HOLDS(key == chimplift::to_lower(key) && chimplift::trim(value) == value);
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string rest(text_of(data + 1, size - 1));
  switch (data[0]) {
    case '0':
      check_list(rest);
      break;
    case '1':
      check_problem(rest);
      break;
    case '2':
      check_credentials(rest);
      break;
    case '3': {
      const auto total = chimplift::total_of(rest);
      HOLDS(total ? *total >= 0 : !total.error().message.empty());
      break;
    }
    default:
      check_profiles(rest);
  }
  return 0;
}
