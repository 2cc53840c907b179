// The results as JSON: one document a command, with a line break at its end (docs/command-line.md). Fields are only ever added.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "sync/doctor.hpp"
#include "sync/plan.hpp"
#include "sync/run_result.hpp"
#include "sync/status.hpp"

namespace chimplift {

std::string error_document(const Error& error, int code);
std::string run_document(std::string_view command, const RunResult& result, int code);
std::string plan_document(const std::vector<AccountPlan>& plans, int code);
std::string status_document(const std::vector<AccountStatus>& accounts, int code);
std::string doctor_document(const std::vector<Check>& checks, int code);
std::string streams_document();
/// A list of {"account_name", "server"}: a workflow makes one run of each. Never a key.
std::string accounts_document(std::span<const Account> accounts);
std::string version_document();
std::string sql_document(const std::string& sql);
std::string text_document(const std::string& text);

}  // namespace chimplift
