// Gaps and exceptions of certificate.html, by table. Ten thousand of them must stay readable: of each group the first are shown, and how
// many more stand in certificate.json.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <span>

#include "base/text.hpp"
#include "certificate/certificate_sections.hpp"
#include "certificate/html_text.hpp"

namespace chimplift::html {
namespace {

// Of all groups together, about thirty printed pages; of each at least so many that one sees what they have in common.
constexpr std::size_t kMostShown = 1000;
constexpr std::size_t kMostOfOneGroup = 200;
constexpr std::size_t kLeastOfOneGroup = 20;

using Findings = std::vector<const Finding*>;

struct Group {
  std::string stream;
  Findings findings;
};

/// How many things these speak of.
i64 count_of(std::span<const Finding* const> findings) {
  i64 count = 0;
  for (const Finding* one : findings) count += std::max<i64>(one->more, 1);
  return count;
}

/// By table, in the order in which the tables first appear.
std::vector<Group> groups_of(const Findings& findings) {
  std::vector<Group> groups;
  std::map<std::string, std::size_t> at;
  for (const Finding* finding : findings) {
    const auto [found, is_new] = at.emplace(finding->stream, groups.size());
    if (is_new) groups.push_back({finding->stream, {}});
    groups[found->second].findings.push_back(finding);
  }
  return groups;
}

std::string place_of(const Finding& finding) {
  std::vector<std::string> parts;
  for (const auto& [column, id] : finding.parent) parts.push_back(fmt::format("<span class=\"says\">{}</span> {}", text(column), text(id)));
  if (!finding.file.empty()) parts.push_back(text(finding.file));
  if (finding.more > 0) return "<span class=\"says\">others</span>";
  return parts.empty() ? "<span class=\"says\">all of it</span>" : join(parts, "<br>");
}

std::string command_block(const std::string& command) {
  if (command.empty()) return {};
  return fmt::format("<div class=\"closes\"><p>This closes it:</p>{}</div>\n", html::command(command));
}

bool has_one_command(const Findings& findings) {
  return std::all_of(findings.begin(), findings.end(), [&](const Finding* one) { return one->command == findings.front()->command; });
}

std::string group_text(const Group& group, std::size_t most) {
  const std::size_t shown = std::min(group.findings.size(), most);
  const bool is_one_command = has_one_command(group.findings);
  std::string out = fmt::format("<h3>{} <small>{}</small></h3>\n", group.stream.empty() ? "The account as a whole" : text(group.stream),
                                number(count_of(group.findings)));
  if (is_one_command) out += command_block(group.findings.front()->command);
  out += "<table class=\"findings\"><thead><tr><th scope=\"col\">Where</th><th scope=\"col\">Reason</th></tr></thead><tbody>\n";
  for (std::size_t i = 0; i < shown; ++i) {
    const Finding& finding = *group.findings[i];
    const std::string command = is_one_command || finding.command.empty() ? "" : html::command(finding.command);
    out += fmt::format("<tr><td class=\"id\">{}</td><td class=\"id\">{}{}</td></tr>\n", place_of(finding), text(said_reason(finding)),
                       command);
  }
  out += "</tbody></table>\n";
  if (shown < group.findings.size()) {
    out += fmt::format("<p class=\"more\">… and {} more of this table, listed in certificate.json.</p>\n",
                       number(count_of(std::span(group.findings).subspan(shown))));
  }
  return out;
}

std::string groups_text(const std::vector<Group>& groups) {
  if (groups.empty()) return {};
  const std::size_t most = std::clamp(kMostShown / groups.size(), kLeastOfOneGroup, kMostOfOneGroup);
  std::string out;
  for (const Group& group : groups) out += group_text(group, most);
  return out;
}

/// Whole tables with the same reason (those of excluded steps) in one line each.
std::string whole_tables(const Findings& findings) {
  std::vector<std::pair<std::string, std::string>> lines;  // reason, tables
  for (const Finding* finding : findings) {
    auto line = std::find_if(lines.begin(), lines.end(), [&](const auto& one) { return one.first == finding->reason; });
    if (line == lines.end()) line = lines.insert(lines.end(), {finding->reason, ""});
    line->second += (line->second.empty() ? "" : ", ") + text(finding->stream.empty() ? "the account as a whole" : finding->stream);
  }
  std::string out;
  for (const auto& [reason, tables] : lines) {
    out += fmt::format("<h3 class=\"reason\">{} <small>whole tables</small></h3>\n<p>{}</p>\n", text(reason), tables);
  }
  return out;
}

std::string heading(std::string_view words, i64 count) {
  return fmt::format("<section>\n<h2>{} <small>{}</small></h2>\n", words, number(count));
}

}  // namespace

std::string gaps_section(const Certificate& certificate) {
  if (certificate.gaps.empty()) return {};
  Findings findings;
  for (const Finding& gap : certificate.gaps) findings.push_back(&gap);
  return heading("Gaps", chimplift::count_of(certificate.gaps)) +
         "<p class=\"lead\">What should be there and is not, or is not as it was. The commands are for a shell, in the folder in which "
         "chimplift was run.</p>\n" +
         groups_text(groups_of(findings)) + "</section>\n";
}

std::string exceptions_section(const Certificate& certificate) {
  if (certificate.exceptions.empty()) return {};
  Findings whole;
  Findings single;
  const auto is_whole = [](const Finding& one) { return one.parent.empty() && one.file.empty() && one.more == 0; };
  for (const Finding& one : certificate.exceptions) (is_whole(one) ? whole : single).push_back(&one);
  return heading("Exceptions", chimplift::count_of(certificate.exceptions)) +
         "<p class=\"lead\">What nobody can bring, or what was left out on purpose.</p>\n" + whole_tables(whole) +
         groups_text(groups_of(single)) + "</section>\n";
}

std::string source_section(const Certificate& certificate) {
  if (!certificate.source) return {};
  const SourceCheck& source = *certificate.source;
  std::string out = fmt::format(
      "<section>\n<h2>Mailchimp, asked again</h2>\n"
      "<p class=\"lead\">On {}, each collection that has a total was asked for it again, to see whether anything came in since it was "
      "read. What came in is among the gaps.</p>\n",
      time(source.asked_at));
  if (!source.not_asked.empty()) {
    out += "<h3>Not asked</h3>\n<ul class=\"summary\">\n";
    for (const SourceCheck::NotAsked& one : source.not_asked) {
      std::vector<std::string> tables;
      for (const std::string& table : one.tables) tables.push_back(text(table));
      out += fmt::format("<li>{}: {}. <span class=\"says\">{}</span></li>\n", counted(one.collections, "collection", "collections"),
                         text(one.reason), join(tables, ", "));
    }
    out += "</ul>\n";
  }
  Findings remarks;
  for (const Finding& remark : source.remarks) remarks.push_back(&remark);
  return out + groups_text(groups_of(remarks)) + "</section>\n";
}

}  // namespace chimplift::html
