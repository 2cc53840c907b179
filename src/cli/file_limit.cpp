#include "cli/file_limit.hpp"

#include <sys/resource.h>

namespace chimplift {

void raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);  // where that is refused it stays as it was, which is enough for a few accounts
}

}  // namespace chimplift
