#include "aws/s3.hpp"
#include "aws/s3_answers.hpp"
#include "aws/session.hpp"

namespace chimplift {

Result<void> S3Client::list(const std::string& prefix, const std::function<bool(const S3Object&)>& visit, const std::string& after) {
  AwsCall asked = call(HttpMethod::get, "");
  const std::vector<std::pair<std::string, std::string>> query = {{"list-type", "2"}, {"encoding-type", "url"}, {"prefix", prefix}};
  asked.request.query = query;
  if (!after.empty()) asked.request.query.emplace_back("start-after", after);
  for (std::string token;;) {
    TRY_ASSIGN(const AwsAnswer answer, caller_->send(asked));
    if (!answer.ok()) return tl::unexpected(error_of("cannot list " + name_of(prefix), answer));
    bucket_was_seen_ = true;
    TRY_ASSIGN(const S3ListPage page, list_page_of(answer.response.body));
    for (const S3Object& object : page.objects) {
      if (!visit(object)) return {};
    }
    if (page.next.empty()) return {};
    if (page.next == token) return fail(ErrorKind::temporary, "S3's list of objects goes in a circle");
    token = page.next;
    asked.request.query = query;
    asked.request.query.emplace_back("continuation-token", token);
  }
}

Result<void> S3Client::check() {
  AwsCall asked = call(HttpMethod::get, "");
  asked.request.query = {{"list-type", "2"}, {"max-keys", "1"}};
  TRY_ASSIGN(const AwsAnswer answer, caller_->send(asked));
  if (!answer.ok()) return tl::unexpected(error_of("cannot use bucket " + settings_.bucket, answer));
  bucket_was_seen_ = true;
  return {};
}

}  // namespace chimplift
