// A wrong alarm is worse than a stream that was not tried: below a parent only what sync would certainly not get is a failure. That a draft
// has no report is none.
#include "sync/doctor_streams.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "inventory/discovery.hpp"
#include "mailchimp/answer.hpp"

namespace chimplift {
namespace {

// So many parents are tried before a stream counts as not tried; so many records of each parent are asked for.
constexpr std::size_t kMostTried = 3;

// After so many streams in a row that failed for the time being, each with attempts of its own, the others would say the same.
constexpr int kMostSilent = 3;

using Ids = std::vector<std::string>;

/// What came of a step's streams.
struct Step {
  std::string_view name;
  i64 readable = 0;
  std::map<std::string_view, std::vector<std::string>> without_parent = {};  // tables, by the parent of which there was none
  std::vector<std::string> untried = {};                                     // with the reason
  std::vector<std::pair<std::string_view, Error>> failures = {};             // by table
};

class StreamChecks {
 public:
  StreamChecks(const Selection& selection, const Account& account, Probe& probe)
      : selection_(&selection), account_(&account), probe_(&probe) {}

  std::vector<Check> run() {
    for (const Stream* stream : selection_->pulled()) {
      if (steps_.empty() || steps_.back().name != stream->step) steps_.push_back({stream->step});
      try_stream(*stream, steps_.back());
      if (is_over_) break;
    }
    std::vector<Check> checks;
    for (const Step& step : steps_) tell(step, checks);
    return checks;
  }

 private:
  // ---- asking

  void try_stream(const Stream& stream, Step& step) {
    const std::vector<Ids> places = stream.parent.empty() ? std::vector<Ids>{Ids{}} : below_[std::string(stream.table)];
    const bool leads_on = !selection_->children(stream).empty();
    bool was_read = false;
    std::string why;
    for (const Ids& parents : places) {
      const Result<i64> records = ask(stream, parents, leads_on);
      if (records) {
        was_read = true;
        silent_ = 0;
        if (*records > 0 || !leads_on) break;  // else another parent may have some, below which there is more to try
        continue;
      }
      if (is_failure(stream, records.error())) {
        step.failures.emplace_back(stream.table, records.error());
        return;
      }
      why = probe_->refusal() ? probe_->refusal()->reason : records.error().message;
      if (!is_missing()) break;
    }
    if (was_read) {
      ++step.readable;
    } else if (!places.empty()) {
      step.untried.push_back(fmt::format("{} could not be tried: {}", stream.table, why));
    } else if (stream.embedded.empty()) {  // else it comes within its parents' records, and is not asked for
      step.without_parent[stream.parent].emplace_back(stream.table);
    }
  }

  /// How many records came. Keeps what sync would ask for below them.
  Result<i64> ask(const Stream& stream, const Ids& parents, bool leads_on) {
    const Discoverer discoverer(stream, *selection_);
    const i64 wanted = leads_on ? static_cast<i64>(kMostTried) : 1;
    const PageAt at{0, stream.paging == Paging::object ? 0 : wanted, {}};
    PageContents contents;
    const BodyCheck read = [&contents, &discoverer](std::string_view body) -> Result<void> {
      TRY_ASSIGN(contents, read_page(body, discoverer.shape()));
      return {};
    };
    TRY_ASSIGN(const std::string body, probe_->get(path_of(stream, parents) + "?" + query_of(stream, 0, at), read));
    Discovery found = discoverer.discover(parents, body, contents);
    for (UnitId& child : found.children) {
      std::vector<Ids>& known = below_[child.stream];
      if (child.sweep == 0 && known.size() < kMostTried) known.push_back(std::move(child.parents));
    }
    return contents.records;
  }

  // ---- judging

  [[nodiscard]] bool is_missing() const { return probe_->refusal() && probe_->refusal()->meaning == Meaning::missing; }

  bool is_failure(const Stream& stream, const Error& error) {
    const bool may_pass = error.kind == ErrorKind::temporary || error.kind == ErrorKind::blocked;
    silent_ = may_pass ? silent_ + 1 : 0;
    is_over_ = probe_->lost() || error.kind == ErrorKind::interrupted || silent_ >= kMostSilent;
    if (is_over_ || stream.parent.empty()) return true;
    const std::optional<Answer>& refusal = probe_->refusal();
    return refusal && (refusal->meaning == Meaning::not_permitted || refusal->meaning == Meaning::refused);
  }

  // ---- telling

  static std::string detail_of(const Step& step) {
    std::vector<std::string> parts;
    if (step.readable > 0) parts.push_back(fmt::format("{} collection{} can be read", step.readable, step.readable == 1 ? "" : "s"));
    for (const auto& [parent, tables] : step.without_parent)
      parts.push_back(fmt::format("no {} with any seen to try {}", parent, join(tables, ", ")));
    parts.insert(parts.end(), step.untried.begin(), step.untried.end());
    return join(parts, "; ");
  }

  void tell(const Step& step, std::vector<Check>& checks) const {
    Check whole{account_->name, std::string(step.name), {}, detail_of(step)};
    auto failure = step.failures.begin();
    if (step.readable == 0 && failure != step.failures.end()) whole.error = (failure++)->second;
    checks.push_back(std::move(whole));
    for (; failure != step.failures.end(); ++failure) checks.push_back({account_->name, std::string(failure->first), failure->second, ""});
  }

  const Selection* selection_;
  const Account* account_;
  Probe* probe_;
  std::vector<Step> steps_ = {};
  std::map<std::string, std::vector<Ids>> below_ = {};  // by table: the parents of its collections
  int silent_ = 0;                                      // streams in a row that failed for the time being
  bool is_over_ = false;
};

}  // namespace

std::vector<Check> check_streams(const Selection& selection, const Account& account, Probe& probe) {
  return StreamChecks(selection, account, probe).run();
}

}  // namespace chimplift
