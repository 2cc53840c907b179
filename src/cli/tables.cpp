#include "cli/tables.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "base/text.hpp"
#include "mailchimp/catalogue.hpp"

namespace chimplift {
namespace {

/// The state in the colour that it deserves.
std::string coloured(const std::string& state, const Paint& paint) {
  if (state == "incomplete" || state == "not permitted") return paint.red(state);
  if (state == "under way" || state == "not begun") return paint.yellow(state);
  return state;
}

}  // namespace

TextTable::TextTable(std::vector<std::string> headings) : headings_(std::move(headings)) {
  for (std::string& heading : headings_) {
    right_.push_back(heading.starts_with('>'));
    if (right_.back()) heading.erase(0, 1);
  }
}

std::string TextTable::text(const Paint& paint, std::string_view indent) const {
  std::vector<i64> widths;
  for (std::size_t column = 0; column < headings_.size(); ++column) {
    i64 width = width_of(headings_[column]);
    for (const auto& row : rows_) width = std::max(width, column < row.size() ? width_of(row[column]) : 0);
    widths.push_back(width);
  }
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text;
    for (std::size_t column = 0; column < cells.size(); ++column) {
      text += column == 0 ? std::string(indent) : "  ";
      text += right_[column] ? pad_left(cells[column], widths[column]) : pad_right(cells[column], widths[column]);
    }
    return text.substr(0, text.find_last_not_of(' ') + 1);
  };
  std::string all = paint.dim(line(headings_)) + "\n";
  for (const auto& row : rows_) all += line(row) + "\n";
  return all;
}

std::string count_or_dash(const std::optional<i64>& number) { return number ? format_count(*number) : std::string("—"); }

std::string only_if_new(std::string_view step, std::string& last) {
  if (step == last) return {};
  last = step;
  return last;
}

std::string plan_text(const std::vector<AccountPlan>& plans, const Paint& paint) {
  std::string text;
  for (const AccountPlan& plan : plans) {
    if (plan.error) continue;
    text += paint.bold(shown(plan.account_name)) + "\n";
    TextTable table({"step", "table", ">rows", ">requests", "note"});
    std::string last;
    for (const PlanLine& line : plan.lines) {
      const std::string note = line.helper ? "excluded; read for its ids" : line.excluded ? "excluded" : "";
      const bool is_read = !line.excluded || line.helper;
      table.add({only_if_new(line.step, last), line.table, is_read ? count_or_dash(line.rows) : "",
                 is_read ? format_count(line.requests) : "", paint.dim(note)});
    }
    text += table.text(paint);
    text += fmt::format("  At least {} requests: {} or more, at the {} ms that Mailchimp takes to answer now, {} at a time.\n",
                        format_count(plan.requests), format_duration(plan.estimated_seconds), static_cast<i64>(plan.latency_seconds * 1000),
                        kSlots);
    text += "  — is not known before it is read; each such collection is counted as one request.\n\n";
  }
  return text;
}

std::string status_text(const std::vector<AccountStatus>& accounts, const Paint& paint) {
  std::string text;
  for (const AccountStatus& account : accounts) {
    if (account.error) continue;
    text += paint.bold(shown(account.account_name)) + (account.test ? paint.yellow("  (a test run's archive)") : "") + "\n";
    TextTable table({"step", "table", "state", ">collections", ">left", ">records", ">pages"});
    std::string last;
    for (const StatusLine& line : account.lines) {
      table.add({only_if_new(line.step, last), line.table, coloured(line.state, paint), format_count(line.units_ended),
                 line.units_open == 0 ? "" : format_count(line.units_open), format_count(line.records), format_count(line.pages)});
    }
    text += table.text(paint);
    text += fmt::format("  {} files, {}. Last page: {}.\n", format_count(account.files), format_bytes(account.file_bytes),
                        account.last_page_at.empty() ? "none yet" : account.last_page_at);
    text += account.verdict.empty() ? "  No certificate yet: `chimplift sync` or `chimplift verify` writes one.\n\n"
                                    : fmt::format("  Last verdict: {}.\n\n", shown(account.verdict));
  }
  return text;
}

std::string doctor_text(const std::vector<Check>& checks, const Paint& paint) {
  std::string text;
  std::string last;
  i64 failed = 0;
  for (const Check& check : checks) {
    if (!check.account_name.empty() && check.account_name != last) text += paint.bold(shown(check.account_name)) + "\n";
    last = check.account_name;
    const std::string what = pad_right(shown(check.what), 18);
    if (!check.error) {
      text += fmt::format("  {}  {}  {}\n", paint.green("ok    "), what, shown(redact(check.detail)));
      continue;
    }
    ++failed;
    text += fmt::format("  {}  {}  {}\n", paint.red("failed"), what, shown(redact(check.error->message)));
    if (!check.error->advice.empty()) text += fmt::format("          {}  {}\n", std::string(18, ' '), shown(redact(check.error->advice)));
  }
  text += failed == 0 ? "\nAll is well: sync has what it needs.\n" : fmt::format("\n{} of {} checks failed.\n", failed, checks.size());
  return text;
}

std::string streams_text(const Paint& paint) {
  TextTable table({"step", "table", "path", "key", "paging"});
  std::string last;
  for (const Stream& stream : catalogue()) {
    table.add({only_if_new(stream.step, last), std::string(stream.table), std::string(stream.path),
               fmt::format("{}", fmt::join(table_of(stream).key, ", ")), std::string(name_of(stream.paging))});
  }
  return table.text(paint, "");
}

std::string accounts_text(std::span<const Account> accounts, const Paint& paint) {
  TextTable table({"account", "server"});
  for (const Account& account : accounts) table.add({shown(account.name), account.server.empty() ? "—" : account.server});
  return table.text(paint, "");
}

}  // namespace chimplift
