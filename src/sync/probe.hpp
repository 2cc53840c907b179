// A few requests one after another, outside a pull: what plan and doctor ask.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mailchimp/account.hpp"
#include "mailchimp/stream.hpp"
#include "net/http.hpp"
#include "rows/page.hpp"
#include "sync/settings.hpp"

namespace chimplift {

class Probe {
 public:
  Probe(const Settings& settings, const Account& account);

  /// GET of a path below the API's root; the body, or what an answer other than a page means. Temporary answers are asked again a few
  /// times.
  Result<std::string> get(const std::string& path_and_query);
  /// One page of a stream.
  Result<PageContents> page(const Stream& stream, const std::vector<std::string>& parents, int sweep, i64 offset, i64 count,
                            const PageShape& shape);
  /// Seconds that each answer took.
  [[nodiscard]] const std::vector<double>& latencies() const { return latencies_; }

 private:
  const Settings* settings_;
  const Account* account_;
  std::unique_ptr<HttpLoop> loop_;
  std::vector<double> latencies_;
};

}  // namespace chimplift
