#include "sync/selection.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace chimplift {
namespace {

Result<void> check(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (std::find(steps().begin(), steps().end(), name) != steps().end()) continue;
    const std::string near = nearest(name, steps());
    return fail(ErrorKind::usage,
                fmt::format("there is no step \"{}\"{}", name, near.empty() ? "" : fmt::format("; did you mean \"{}\"?", near)),
                "The steps: " + join(steps(), ", ") + ".");
  }
  return {};
}

}  // namespace

Result<Selection> Selection::of(const std::vector<std::string>& excluded, const std::vector<std::string>& only) {
  TRY(check(excluded));
  TRY(check(only));
  Selection selection;
  for (const std::string& step : steps()) {
    const bool wanted = only.empty() || std::find(only.begin(), only.end(), step) != only.end();
    if (wanted && std::find(excluded.begin(), excluded.end(), step) == excluded.end()) selection.steps_.insert(step);
  }
  if (selection.steps_.empty())
    return fail(ErrorKind::usage, "every step is excluded: nothing is left to do", "The steps: " + join(steps(), ", ") + ".");
  std::set<std::string_view> needed;
  for (const Stream& stream : catalogue()) {
    if (!selection.has(stream)) continue;
    for (const Stream* at = &stream; at != nullptr; at = find_stream(at->parent)) needed.insert(at->table);
  }
  for (const Stream& stream : catalogue()) {
    if (needed.contains(stream.table)) selection.pulled_.push_back(&stream);
  }
  return selection;
}

std::vector<std::string> Selection::excluded_steps() const {
  std::vector<std::string> excluded;
  for (const std::string& step : steps()) {
    if (!steps_.contains(step)) excluded.push_back(step);
  }
  return excluded;
}

}  // namespace chimplift
