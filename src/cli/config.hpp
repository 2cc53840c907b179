// The value of each option, from the first place that has one: command line, environment, settings file.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "aws/settings.hpp"
#include "base/error.hpp"
#include "cli/parse.hpp"
#include "net/proxy.hpp"

namespace chimplift {

class Values {
 public:
  void set(const std::string& name, Given given) { given_[name] = std::move(given); }

  [[nodiscard]] bool has(const std::string& name) const { return given_.contains(name); }
  /// "" where it was not given.
  [[nodiscard]] std::string text(const std::string& name) const;
  /// false where it was not given.
  [[nodiscard]] bool is_true(const std::string& name) const { return text(name) == "true"; }
  /// All values, lists taken apart at their commas.
  [[nodiscard]] std::vector<std::string> list(const std::string& name) const;
  /// Where the value was given, for messages.
  [[nodiscard]] std::string where(const std::string& name) const;

 private:
  std::map<std::string, Given, std::less<>> given_;
};

/// Errors: usage, naming the place: a boolean that is none, an empty value, a key in the file that is no option.
Result<Values> resolve(const CommandLine& line, const Environment& environment);

/// https_proxy and its kin, as curl reads them.
HttpProxies proxies_of(const Environment& environment);

/// Whether JSON is wanted where that failed, as far as can be known then: of the result, and of the log.
bool wants_json(const CommandLine& line, const Environment& environment);
bool wants_json_log(const CommandLine& line, const Environment& environment);

}  // namespace chimplift
