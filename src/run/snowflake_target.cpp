#include "run/snowflake_target.hpp"

#include <fmt/format.h>

namespace chimplift {
namespace {

class S3StageFiles final : public StageFiles {
 public:
  S3StageFiles(S3Client s3, std::string bucket, std::string prefix)
      : s3_(std::move(s3)), bucket_(std::move(bucket)), prefix_(std::move(prefix)) {}

  [[nodiscard]] std::string uri() const override { return "s3://" + bucket_ + "/" + prefix_; }
  Result<void> put(const std::string& name, std::string_view bytes) override {
    TRY(s3_.put(prefix_ + name, bytes));
    return {};
  }
  Result<void> remove(const std::string& name) override { return s3_.remove(prefix_ + name); }
  Result<std::vector<std::string>> list() override {
    std::vector<std::string> names;
    TRY(s3_.list(prefix_, [&](const S3Object& object) {
      names.push_back(object.key.substr(prefix_.size()));
      return true;
    }));
    return names;
  }

 private:
  S3Client s3_;
  std::string bucket_;
  std::string prefix_;  // with a slash at its end, or ""
};

}  // namespace

Result<std::shared_ptr<StageFiles>> open_stage_files(const SnowflakeTarget& target) {
  constexpr std::string_view kScheme = "s3://";
  const std::string& url = target.stage_url;
  const std::size_t slash = url.find('/', kScheme.size());
  if (!url.starts_with(kScheme) || slash == std::string::npos || !url.ends_with('/')) {
    return fail(ErrorKind::usage, fmt::format("{} is not a place for staged files", url.empty() ? "nothing" : url),
                "As in: --snowflake-stage-url s3://bucket/prefix/");
  }
  const std::string bucket = url.substr(kScheme.size(), slash - kScheme.size());
  S3Settings settings = target.s3;
  settings.bucket = bucket;
  TRY_ASSIGN(S3Client s3, S3Client::make(target.aws, settings));
  return std::make_shared<S3StageFiles>(std::move(s3), bucket, url.substr(slash + 1));
}

}  // namespace chimplift
