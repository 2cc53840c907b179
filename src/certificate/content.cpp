#include "certificate/content.hpp"

#include "archive/layout.hpp"
#include "base/hash.hpp"

namespace chimplift {

Result<ContentList> list_content(const Settings& settings, Tree& account, const KnownSums& known) {
  std::map<std::string, i64> files;
  for (const std::string_view folder : {kRaw, kFiles, kLedger}) {
    TRY_ASSIGN(auto more, account.list(std::string(folder)));
    files.merge(more);
  }
  ContentList list;
  for (const auto& [path, size] : files) {
    TRY(settings.go_on());
    std::optional<std::string> sum;
    if (const auto found = known.find(path); found != known.end()) {
      sum = found->second;
    } else {
      TRY_ASSIGN(sum, account.sha256_of(path));
    }
    if (!sum)
      return fail(ErrorKind::temporary, account.name_of(path) + " went away while it was read",
                  "Run again while nothing else changes the archive.");
    list.text.append(*sum).append("  ").append(path).append("\n");
    ++list.sum.files;
    list.sum.bytes += size;
  }
  list.sum.sha256 = sha256_hex(list.text);
  return list;
}

}  // namespace chimplift
