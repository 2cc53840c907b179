#include "certificate/certificate_html.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "certificate/certificate_sections.hpp"
#include "certificate/certificate_style.hpp"
#include "certificate/html_text.hpp"
#include "mailchimp/catalogue.hpp"

namespace chimplift {
namespace {

using html::bytes;
using html::counted;
using html::number;
using html::text;

constexpr std::string_view kCheck = R"(<path d="M9 17.5l5 5 9.5-12"/>)";
constexpr std::string_view kExclamation = R"(<path d="M16 7.5v10.5M16 21.5v2.8"/>)";
constexpr std::string_view kCross = R"(<path d="M10 10l12 12M22 10L10 22"/>)";
constexpr std::string_view kDash = R"(<path d="M9 16h14"/>)";

/// What may be in the account by now and is not in its archive; "" where Mailchimp was asked on the day of the verification.
std::string not_in_it(const Certificate& c) {
  constexpr std::size_t kDay = std::string_view("2026-11-23").size();
  // Not the last page: other tables may have been read long before it.
  const std::string& read_at = c.current_from.empty() ? c.pulled_to : c.current_from;
  if (read_at.empty()) return {};
  if (c.source && c.source->asked_at.substr(0, kDay) == c.created_at.substr(0, kDay)) return {};
  return fmt::format(
      "What came into the account after {} may not be in this archive: on the day of cancelling run <code>chimplift verify "
      "--source</code>.",
      html::time(read_at));
}

/// What a verdict looks like and says: what it means, and what to do.
struct Words {
  std::string_view look;
  std::string_view mark;
  std::string means;
  std::string todo;
};

Words words_of(const Certificate& c) {
  switch (c.verdict) {
    case Verdict::safe:
      return {
          "safe", kCheck, "Everything that chimplift reads of this account was read to its end, is in the archive, and was proven.",
          "See that the tables below are all that you need: the certificate speaks of them and of nothing else that Mailchimp may hold. "
          "Copy the archive to another place and verify the copy. Then nothing in this certificate stands against cancelling the "
          "account."};
    case Verdict::safe_with_exceptions:
      return {
          "exceptions", kExclamation,
          c.limited_by.empty()
              ? "Everything that chimplift reads of this account was read to its end, is in the archive, and was proven, but "
                "for the exceptions listed below."
              : "This certificate is not about everything (see “Limited by”). What it is about was read to its end, is "
                "in the archive, and was proven, but for the exceptions listed below.",
          "Read each exception: these things do not come back once the account is cancelled. See that "
          "the tables below are all else that you need: the certificate speaks of them and of nothing else that Mailchimp may hold. Copy "
          "the archive to another place and verify the copy. Then nothing else in this certificate stands against cancelling the "
          "account."};
    case Verdict::not_safe:
      return {"unsafe", kCross,
              fmt::format(
                  "{} What is missing is lost for good once the account is cancelled.",
                  counted(count_of(c.gaps), "thing is missing, or not as it should be.", "things are missing, or not as they should be.")),
              "Do not cancel the account. Run the commands that stand with the gaps while it still exists, then verify again."};
    case Verdict::test_run:
      return {"test", kDash, "At most 1,000 records of each table were read. This says nothing about whether the account can be cancelled.",
              "Run chimplift sync without --is-test true."};
  }
  return {};
}

std::string capitalized(std::string_view words) {
  std::string out(words);
  if (!out.empty() && out[0] >= 'a' && out[0] <= 'z') out[0] = static_cast<char>(out[0] - 'a' + 'A');
  return out;
}

/// What Mailchimp calls the account; "" where nothing of it is known.
std::string names_in_mailchimp(const Certificate& c) {
  std::vector<std::string> names;
  if (!c.mailchimp.name.empty()) names.push_back(text(c.mailchimp.name));
  if (!c.mailchimp.id.empty()) names.push_back("account id " + text(c.mailchimp.id));
  if (!c.mailchimp.login.empty()) names.push_back("login " + text(c.mailchimp.login));
  return join(names, ", ");
}

std::string verdict_part(const Certificate& c) {
  const Words words = words_of(c);
  const std::string later = c.verdict == Verdict::test_run ? "" : not_in_it(c);
  return fmt::format(
      "<section class=\"verdict {}\" aria-label=\"Verdict\">\n"
      "<svg class=\"mark\" viewBox=\"0 0 32 32\" aria-hidden=\"true\"><circle cx=\"16\" cy=\"16\" r=\"14\"/>{}</svg>\n"
      "<p class=\"word\">{}</p>\n<p class=\"means\">{}</p>\n<p class=\"todo\"><strong>What to do.</strong> {}{}{}</p>\n</section>\n",
      words.look, words.mark, capitalized(name_of(c.verdict)), words.means, words.todo, later.empty() ? "" : " ", later);
}

std::string facts_part(const Certificate& c) {
  std::string out = "<dl class=\"facts\">\n";
  const auto add = [&out](std::string_view term, const std::string& definition, bool is_hash = false) {
    out += fmt::format("<dt>{}</dt><dd{}>{}</dd>\n", term, is_hash ? " class=\"hash\"" : "", definition);
  };
  add("Account", text(c.account_name));
  // Whoever cancels the account knows it by these; the name above is chimplift's own.
  const std::string names = names_in_mailchimp(c);
  add("In Mailchimp", names.empty() ? "not known: the account's own record is not in the archive" : names);
  add("Read from Mailchimp", c.pulled_from.empty() ? "nothing yet" : html::time(c.pulled_from) + " to<br>" + html::time(c.pulled_to));
  add("Verified", html::time(c.created_at));
  if (c.partial) {
    add("Read again", fmt::format("only a part, {}: {} of {}, {} of {}, {} of {}. There may be more gaps than these: verify without "
                                  "--read-data-subset",
                                  text(c.partial->part), number(c.partial->pages_read), counted(c.partial->pages, "page", "pages"),
                                  number(c.partial->files_read), counted(c.partial->files, "file", "files"), bytes(c.partial->bytes_read),
                                  bytes(c.partial->bytes)));
  }
  if (!c.limited_by.empty()) add("Limited by", text(join(c.limited_by, "; ")));
  add("Archive", text(c.archive_id), true);
  if (c.content) {
    add("Content, SHA-256", text(c.content->sha256), true);
    add("", fmt::format("over {}, {}", counted(c.content->files, "file", "files"), bytes(c.content->bytes)));
  }
  add("Written by", "chimplift " CHIMPLIFT_VERSION);
  return out + "</dl>\n";
}

// ---- the numbers, in words

i64 with_state(const Certificate& c, StreamState state) {
  return std::count_if(c.streams.begin(), c.streams.end(), [state](const StreamLine& line) { return line.state == state; });
}

std::string records_line(const Certificate& c) {
  i64 pulled = 0;
  i64 duplicates = 0;
  for (const StreamLine& line : c.streams) {
    if (line.state == StreamState::excluded) continue;  // was read for its ids alone, and the table below shows none of it
    pulled += line.pulled;
    duplicates += line.duplicates;
  }
  std::string line = fmt::format("{} {} read. The archive has {} ({}, compressed).", counted(pulled, "record", "records"),
                                 pulled == 1 ? "was" : "were", counted(c.pages, "page", "pages"), bytes(c.page_bytes));
  if (duplicates > 0) line += fmt::format(" {} of them came more than once.", number(duplicates));
  return line;
}

std::string tables_line(const Certificate& c) {
  std::string line = fmt::format("{} of {} are complete", number(with_state(c, StreamState::complete)),
                                 counted(static_cast<i64>(c.streams.size()), "table", "tables"));
  for (const StreamState state : {StreamState::incomplete, StreamState::not_permitted, StreamState::excluded, StreamState::gone}) {
    if (const i64 count = with_state(c, state); count > 0) line += fmt::format("; {} {}", number(count), name_of(state));
  }
  return line + ".";
}

std::string rows_line(const Certificate& c) {
  i64 archived = 0;
  i64 loaded = 0;
  i64 misfits = 0;
  bool is_compared = false;
  for (const StreamLine& line : c.streams) {
    misfits += line.misfits;
    if (!line.loaded) continue;
    is_compared = true;
    archived += line.archived;
    loaded += *line.loaded;
  }
  if (c.partial) return "Of the tables, only the rows of the pages that were read again were compared.";
  if (!is_compared) return "No tables were compared: the run had no warehouse, or it read none of their rows.";
  std::string line = loaded == archived ? fmt::format("The tables hold each of the archive's {}.", counted(archived, "row", "rows"))
                                        : fmt::format("The tables lack {} of the archive's {}.", number(archived - loaded),
                                                      counted(archived, "row", "rows"));
  if (misfits > 0)
    line += fmt::format(" {} did not fit their column's type; each is kept as it was sent.", counted(misfits, "value", "values"));
  return line;
}

std::string files_line(const Certificate& c) {
  FileLine sum;
  for (const FileLine& line : c.files) {
    sum.expected += line.expected;
    sum.fetched += line.fetched;
    sum.bytes += line.bytes;
    sum.missing += line.missing;
    sum.skipped += line.skipped;
  }
  if (sum.expected == 0) return "No files were expected.";
  std::string line = fmt::format("{} of {} are there, each with the size {} that it came with ({}).", number(sum.fetched),
                                 counted(sum.expected, "file", "files"),
                                 c.partial ? "and, where it was read again, the SHA-256" : "and SHA-256", bytes(sum.bytes));
  if (sum.missing > 0) line += fmt::format(" {} {} no longer at the server.", number(sum.missing), sum.missing == 1 ? "is" : "are");
  if (sum.skipped > 0) line += fmt::format(" {} on other servers could not be fetched.", counted(sum.skipped, "image", "images"));
  return line;
}

/// Without those that had nothing to compare.
i64 with_outcome(const Certificate& c, CheckOutcome outcome) {
  return std::ranges::count_if(c.cross_checks, [&](const CrossCheckLine& line) {
    return line.outcome == outcome && (outcome != CheckOutcome::not_made || line.reason != kNothingToCompare);
  });
}

std::string checks_line(const Certificate& c) {
  const auto count = [&c](CheckOutcome outcome) { return with_outcome(c, outcome); };
  i64 all = 0;
  for (const CheckOutcome outcome : {CheckOutcome::holds, CheckOutcome::differs_explained, CheckOutcome::fails, CheckOutcome::not_made})
    all += count(outcome);
  if (all == 0) return {};
  std::string line = fmt::format("{} of {} hold", number(count(CheckOutcome::holds)), counted(all, "cross-check", "cross-checks"));
  if (const i64 explained = count(CheckOutcome::differs_explained); explained > 0)
    line += fmt::format("; {} differ, explained", number(explained));
  if (const i64 failed = count(CheckOutcome::fails); failed > 0) line += fmt::format("; {} fail", number(failed));
  if (const i64 not_made = count(CheckOutcome::not_made); not_made > 0) line += fmt::format("; {} could not be made", number(not_made));
  return line + ".";
}

std::string source_line(const Certificate& c) {
  if (!c.source) return {};
  const SourceCheck& source = *c.source;
  std::string line = fmt::format("Asked again on {}, Mailchimp gave the same total for {} of {}", html::time(source.asked_at),
                                 number(source.agreed), counted(source.asked, "collection", "collections"));
  if (source.grown > 0) line += fmt::format("; {} grew since", number(source.grown));
  if (source.fewer > 0) line += fmt::format("; {} shrank since", number(source.fewer));
  if (source.failed > 0) line += fmt::format("; {} would not say", number(source.failed));
  return line + ".";
}

std::string findings_line(const Certificate& c) {
  const i64 gaps = count_of(c.gaps);
  const i64 exceptions = count_of(c.exceptions);
  // What nobody can bring for a reason that is known (a body that Mailchimp does not give) is no exception, and yet is not there.
  const i64 differing = with_outcome(c, CheckOutcome::differs_explained);
  const std::string explained =
      differing == 0 ? ""
                     : fmt::format(" {} for a known reason and {} among them: <a href=\"#cross-checks\">read what may be lacking</a>.",
                                   counted(differing, "cross-check differs", "cross-checks differ"), differing == 1 ? "is not" : "are not");
  if (gaps + exceptions == 0) return "There are no gaps and no exceptions." + explained;
  return fmt::format("There {} {} and {}.", gaps == 1 ? "is" : "are", gaps == 0 ? "no gaps" : counted(gaps, "gap", "gaps"),
                     exceptions == 0 ? "no exceptions" : counted(exceptions, "exception", "exceptions")) +
         explained;
}

std::string summary_part(const Certificate& c) {
  std::string out = "<section>\n<h2>Summary</h2>\n<ul class=\"summary\">\n";
  for (const std::string& line :
       {records_line(c), tables_line(c), rows_line(c), files_line(c), checks_line(c), source_line(c), findings_line(c)}) {
    if (!line.empty()) out += "<li>" + line + "</li>\n";
  }
  return out + "</ul>\n</section>\n";
}

// ---- the end

std::string out_of_reach_part() {
  return fmt::format("<section>\n<h2>What is not in this archive</h2>\n<p class=\"lead\">{}</p>\n</section>\n", text(kOutOfReach));
}

std::string proof_part(const Certificate& c) {
  if (!c.content) return {};
  return "<section>\n<h2>To prove later that an archive is this one</h2>\n"
         "<p class=\"lead\">In the account's folder of the archive. The first command is silent where no byte has changed since; the "
         "second prints the SHA-256 that stands above.</p>\n"
         "<pre>sha256sum --check --quiet content.sha256\nsha256sum content.sha256</pre>\n</section>\n";
}

std::string signature_part(const Certificate& c) {
  if (c.verdict == Verdict::test_run) return {};
  const std::string_view words =
      c.verdict == Verdict::not_safe
          ? "This certificate says that the account is <strong>not safe</strong> to close. Whoever cancels it all the same signs here that "
            "the gaps above were read and that what they name may be lost."
      : c.verdict == Verdict::safe_with_exceptions
          ? "Signed by whoever cancels the account, who has read the exceptions above and can do without what they name."
          : "Signed by whoever cancels the account.";
  const std::string names = names_in_mailchimp(c);
  const std::string later = not_in_it(c);
  const std::string limits = text(join(c.limited_by, "; "));
  return fmt::format(
      "<section class=\"signature\">\n<p>{}</p>\n{}<p class=\"says\">Account {}{}, {}{}, verified {}.{}</p>\n<div "
      "class=\"lines\"><p>Name</p><p>Signature</p><p>Date</p></div>\n</section>\n",
      words, later.empty() ? "" : fmt::format("<p>{}</p>\n", later), text(c.account_name),
      names.empty() ? "" : fmt::format(" (in Mailchimp: {})", names), name_of(c.verdict), limits.empty() ? "" : ", limited by " + limits,
      html::time(c.created_at), c.content ? fmt::format(" Content SHA-256 <span class=\"hash\">{}</span>", text(c.content->sha256)) : "");
}

std::string page_margins(const Certificate& c) {
  const std::string limited = c.limited_by.empty() ? "" : " · limited";
  return fmt::format(
      "@page {{ @bottom-left {{ content: {}; font: 8pt sans-serif; color: #5d646b; }} "
      "@bottom-right {{ content: counter(page) \" / \" counter(pages); font: 8pt sans-serif; color: #5d646b; }} }}\n",
      html::css_string(c.account_name + " · " + std::string(name_of(c.verdict)) + limited + " · archive " + c.archive_id.substr(0, 8)));
}

}  // namespace

std::string to_html(const Certificate& c) {
  const std::string name = text(c.account_name);
  return fmt::format(
             "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
             "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
             "<meta name=\"robots\" content=\"noindex\">\n"
             "<title>{}: {}</title>\n<style>{}{}</style>\n</head>\n<body>\n<main>\n"
             "<p class=\"kind\">Certificate of a Mailchimp account's archive</p>\n<h1>{}</h1>\n",
             name, name_of(c.verdict), kCertificateStyle, page_margins(c), name) +
         verdict_part(c) + facts_part(c) + summary_part(c) + html::gaps_section(c) + html::exceptions_section(c) +
         html::streams_section(c) + html::files_section(c) + html::cross_checks_section(c) + html::source_section(c) + out_of_reach_part() +
         "<div class=\"end\">\n" + proof_part(c) + signature_part(c) +
         "</div>\n"
         "<footer><p>What the words mean, field by field: docs/certificate.md of chimplift. The same for programs: certificate.json, "
         "beside this file.</p></footer>\n</main>\n</body>\n</html>\n";
}

}  // namespace chimplift
