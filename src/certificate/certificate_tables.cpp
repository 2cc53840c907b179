// Streams, files and cross-checks of certificate.html.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "certificate/certificate_sections.hpp"
#include "certificate/html_text.hpp"

namespace chimplift::html {
namespace {

/// The head of a table; a name that begins with ">" is that of a column of numbers.
std::string head(const std::vector<std::string_view>& names) {
  std::string out = "<div class=\"scroll\"><table><thead><tr>";
  for (const std::string_view name : names) {
    const bool is_number = name.starts_with('>');
    out += fmt::format("<th scope=\"col\"{}>{}</th>", is_number ? " class=\"n\"" : "", is_number ? name.substr(1) : name);
  }
  return out + "</tr></thead>\n";
}

constexpr std::string_view kTail = "</table></div>\n";

std::string number_cell(const std::optional<i64>& value) { return fmt::format("<td class=\"n\">{}</td>", number(value)); }

/// Nothing stands where there is nothing to say: what is not zero is seen.
std::string count_cell(i64 value) { return value == 0 ? "<td class=\"n\"></td>" : number_cell(value); }

std::string stream_row(const StreamLine& line) {
  if (line.state == StreamState::excluded) {
    return fmt::format("<tr class=\"dim\"><td>{}</td><td></td><td></td><td></td><td></td><td></td><td></td><td>excluded</td></tr>\n",
                       text(line.table));
  }
  return fmt::format("<tr><td>{}</td>{}{}{}{}{}{}<td{}>{}</td></tr>\n", text(line.table), number_cell(line.units),
                     number_cell(line.expected), number_cell(line.pulled), count_cell(line.duplicates),
                     line.loaded ? number_cell(line.archived) : number_cell({}), number_cell(line.loaded),
                     is_well(line.state) ? "" : " class=\"bad\"", name_of(line.state));
}

std::string check_row(const CrossCheckLine& line) {
  const bool is_well = line.outcome == CheckOutcome::holds || line.outcome == CheckOutcome::differs_explained ||
                       (line.outcome == CheckOutcome::not_made && line.reason == kNothingToCompare);
  std::string notes;
  const auto add = [&notes](const std::string& note) {
    if (!note.empty()) notes += fmt::format("<br><span class=\"says\">{}</span>", note);
  };
  if (line.differing > 0) add(text(line.explanation));
  add(text(line.reason));
  for (const CrossCheckLine::Example& example : line.examples) {
    std::vector<std::string> where;
    for (const auto& [column, id] : example.group) where.push_back(text(column) + " " + text(id));
    add(fmt::format("{}: said {}, read {}", where.empty() ? "the account" : join(where, ", "), number(example.said), number(example.read)));
  }
  return fmt::format("<tr><td class=\"id agrees\">{}{}</td>{}{}{}{}{}{}<td{}>{}</td></tr>\n", text(line.name), notes,
                     number_cell(line.said), number_cell(line.read), number_cell(line.compared), number_cell(line.equal),
                     count_cell(line.differing), count_cell(line.not_made), is_well ? "" : " class=\"bad\"", name_of(line.outcome));
}

}  // namespace

std::string streams_section(const Certificate& certificate) {
  std::string out =
      "<section>\n<h2>Tables</h2>\n"
      "<p class=\"lead\">Expected: records, as Mailchimp's own totals say. Pulled: records that came. Duplicates: of these, records that "
      "came more than once. Archived and loaded: different rows in the archive, and those of them that the table has; a record can make "
      "several rows, or none, and equal records of a table without ids are one row.</p>\n" +
      head({"Table", ">Collections", ">Expected", ">Pulled", ">Duplicates", ">Archived", ">Loaded", "State"});
  std::string step;
  for (const StreamLine& line : certificate.streams) {
    if (line.step != step || &line == &certificate.streams.front()) {
      if (!step.empty()) out += "</tbody>\n";
      step = line.step;
      out += fmt::format("<tbody>\n<tr class=\"step\"><th scope=\"rowgroup\" colspan=\"8\">{}</th></tr>\n", text(step));
    }
    out += stream_row(line);
  }
  if (!certificate.streams.empty()) out += "</tbody>";
  return out + std::string(kTail) + "</section>\n";
}

std::string files_section(const Certificate& certificate) {
  if (certificate.files.empty()) return {};
  std::string out = "<section>\n<h2>Files</h2>\n" +
                    head({"Kind", ">Expected", ">Fetched", ">Size", ">No longer at its server", ">Not followed"}) + "<tbody>\n";
  for (const FileLine& line : certificate.files) {
    out += fmt::format("<tr><td>{}</td>{}{}<td class=\"n\">{}</td>{}{}</tr>\n", text(line.kind), number_cell(line.expected),
                       number_cell(line.fetched), bytes(line.bytes), count_cell(line.missing), count_cell(line.skipped));
  }
  return out + "</tbody>" + std::string(kTail) + "</section>\n";
}

std::string cross_checks_section(const Certificate& certificate) {
  if (certificate.cross_checks.empty()) return {};
  std::string out =
      "<section id=\"cross-checks\">\n<h2>Cross-checks</h2>\n"
      "<p class=\"lead\">What Mailchimp says in one place against what was read in another; compared for each parent.</p>\n" +
      head({"What agrees", ">Said", ">Read", ">Compared", ">Equal", ">Differing", ">Not made", "Outcome"}) + "<tbody>\n";
  for (const CrossCheckLine& line : certificate.cross_checks) out += check_row(line);
  return out + "</tbody>" + std::string(kTail) + "</section>\n";
}

}  // namespace chimplift::html
