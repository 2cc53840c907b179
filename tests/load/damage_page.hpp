// Damage to one page of an archive that a test has open.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "archive/samples.hpp"
#include "support/small_archive.hpp"

namespace chimplift {

/// Changes one byte of the table's newest page where it lies, which the archive goes on to write behind.
inline void damage_newest_page(const SmallArchive& small, const std::string& table) {
  ASSERT_TRUE(small.archive->flush());
  std::optional<PageRecord> newest;
  for (const PageRecord& page : pages_in(*small.archive)) {
    if (page.unit.stream == table) newest = page;
  }
  ASSERT_TRUE(newest) << table;
  const std::filesystem::path account = small.folder.path() / small.archive->about().account_name;
  std::fstream segment(account / raw_path(table, newest->segment), std::ios::binary | std::ios::in | std::ios::out);
  const auto at = static_cast<std::streamoff>(newest->at + newest->bytes / 2);
  segment.seekg(at);
  const int byte = segment.get();
  segment.seekp(at);
  segment.put(static_cast<char>(byte ^ 1));
  ASSERT_TRUE(segment.flush()) << table;
}

}  // namespace chimplift
