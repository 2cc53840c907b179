#include "certificate/content.hpp"

#include <optional>

#include "archive/layout.hpp"
#include "base/hash.hpp"

namespace chimplift {
namespace {

tl::unexpected<Error> went_away(const Tree& account, const std::string& path) {
  return fail(ErrorKind::temporary, account.name_of(path) + " went away while the archive was read",
              "Run again while nothing else changes the archive.");
}

Result<std::string> sum_of(const Settings& settings, Tree& account, const std::string& path) {
  TRY(settings.go_on());
  TRY_ASSIGN(std::optional<std::string> sum, account.sha256_of(path));
  if (sum) return std::move(*sum);
  return went_away(account, path);
}

}  // namespace

Result<void> sum_up(const Settings& settings, Tree& account, KnownSums& known) {
  for (const std::string_view folder : {kRaw, kFiles}) {
    TRY_ASSIGN(const auto files, account.list(std::string(folder)));
    for (const auto& [path, size] : files) {
      if (const auto found = known.find(path); found != known.end() && !found->second.empty()) continue;
      TRY_ASSIGN(known[path], sum_of(settings, account, path));
    }
  }
  return {};
}

Result<ContentList> list_content(const Settings& settings, Tree& account, const KnownSums& known) {
  std::map<std::string, i64> files;
  for (const std::string_view folder : {kRaw, kFiles, kLedger}) {
    TRY_ASSIGN(auto more, account.list(std::string(folder)));
    files.merge(more);
  }
  for (const auto& [path, sum] : known) {
    if (!files.contains(path)) return went_away(account, path);
  }
  ContentList list;
  for (const auto& [path, size] : files) {
    std::string sum;
    if (const auto found = known.find(path); found != known.end() && !found->second.empty()) {
      sum = found->second;
    } else {
      TRY_ASSIGN(sum, sum_of(settings, account, path));
    }
    list.text.append(sum).append("  ").append(path).append("\n");
    ++list.sum.files;
    list.sum.bytes += size;
  }
  list.sum.sha256 = sha256_hex(list.text);
  return list;
}

}  // namespace chimplift
