#include "verify/finding_list.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"

namespace chimplift {

void FindingList::add(Finding finding) {
  OfOneCause& cause = causes_[cause_of(finding)];
  if (cause.count++ < kMostOfOneCause) {
    add_named(std::move(finding));
    return;
  }
  ++count_;
  if (cause.count == kMostOfOneCause + 1) {
    cause.others = findings_.size();
    finding.parent.clear();
    finding.file.clear();
    findings_.push_back(std::move(finding));
  }
  ++findings_[cause.others].more;
}

void FindingList::add_named(Finding finding) {
  ++count_;
  findings_.push_back(std::move(finding));
}

/// What differs in numbers, addresses and paths alone (page 17, page 18) is one cause.
FindingList::Cause FindingList::cause_of(const Finding& finding) {
  const auto is_of_one = [](const std::string& word) { return word.find_first_of("0123456789/@") != std::string::npos; };
  std::vector<std::string> words = split(finding.reason, ' ');
  std::ranges::replace_if(words, is_of_one, "");
  return {finding.stream, !finding.file.empty(), finding.command, join(words, " ")};
}

}  // namespace chimplift
