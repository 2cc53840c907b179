#include "cli/tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "base/text.hpp"
#include "mailchimp/catalogue.hpp"

namespace chimplift {
namespace {

/// The state in the colour that it deserves.
std::string coloured(StatusLine::State state, const Paint& paint) {
  using State = StatusLine::State;
  const std::string name(name_of(state));
  switch (state) {
    case State::incomplete:
    case State::not_permitted:
      return paint.red(name);
    case State::read_so_far:
    case State::under_way:
    case State::not_begun:
      return paint.yellow(name);
    case State::excluded:
      return paint.dim(name);
    case State::complete:
    case State::gone:
      return name;
  }
  return name;
}

/// "2026-11-23 10:12 UTC" of "2026-11-23T10:12:05.104533Z".
std::string minute_of(const std::string& rfc3339) {
  if (rfc3339.size() < 16) return shown(rfc3339);
  return shown(rfc3339.substr(0, 10) + " " + rfc3339.substr(11, 5)) + " UTC";
}

std::string verdict_text(const AccountStatus& account, const Paint& paint) {
  if (account.verdict.empty()) return "  No certificate yet: `chimplift sync` or `chimplift verify` writes one.\n\n";
  const std::string limits =
      account.limited_by.empty() ? "" : fmt::format(" (limited by {})", shown(redact(join(account.limited_by, "; "))));
  const std::string verdict = fmt::format("  Last verdict: {}{}, of {}", shown(account.verdict), limits, minute_of(account.verdict_at));
  if (account.is_current) return verdict + ".\n\n";
  return verdict + paint.yellow(fmt::format(", before more came into the archive: run `{}` again.", shown(account.verify_command))) +
         "\n\n";
}

}  // namespace

TextTable::TextTable(std::vector<std::string> headings) : headings_(std::move(headings)) {
  for (std::string& heading : headings_) {
    right_.push_back(heading.starts_with('>'));
    if (right_.back()) heading.erase(0, 1);
  }
}

TextTable::Fit TextTable::fit_into(i64 room, const std::vector<i64>& widths) const {
  Fit fit{std::vector<bool>(headings_.size(), true), "  "};
  if (room <= 0) return fit;
  const auto fits = [&] {
    i64 width = 0;
    for (std::size_t column = 0; column < widths.size(); ++column) {
      if (fit.has[column]) width += widths[column] + (width > 0 ? static_cast<i64>(fit.between.size()) : 0);
    }
    return width <= room;
  };
  for (std::size_t next = 0;; ++next) {
    for (const std::string_view between : {"  ", " "}) {
      fit.between = between;
      if (fits()) return fit;
    }
    if (next == expendable_.size()) return fit;
    const auto column = std::find(headings_.begin(), headings_.end(), expendable_[next]);
    if (column != headings_.end()) fit.has[static_cast<std::size_t>(column - headings_.begin())] = false;
  }
}

std::string TextTable::text(const Paint& paint, std::string_view indent) const {
  std::vector<i64> widths;
  for (std::size_t column = 0; column < headings_.size(); ++column) {
    i64 width = width_of(headings_[column]);
    for (const auto& row : rows_) width = std::max(width, column < row.size() ? width_of(row[column]) : 0);
    widths.push_back(width);
  }
  const Fit fit = fit_into(paint.columns - width_of(indent), widths);
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text(indent);
    bool is_first = true;
    for (std::size_t column = 0; column < cells.size(); ++column) {
      if (!fit.has[column]) continue;
      if (!std::exchange(is_first, false)) text += fit.between;
      text += right_[column] ? pad_left(cells[column], widths[column]) : pad_right(cells[column], widths[column]);
    }
    text = text.substr(0, text.find_last_not_of(' ') + 1);
    return paint.columns > 0 ? cut(text, paint.columns) : text;
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
    table.may_lack({"step", "requests"});
    std::string last;
    i64 unreadable = 0;
    for (const PlanLine& line : plan.lines) {
      const std::string note = line.helper ? "excluded; read for its ids" : line.excluded ? "excluded" : "";
      const std::string reason = shown(redact(line.reason));
      if (!reason.empty()) ++unreadable;
      const bool is_read = !line.excluded || line.helper;
      table.add({only_if_new(line.step, last), line.table, is_read ? count_or_dash(line.rows) : "",
                 is_read ? format_count(line.requests) : "", reason.empty() ? paint.dim(note) : paint.red(reason)});
    }
    text += table.text(paint);
    text += fmt::format("  At least {} requests: {} or more, at the {} ms that Mailchimp takes to answer now, {} at a time.\n",
                        format_count(plan.requests), format_duration(plan.estimated_seconds), static_cast<i64>(plan.latency_seconds * 1000),
                        kSlots);
    text +=
        "  — is not known before it is read, or could not be counted whole; each such collection is counted as one request, tags of contacts as none.\n";
    if (unreadable > 0)
      text += paint.red(fmt::format(
                  "  {} of these tables cannot be read, or not whole, as their notes say: the sums are without that, and `sync` "
                  "would end with 3.",
                  unreadable)) +
              "\n  Use a key of a user with the role Admin or Owner, or leave their steps out with --excluded-steps.\n";
    text += "\n";
  }
  return text;
}

std::string status_text(const std::vector<AccountStatus>& accounts, const Paint& paint) {
  std::string text;
  for (const AccountStatus& account : accounts) {
    if (account.error) continue;
    text += paint.bold(shown(account.account_name)) + (account.test ? paint.yellow("  (a test run's archive)") : "") + "\n";
    TextTable table({"step", "table", "state", ">collections", ">left", ">records", ">pages"});
    table.may_lack({"step", "pages", "collections"});
    std::string last;
    for (const StatusLine& line : account.lines) {
      // What comes inside its parents' records can be counted only by reading these: the certificate has the numbers.
      const bool is_excluded = line.state == StatusLine::State::excluded;
      const bool has_own = line.inside.empty() && !is_excluded;
      const auto own = [has_own](i64 number) { return number == 0 && !has_own ? std::string() : format_count(number); };
      const std::string records = is_excluded || line.inside.empty() ? own(line.records) : "in " + line.inside;
      table.add({only_if_new(line.step, last), line.table, coloured(line.state, paint), own(line.units_ended),
                 line.units_open == 0 ? "" : format_count(line.units_open), records, own(line.pages)});
    }
    text += table.text(paint);
    text += fmt::format("  {} files, {}. Last page: {}.\n", format_count(account.files), format_bytes(account.file_bytes),
                        account.last_page_at.empty() ? "none yet" : account.last_page_at);
    text += verdict_text(account, paint);
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
  table.may_lack({"step", "paging", "key"});
  std::string last;
  for (const Stream& stream : catalogue()) {
    table.add({only_if_new(stream.step, last), std::string(stream.table), std::string(stream.path),
               fmt::format("{}", fmt::join(table_of(stream).key, ", ")), std::string(name_of(stream.paging))});
  }
  return table.text(paint, "");
}

}  // namespace chimplift
