// What a command that moves data hands out: how it went with each account, and with the run as a whole.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "certificate/certificate.hpp"
#include "warehouse/warehouse.hpp"

namespace chimplift {

struct AccountResult {
  std::string account_name;
  std::optional<Error> error;              // what stopped this account
  std::optional<Certificate> certificate;  // where it was verified
  std::optional<PartialReading> partial;   // where only a part was read again
  std::string standing;                    // certificate.json, where a partial verification or a run of some steps left it as it is
  bool is_unwritten = false;               // the certificate: it could not be, or the one that stands speaks of more and was left as it is
  i64 requests = 0;
  i64 retries = 0;
  i64 records = 0;  // pulled in this run
  i64 rows = 0;     // loaded in this run, and committed
  // Where a finished archive was brought up to date: what that did to the tables, as far as the warehouse counts it.
  std::optional<ChangesByTable> changes = {};
  std::optional<std::vector<Finding>> gaps = {};  // of a pull alone, which writes no certificate
  bool is_test = false;                           // and these fail nothing
};

struct RunResult {
  std::vector<AccountResult> accounts;
  std::optional<Error> error;  // what stopped the run as a whole (the warehouse, an interrupt)
  double seconds = 0;

  /// The worst that happened: nullopt where all went well. Gaps count as ErrorKind::gaps.
  [[nodiscard]] std::optional<ErrorKind> failure() const;
};

}  // namespace chimplift
