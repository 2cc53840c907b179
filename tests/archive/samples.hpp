// Pages and files as tests keep them.
#pragma once

#include <string>

#include "archive/account_archive.hpp"
#include "base/hash.hpp"

namespace chimplift {

inline PageToKeep sample_page(const std::string& stream, i64 offset, const std::string& body) {
  PageToKeep page;
  page.record.unit = {stream, {"a/b"}, 0};
  page.record.offset = offset;
  page.record.count = 10;
  page.record.records = 1;
  page.record.total = 1;
  page.record.received_at = "2026-11-23T19:22:05.000000Z";
  page.envelope.stream = stream;
  page.envelope.path = "/lists/a%2Fb/members";
  page.envelope.query = "count=10&offset=" + std::to_string(offset);
  page.envelope.parents = {{"list_id", "a/b"}};
  page.body = body;
  return page;
}

inline std::vector<LedgerRecord> all_records(const AccountArchive& archive) {
  std::vector<LedgerRecord> records;
  Result<LedgerReader> reader = archive.ledger();
  while (reader) {
    Result<std::optional<LedgerRecord>> record = reader->next(archive.durable());
    if (!record || !*record) break;
    records.push_back(std::move(**record));
  }
  return records;
}

inline std::vector<PageRecord> pages_in(const AccountArchive& archive) {
  std::vector<PageRecord> pages;
  for (LedgerRecord& record : all_records(archive)) {
    if (auto* page = std::get_if<PageRecord>(&record)) pages.push_back(std::move(*page));
  }
  return pages;
}

}  // namespace chimplift
