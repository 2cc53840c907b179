#include "verify/findings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>

#include "base/text.hpp"
#include "inventory/unit_stream.hpp"
#include "run/closing_command.hpp"

namespace chimplift {
namespace {

/// The streams that cannot be whole when this one is not, because their rows hold their parents' ids.
std::vector<const Stream*> streams_below(const Stream& stream, const Selection& selection) {
  std::vector<const Stream*> below;
  for (const Stream* child : selection.children(stream)) {
    below.push_back(child);
    for (const Stream* one : streams_below(*child, selection)) below.push_back(one);
  }
  return below;
}

/// Follows `next` from the stream until it comes to chosen ones, and adds those.
void follow_to_chosen(const Stream& stream, const Selection& selection,
                      const std::function<std::vector<const Stream*>(const Stream&)>& next, std::set<std::string_view>& seen,
                      std::vector<const Stream*>& chosen) {
  for (const Stream* one : next(stream)) {
    if (!seen.insert(one->table).second) continue;
    if (selection.has(*one)) {
      chosen.push_back(one);
    } else {
      follow_to_chosen(*one, selection, next, seen, chosen);
    }
  }
}

std::string given_option(const Settings& settings, std::string_view name) {
  const auto given = settings.given.find("sync");
  if (given == settings.given.end()) return {};
  const auto option = std::ranges::find(given->second, name, &GivenOption::first);
  return option == given->second.end() ? std::string() : option->second;
}

}  // namespace

std::vector<const Stream*> said_on(const Stream& stream, const Selection& selection) {
  if (selection.has(stream)) return {&stream};
  std::vector<const Stream*> chosen;
  std::set<std::string_view> seen = {stream.table};
  follow_to_chosen(stream, selection, [&selection](const Stream& one) { return selection.children(one); }, seen, chosen);
  if (!chosen.empty()) return chosen;
  seen = {stream.table};
  const auto children_and_mentioned = [&selection](const Stream& one) {
    std::vector<const Stream*> next = selection.children(one);
    std::ranges::copy(selection.mentioned(one), std::back_inserter(next));
    return next;
  };
  follow_to_chosen(stream, selection, children_and_mentioned, seen, chosen);
  return chosen.empty() ? std::vector{&stream} : chosen;
}

void Findings::gap(const Stream& stream, const std::vector<std::string>& parents, const std::string& reason, const std::string& file) {
  for (const Stream* one : said_on(stream, settings_->selection)) {
    if (one == &stream) {
      add_gap(stream, named_parents(stream, parents), reason, file);
      continue;
    }
    cut_off_.emplace(one->table);
    add_gap(*one, named_parents(stream, parents),
            fmt::format("its ids come from {}, which was left out itself and could not be read whole: {}", stream.table, reason), file);
  }
}

bool Findings::is_first_at(const PageRecord& page) { return damaged_pages_.emplace(page.unit.stream, page.number).second; }

void Findings::forbidden(const Stream& stream, const std::vector<std::string>& parents, const std::string& reason) {
  const std::string_view text = reason;
  const std::string steps = without(stream);
  gap(stream, parents,
      fmt::format("{}; sync can close this with a key of a user with the role Admin or Owner{}",
                  text.ends_with('.') ? text.substr(0, text.size() - 1) : text,
                  steps.empty() ? "" : fmt::format(", or leave it out with --excluded-steps {}", steps)));
}

/// The steps to leave out so that nobody needs the stream, after those that are left out already: "ads,lists,list_segments". "" where
/// nothing would be left to do.
std::string Findings::without(const Stream& stream) const {
  const Selection& selection = settings_->selection;
  const std::string given = given_option(*settings_, "excluded-steps");
  std::vector<std::string> excluded = given.empty() ? std::vector<std::string>() : split(given, ',');
  const auto exclude = [&excluded](const Stream& one) {
    if (std::ranges::find(excluded, one.step) == excluded.end()) excluded.emplace_back(one.step);
  };
  exclude(stream);
  for (const Stream* below : streams_below(stream, selection)) {
    if (selection.has(*below)) exclude(*below);
  }
  const bool is_something_left = std::ranges::any_of(
      catalogue(), [&](const Stream& one) { return selection.has(one) && std::ranges::find(excluded, one.step) == excluded.end(); });
  return is_something_left ? join(excluded, ",") : "";
}

void Findings::add_gap(const Stream& stream, Place parents, std::string reason, const std::string& file) {
  std::vector<std::string> below;
  if (file.empty()) {
    for (const Stream* one : streams_below(stream, settings_->selection)) below.emplace_back(one->table);
    if (!below.empty()) reason += fmt::format(" (what hangs below it could not be read either: {})", join(below, ", "));
  }
  gaps_.add({std::string(stream.table), std::move(parents), file, to_utf8(reason), sync_command(), std::move(below)});
}

void Findings::table_gap(const std::string& table, Place parents, const std::string& reason) {
  gaps_.add({table, std::move(parents), "", reason, closing_command(*settings_, "load", {{"account", account_name_}})});
}

void Findings::lasting_gap(const std::string& table, const std::string& reason) { gaps_.add({table, {}, "", to_utf8(reason), ""}); }

void Findings::exception(std::string_view table, Place parents, const std::string& file, const std::string& reason) {
  Finding exception{std::string(table), std::move(parents), file, to_utf8(reason), ""};
  // A person is to decide of each file that nobody can bring.
  if (file.empty()) {
    exceptions_.add(std::move(exception));
  } else {
    exceptions_.add_named(std::move(exception));
  }
}

void Findings::add(std::vector<Finding> gaps, std::vector<Finding> exceptions) {
  for (Finding& gap : gaps) gaps_.add(std::move(gap));
  for (Finding& one : exceptions) exceptions_.add(std::move(one));
}

std::string Findings::sync_command() const { return closing_command(*settings_, "sync", {{"account", account_name_}}); }

void Findings::write_to(Certificate& certificate, bool is_test) {
  for (const std::string& step : settings_->selection.excluded_steps()) {
    for (const Stream& stream : catalogue()) {
      if (stream.step == step) exception(stream.table, {}, "", "excluded");
    }
  }
  if (is_test) {
    certificate.verdict = Verdict::test_run;
  } else if (gaps_.count() > 0) {
    certificate.verdict = Verdict::not_safe;
  } else {
    certificate.verdict = exceptions_.count() == 0 ? Verdict::safe : Verdict::safe_with_exceptions;
  }
  certificate.gaps = gaps_.take();
  certificate.exceptions = exceptions_.take();
}

}  // namespace chimplift
