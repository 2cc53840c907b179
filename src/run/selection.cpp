#include "run/selection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

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

/// Adds the stream and those that its ids come from: its parents, and what mentions ids of theirs or its own, unless somebody excluded
/// that.
void need(const Stream& stream, const std::vector<std::string>& excluded, std::set<std::string_view>& needed) {
  if (!needed.insert(stream.table).second) return;
  if (!stream.parent.empty()) need(*find_stream(stream.parent), excluded, needed);
  for (const Mention& mention : stream.mentioned_in) {
    const Stream& other = *find_stream(mention.stream);
    if (std::find(excluded.begin(), excluded.end(), other.step) == excluded.end()) need(other, excluded, needed);
  }
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
    if (selection.has(stream)) need(stream, excluded, needed);
  }
  for (const Stream& stream : catalogue()) {
    if (needed.contains(stream.table)) selection.pulled_.push_back(&stream);
  }
  return selection;
}

std::vector<const Stream*> Selection::children(const Stream& stream) const {
  std::vector<const Stream*> children;
  std::copy_if(pulled_.begin(), pulled_.end(), std::back_inserter(children),
               [&stream](const Stream* other) { return other->parent == stream.table; });
  return children;
}

std::vector<const Stream*> Selection::mentioned(const Stream& stream) const {
  std::vector<const Stream*> mentioned;
  std::copy_if(pulled_.begin(), pulled_.end(), std::back_inserter(mentioned), [&stream](const Stream* other) {
    return std::any_of(other->mentioned_in.begin(), other->mentioned_in.end(),
                       [&stream](const Mention& mention) { return mention.stream == stream.table; });
  });
  return mentioned;
}

std::vector<std::string> Selection::excluded_steps() const {
  std::vector<std::string> excluded;
  for (const std::string& step : steps()) {
    if (!steps_.contains(step)) excluded.push_back(step);
  }
  return excluded;
}

}  // namespace chimplift
