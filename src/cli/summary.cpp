#include "cli/summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>

#include "archive/layout.hpp"
#include "base/clock.hpp"
#include "base/secret.hpp"
#include "base/text.hpp"
#include "certificate/certificate_files.hpp"
#include "cli/tables.hpp"
#include "mailchimp/catalogue.hpp"
#include "run/closing_command.hpp"
#include "warehouse/columns.hpp"
#include "warehouse/duckdb_catalog.hpp"

namespace chimplift {
namespace {

// More than this is for the certificate: a screen that scrolls away is read by nobody.
constexpr std::size_t kMostFindings = 20;

std::string clean(std::string_view text) { return shown(redact(text)); }

std::string counted(i64 number, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", format_count(number), number == 1 ? one : many);
}

/// Of a run of some steps alone nobody reads which the others are.
std::string excluded_line(i64 tables, std::string_view indent) {
  return tables == 0 ? "" : fmt::format("{}{} {} excluded\n", indent, format_count(tables), tables == 1 ? "table is" : "tables are");
}

bool is_left_out(const Certificate& certificate, const std::string& table) {
  return std::ranges::any_of(certificate.streams,
                             [&table](const StreamLine& line) { return line.table == table && line.state == StreamState::excluded; });
}

/// True of a table that holds fewer rows than there were records, because some of these were equal in all that they say.
bool has_equal_records(const StreamLine& line) {
  if (!line.loaded || *line.loaded >= line.pulled || *line.loaded < line.archived) return false;
  return std::ranges::any_of(catalogue(), [&line](const Stream& stream) {
    if (stream.table != line.table) return false;
    const Table table = table_of(stream);
    return std::ranges::find(table.key, "row_hash") != table.key.end();
  });
}

std::string streams_part(const Certificate& certificate, const Paint& paint) {
  TextTable table({"step", "table", ">rows", ">records", ">expected", "state"});
  table.may_lack({"step", "expected", "rows"});
  std::string last;
  i64 misfits = 0;
  i64 folded = 0;
  bool has_equal = false;
  for (const StreamLine& line : certificate.streams) {
    misfits += line.misfits;
    has_equal = has_equal || has_equal_records(line);
    const bool is_excluded = line.state == StreamState::excluded;
    if (is_excluded && is_of_some_steps(certificate)) {
      ++folded;
      continue;
    }
    const std::string state(name_of(line.state));
    table.add({only_if_new(line.step, last), line.table, is_excluded ? "" : count_or_dash(line.loaded),
               is_excluded ? "" : format_count(line.pulled), is_excluded ? "" : count_or_dash(line.expected),
               is_excluded           ? paint.dim(state)
               : is_well(line.state) ? state
                                     : paint.red(state)});
  }
  const bool is_empty = std::all_of(certificate.streams.begin(), certificate.streams.end(),
                                    [](const StreamLine& line) { return line.pulled == 0 && line.state != StreamState::complete; });
  if (is_empty) return "  Nothing of it has been read.\n";
  std::string text = table.text(paint) + excluded_line(folded, "  ");
  if (has_equal) text += "  Equal records of a table without ids are one row.\n";
  if (misfits > 0) {
    text += fmt::format("  {} did not fit {} column's type; each is kept as text in <column>__text.\n", counted(misfits, "value", "values"),
                        misfits == 1 ? "its" : "their");
  }
  return text;
}

std::string files_part(const Certificate& certificate, const Paint& paint) {
  if (certificate.files.empty()) return {};
  TextTable table({"files", ">fetched", ">expected", ">size", ">no longer there", ">not followed"});
  table.may_lack({"size"});
  for (const FileLine& line : certificate.files) {
    table.add({clean(line.kind), format_count(line.fetched), format_count(line.expected), format_bytes(line.bytes),
               line.missing == 0 ? "" : format_count(line.missing), line.skipped == 0 ? "" : format_count(line.skipped)});
  }
  return "\n" + table.text(paint);
}

std::string source_part(const Certificate& certificate) {
  if (!certificate.source) return {};
  const SourceCheck& source = *certificate.source;
  i64 not_asked = 0;
  for (const SourceCheck::NotAsked& one : source.not_asked) not_asked += one.collections;
  return fmt::format(
      "\n  Mailchimp was asked again for the totals of {}: {} agree, {} grew, {} shrank, {} would not say; {} were not asked.\n",
      counted(source.asked, "collection", "collections"), format_count(source.agreed), format_count(source.grown),
      format_count(source.fewer), format_count(source.failed), format_count(not_asked));
}

std::string cross_checks_part(const Certificate& certificate) {
  const auto count = [&certificate](CheckOutcome outcome) {
    return std::count_if(certificate.cross_checks.begin(), certificate.cross_checks.end(),
                         [outcome](const CrossCheckLine& line) { return line.outcome == outcome; });
  };
  std::vector<std::string> parts;
  const auto add = [&parts](std::ptrdiff_t number, std::string_view one, std::string_view many) {
    if (number > 0) parts.push_back(fmt::format("{} {}", number, number == 1 ? one : many));
  };
  add(count(CheckOutcome::fails), "fails", "fail");
  add(count(CheckOutcome::holds), "holds", "hold");
  add(count(CheckOutcome::differs_explained), "differs for a known reason", "differ for known reasons");
  std::vector<std::string> reasons;  // why some were not made, each once
  std::ptrdiff_t not_made = 0;
  for (const CrossCheckLine& line : certificate.cross_checks) {
    if (line.outcome != CheckOutcome::not_made || line.reason == kNothingToCompare) continue;
    ++not_made;
    if (std::find(reasons.begin(), reasons.end(), line.reason) == reasons.end()) reasons.push_back(line.reason);
  }
  if (not_made > 0) parts.push_back(fmt::format("{} not checked ({})", not_made, clean(join(reasons, "; "))));
  if (parts.empty()) return {};
  return fmt::format("\n  Cross-checks: {}.\n", join(parts, ", "));
}

std::string place_of(const Finding& finding) {
  std::string place = finding.stream.empty() ? "the account" : finding.stream;
  for (const auto& [column, id] : finding.parent) place += fmt::format(" {}={}", column, id);
  if (!finding.file.empty()) place += " " + finding.file;
  return clean(place);
}

struct FindingGroup {
  const Finding* first = nullptr;
  i64 count = 0;
};

/// True where the rows are in the archive, and loading them is enough.
bool is_of_tables(const Finding& finding) { return finding.command.starts_with("chimplift load "); }

/// In the order in which they first appear; what only the tables lack behind what the archive lacks, for that may be gone one day.
std::vector<FindingGroup> groups_of(const std::vector<Finding>& findings) {
  std::vector<FindingGroup> groups;
  std::map<std::tuple<std::string_view, std::string_view, std::string_view>, std::size_t> at;
  for (const Finding& finding : findings) {
    const auto [found, is_new] = at.try_emplace({finding.stream, finding.reason, finding.command}, groups.size());
    if (is_new) groups.push_back({&finding, 0});
    groups[found->second].count += std::max<i64>(finding.more, 1);
  }
  std::vector<FindingGroup> ordered;
  for (const bool of_tables : {false, true})
    std::ranges::copy_if(groups, std::back_inserter(ordered),
                         [of_tables](const FindingGroup& g) { return is_of_tables(*g.first) == of_tables; });
  return ordered;
}

/// Findings that say the same of several parents are shown once, with how many there are. `where`: what is said of those beyond the most
/// that are shown; `folded`: excluded tables besides, in one line.
std::string findings_part(const std::vector<Finding>& findings, std::string_view heading, const std::string& where,
                          std::size_t folded = 0) {
  if (findings.empty() && folded == 0) return {};
  const std::vector<FindingGroup> groups = groups_of(findings);
  std::string text = fmt::format("\n  {} ({}):\n", heading, format_count(count_of(findings) + static_cast<i64>(folded)));
  text += excluded_line(static_cast<i64>(folded), "    ");
  const std::size_t shown_groups = std::min(groups.size(), kMostFindings);
  for (std::size_t i = 0; i < shown_groups; ++i) {
    const Finding& finding = *groups[i].first;
    text += fmt::format("    {}: {}", place_of(finding), clean(said_reason(finding)));
    if (groups[i].count > 1 && finding.more == 0) text += fmt::format(" (and {} more like it)", format_count(groups[i].count - 1));
    text += '\n';
    // The same command for all is said once, behind the last of them.
    const bool is_last_with_it = i + 1 == shown_groups || groups[i + 1].first->command != finding.command;
    if (!finding.command.empty() && is_last_with_it) text += fmt::format("      to close this: {}\n", clean(finding.command));
  }
  i64 beyond = 0;
  for (std::size_t i = shown_groups; i < groups.size(); ++i) beyond += groups[i].count;
  if (beyond > 0) text += fmt::format("    … and {} more, {}\n", format_count(beyond), clean(where));
  return text;
}

std::string exceptions_part(const Certificate& certificate, const std::string& where) {
  std::vector<Finding> shown_ones = certificate.exceptions;
  std::size_t folded = 0;
  if (is_of_some_steps(certificate)) {
    folded = std::erase_if(shown_ones, [&certificate](const Finding& finding) {
      return finding.reason == "excluded" && is_left_out(certificate, finding.stream);
    });
  }
  return findings_part(shown_ones, "Exceptions", where, folded);
}

std::string verdict_part(const Certificate& certificate, const Paint& paint, bool says_why) {
  const std::string verdict(name_of(certificate.verdict));
  const std::string painted = is_safe(certificate.verdict)               ? paint.green(verdict)
                              : certificate.verdict == Verdict::not_safe ? paint.red(verdict)
                                                                         : paint.yellow(verdict);
  std::string why;
  if (certificate.verdict == Verdict::not_safe && says_why) {
    why = fmt::format(" ({})", counted(count_of(certificate.gaps), "gap", "gaps"));
  } else if (certificate.verdict == Verdict::test_run) {
    why = " (no more than 1,000 records of each table: nothing is certified)";
  } else if (!certificate.limited_by.empty()) {
    why = fmt::format(" (limited by {})", clean(join(certificate.limited_by, "; ")));
  }
  return fmt::format("\n  {} {}{}\n", paint.bold(fmt::format("Verdict for {}:", clean(certificate.account_name))), painted, why);
}

/// What a refresh brought, table by table.
std::string changes_part(const AccountResult& account) {
  if (!account.changes) return "";
  std::string text;
  for (const auto& [table, changes] : *account.changes) {
    if (changes.added + changes.changed == 0) continue;
    text += fmt::format("    {:<30} {:>10} new {:>10} changed\n", table, format_count(changes.added), format_count(changes.changed));
  }
  return text.empty() ? "\n  Since the last run nothing has changed.\n" : "\n  Since the last run:\n" + text;
}

std::string certificate_of(const AccountResult& account, const Settings& settings) {
  return settings.archive->name_of(fmt::format("{}/{}", safe_name(account.account_name), kCertificate));
}

/// That the account's certificate is another one than the verdict above.
std::string unwritten_part(const AccountResult& account, const Settings& settings, const Paint& paint) {
  if (!account.is_unwritten) return {};
  if (account.error) {
    return fmt::format("  The certificate was not written: what {} says, if it is there, is of an earlier run.\n",
                       clean(certificate_of(account, settings)));
  }
  const std::string anew = closing_command(
      settings, "verify", {{"archive", settings.archive->name_of("")}, {"account", account.account_name}, {"only-steps", ""}});
  const std::string verdict = verdict_in(account.standing);
  const bool is_worse = parse_verdict(verdict) == Verdict::not_safe && account.certificate->verdict != Verdict::not_safe;
  const std::string says = is_worse ? ", and says " + paint.red(verdict) : "";
  return fmt::format("  The certificate was left as it is: it speaks of more than this run{}. This makes it anew:\n    {}\n", says,
                     clean(anew));
}

/// What a partial verification read.
std::string partial_line(const PartialReading& partial) {
  return fmt::format("  Read again (part {}): {} of {}, {} of {}, {} of {}.\n", clean(partial.part), format_count(partial.pages_read),
                     counted(partial.pages, "page", "pages"), format_count(partial.files_read), counted(partial.files, "file", "files"),
                     format_bytes(partial.bytes_read), format_bytes(partial.bytes));
}

/// The same, of one that found something: what was not read may hold more.
std::string partial_part(const AccountResult& account) {
  if (!account.partial) return {};
  const PartialReading& partial = *account.partial;
  const bool is_all = partial.pages_read == partial.pages && partial.files_read == partial.files;
  return partial_line(partial) + (is_all ? "\n" : "  The rest was not read: there may be more gaps than these.\n\n");
}

std::string verified_account(const AccountResult& account, const Settings& settings, const Paint& paint) {
  const Certificate& certificate = *account.certificate;
  const std::string name = paint.bold(clean(account.account_name)) + "\n";
  // A wrong key or address: what each table lacks says nothing more than that.
  const bool is_read = !account.error || certificate.pages > 0;
  const std::string end = verdict_part(certificate, paint, is_read) + unwritten_part(account, settings, paint) + "\n";
  if (!is_read) return name + "  Nothing of it has been read: " + clean(account.error->message) + "\n" + end;
  const std::string where = account.is_unwritten ? "which stand in no file" : "listed in " + certificate_of(account, settings);
  return name + partial_part(account) + streams_part(certificate, paint) + files_part(certificate, paint) + changes_part(account) +
         cross_checks_part(certificate) + source_part(certificate) + exceptions_part(certificate, where) +
         findings_part(certificate.gaps, "Gaps", where) + end;
}

/// What a pull alone could not bring.
std::string pulled_account(const AccountResult& account, const Settings& settings, const Paint& paint) {
  if (!account.gaps || account.gaps->empty()) return {};
  const std::string status =
      closing_command(settings, "status", {{"archive", settings.archive->name_of("")}, {"account", account.account_name}});
  return paint.bold(clean(account.account_name)) + findings_part(*account.gaps, "Gaps", "the state of each table: " + status) + "\n";
}

/// The schema as a DuckDB shell knows it: a file is a catalog by its name, and where that name is "mailchimp" too, `mailchimp.lists` alone
/// is ambiguous. Quoted but for the usual name: which words are reserved is for each version of DuckDB to say.
std::string schema_of(const std::filesystem::path& duckdb) {
  const std::string catalog = catalog_of(duckdb);
  return (catalog == "mailchimp" ? catalog : quote(catalog)) + ".mailchimp";
}

/// A query as a word for a shell; in double quotes where they do.
std::string query_word(const std::string& query) {
  return query.find_first_of("\"\\$`") == std::string::npos ? fmt::format("\"{}\"", query) : shell_word(query);
}

/// Rows of the table in all accounts; where nothing was verified, 1 for a table that the run is about.
i64 rows_to_ask(const Stream& stream, const RunResult& result, const Settings& settings) {
  bool is_verified = false;
  i64 rows = 0;
  for (const AccountResult& account : result.accounts) {
    if (!account.certificate) continue;
    is_verified = true;
    for (const StreamLine& line : account.certificate->streams) {
      if (line.table == stream.table) rows += line.loaded.value_or(0);
    }
  }
  return is_verified ? rows : settings.selection.has(stream) ? 1 : 0;
}

/// A query to try: of the tables that are worth it, the one with most rows.
std::string query_of(const RunResult& result, const Settings& settings) {
  std::string query = "select table_name, estimated_size from duckdb_tables()";
  i64 most = 0;
  for (const Stream& stream : catalogue()) {
    const i64 rows = stream.count_by.empty() ? 0 : rows_to_ask(stream, result, settings);
    if (rows <= most) continue;
    most = rows;
    query = fmt::format("select {}, count(*) from {}.{} group by all", stream.count_by, schema_of(*settings.duckdb), stream.table);
  }
  return query;
}

std::string next_part(Command command, const RunResult& result, const Settings& settings) {
  std::string text;
  const auto add = [&text](std::string_view what, std::string_view line) { text += fmt::format("  {}\n    {}\n", what, line); };
  const bool certified = std::any_of(result.accounts.begin(), result.accounts.end(),
                                     [](const AccountResult& account) { return account.certificate && !account.is_unwritten; });
  std::vector<GivenOption> same = {{"archive", settings.archive->name_of("")}};
  if (result.accounts.size() == 1) same.emplace_back("account", result.accounts.front().account_name);
  if (command == Command::pull) add("make tables of the archive:", clean(closing_command(settings, "load", same)));
  if (command == Command::load)
    add("compare archive and tables with what Mailchimp said:", clean(closing_command(settings, "verify", same)));
  if (settings.duckdb && command != Command::pull)
    add("a query to try:", fmt::format("duckdb {} {}", shell_word(settings.duckdb->string()), query_word(query_of(result, settings))));
  if (certified) {
    const bool is_alone = result.accounts.size() == 1;
    const std::string part = is_alone ? safe_name(result.accounts.front().account_name) : "*";
    add(is_alone ? "the certificate:" : "the certificates:",
        clean(settings.archive->name_of(part)) + "/certificate.html (for programs: certificate.json)");
  }
  return text.empty() ? "" : "Next:\n" + text;
}

/// Of a partial verification that found nothing: that it gives no verdict of its own.
std::string clean_part(const AccountResult& account, const Paint& paint) {
  const std::string verdict = verdict_in(account.standing);
  const std::string text = paint.bold(clean(account.account_name)) + "\n" + partial_line(*account.partial) +
                           "  Nothing is wrong with what was read. A part cannot vouch for the whole: ";
  return text + (verdict.empty() ? "there is no verdict; verify without --read-data-subset.\n\n"
                                 : fmt::format("the certificate stays as it was, {}.\n\n", clean(verdict)));
}

std::string counts_part(Command command, const RunResult& result, const Paint& paint) {
  TextTable table(command == Command::load ? std::vector<std::string>{"account", ">rows loaded"}
                                           : std::vector<std::string>{"account", ">records pulled", ">requests", ">tried again"});
  table.may_lack({"tried again", "requests"});
  for (const AccountResult& account : result.accounts) {
    if (command == Command::load) {
      table.add({clean(account.account_name), format_count(account.rows)});
    } else {
      table.add(
          {clean(account.account_name), format_count(account.records), format_count(account.requests), format_count(account.retries)});
    }
  }
  return table.text(paint, "") + "\n";
}

std::string effort_part(const RunResult& result) {
  i64 requests = 0;
  i64 retries = 0;
  for (const AccountResult& account : result.accounts) {
    requests += account.requests;
    retries += account.retries;
  }
  std::string text = fmt::format("It took {}", format_duration(result.seconds));
  if (requests > 0) text += fmt::format(" and {}", counted(requests, "request", "requests"));
  if (retries > 0) text += fmt::format(", {} of them asked again", format_count(retries));
  return text + ".\n";
}

}  // namespace

std::string summary_text(Command command, const RunResult& result, const Settings& settings, const Paint& paint, bool says_next) {
  std::string text;
  bool any_safe = false;
  for (const AccountResult& account : result.accounts) {
    if (account.partial && !account.certificate) text += clean_part(account, paint);
    text += pulled_account(account, settings, paint);
    if (!account.certificate) continue;
    text += verified_account(account, settings, paint);
    any_safe = any_safe || is_safe(account.certificate->verdict);
  }
  if (command == Command::pull || command == Command::load) text += counts_part(command, result, paint);
  if (any_safe) text += std::string(kOutOfReach) + "\n\n";
  text += effort_part(result);
  // Where something failed, its message says what to do next, and comes last.
  if (says_next && result.failure().value_or(ErrorKind::gaps) == ErrorKind::gaps) text += next_part(command, result, settings);
  return text;
}

}  // namespace chimplift
