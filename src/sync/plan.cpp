// What a sync would ask, found out without keeping anything: the lists of parents are read, and of what hangs below them what their own
// records say of it (members of an audience, recipients of a campaign). Where nothing says how much there is, a collection counts as one
// request, so the sum is a least.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

#include "archive/layout.hpp"
#include "base/text.hpp"
#include "sync/engine.hpp"
#include "sync/probe.hpp"

namespace chimplift {
namespace {

// Below more parents than this a second level is not read for the plan: it would be half the pull.
constexpr std::size_t kMostParentsRead = 100;

/// The number at "opens.unique_opens" of a record; 0 where there is none.
i64 number_at(const nlohmann::json& record, const std::string& path) {
  const nlohmann::json* at = &record;
  for (const std::string& name : split(path, '.')) {
    const auto found = at->is_object() ? at->find(name) : at->end();
    if (!at->is_object() || found == at->end()) return 0;
    at = &*found;
  }
  return at->is_number_integer() ? std::max<i64>(at->get<i64>(), 0) : 0;
}

i64 pages_of(const Stream& stream, i64 rows) { return std::max<i64>(1, (rows + stream.page_size - 1) / stream.page_size); }

class Planner {
 public:
  Planner(const Settings& settings, const Account& account) : settings_(&settings), probe_(settings, account) {}

  Result<AccountPlan> run(const std::string& account_name) {
    TRY(probe_.get("/?exclude_fields=_links"));
    for (const Stream* stream : settings_->selection.pulled()) {
      if (stream->parent.empty()) TRY(count_root(*stream));
    }
    AccountPlan plan;
    plan.account_name = account_name;
    for (const Stream& stream : catalogue()) plan.lines.push_back(line_of(stream));
    for (const PlanLine& line : plan.lines) plan.requests += line.requests;
    std::vector<double> latencies = probe_.latencies();
    const std::ptrdiff_t middle = static_cast<std::ptrdiff_t>(latencies.size() / 2);
    std::nth_element(latencies.begin(), latencies.begin() + middle, latencies.end());
    plan.latency_seconds = latencies[static_cast<std::size_t>(middle)];
    plan.estimated_seconds = static_cast<double>(plan.requests) * plan.latency_seconds / kSlots;
    return plan;
  }

 private:
  struct Count {
    i64 rows = 0;
    i64 requests = 0;
    bool is_known = false;
  };

  [[nodiscard]] bool is_pulled(const Stream& stream) const {
    const std::vector<const Stream*>& pulled = settings_->selection.pulled();
    return std::find(pulled.begin(), pulled.end(), &stream) != pulled.end();
  }

  [[nodiscard]] std::vector<const Stream*> pulled_children(const Stream& stream) const {
    std::vector<const Stream*> children = children_of(stream);
    std::erase_if(children, [this](const Stream* child) { return !is_pulled(*child); });
    return children;
  }

  [[nodiscard]] PlanLine line_of(const Stream& stream) const {
    PlanLine line;
    line.table = stream.table;
    line.step = stream.step;
    line.excluded = !settings_->selection.has(stream);
    line.helper = line.excluded && is_pulled(stream);
    const auto found = counts_.find(line.table);
    if (found == counts_.end()) return line;
    const Count& count = found->second;
    line.requests = settings_->test ? std::min(count.requests, kTestRecords) : count.requests;
    if (count.is_known) line.rows = settings_->test ? std::min(count.rows, kTestRecords) : count.rows;
    return line;
  }

  Result<void> count_root(const Stream& stream) {
    if (!pulled_children(stream).empty()) return read_all(stream, {});
    Count& count = counts_[std::string(stream.table)];
    count.is_known = true;
    for (int sweep = 0; sweep < static_cast<int>(stream.sweeps.size()); ++sweep) {
      const i64 asked = stream.paging == Paging::object ? 0 : 1;
      const Result<PageContents> first = probe_.page(stream, {}, sweep, 0, asked, {std::string(stream.items), {}, {}});
      if (!first && !is_a_gap(first.error())) return tl::unexpected(first.error());
      const i64 rows = first ? first->total_items.value_or(first->records) : 0;
      count.rows += rows;
      count.requests += pages_of(stream, rows);
    }
    return {};
  }

  /// What sync would name as a gap does not keep the rest from being planned.
  static bool is_a_gap(const Error& error) { return error.kind == ErrorKind::permission || error.kind == ErrorKind::usage; }

  Result<void> read_all(const Stream& stream, const std::vector<std::string>& parents) {
    for (int sweep = 0; sweep < static_cast<int>(stream.sweeps.size()); ++sweep) {
      std::vector<std::vector<std::string>> ids;
      for (i64 offset = 0;;) {
        const Result<std::string> body =
            probe_.get(path_of(stream, parents) + "?" + query_of(stream, sweep, {offset, stream.page_size, {}}));
        if (!body && is_a_gap(body.error())) break;
        if (!body) return tl::unexpected(body.error());
        const nlohmann::json page = nlohmann::json::parse(*body, nullptr, false);
        const auto records = page.is_object() ? page.find(std::string(stream.items)) : page.end();
        if (!page.is_object() || records == page.end() || !records->is_array()) break;
        Count& count = counts_[std::string(stream.table)];
        count.is_known = true;
        count.rows += static_cast<i64>(records->size());
        ++count.requests;
        for (const nlohmann::json& record : *records) count_children(stream, parents, record, ids);
        offset += static_cast<i64>(records->size());
        const bool has_offsets = stream.paging == Paging::offset || stream.paging == Paging::undocumented;
        if (!has_offsets || records->empty() || offset >= number_at(page, "total_items")) break;
      }
      if (ids.size() > kMostParentsRead) continue;
      for (const Stream* child : pulled_children(stream)) {
        if (pulled_children(*child).empty() || !has_hints_below(*child)) continue;
        forget(*child);  // what was guessed is now read
        for (const std::vector<std::string>& id : ids) TRY(read_all(*child, id));
      }
    }
    return {};
  }

  [[nodiscard]] bool has_hints_below(const Stream& stream) const {
    const std::vector<const Stream*> children = pulled_children(stream);
    return std::any_of(children.begin(), children.end(), [](const Stream* child) { return !child->rows_hint.empty(); });
  }

  /// What a record says about the collections below it.
  void count_children(const Stream& stream, const std::vector<std::string>& parents, const nlohmann::json& record,
                      std::vector<std::vector<std::string>>& ids) {
    const std::vector<const Stream*> children = pulled_children(stream);
    for (const Stream* child : children) {
      if (!child->embedded.empty()) {
        count_embedded(*child, record);
        continue;
      }
      i64 rows = 0;
      for (const std::string& path : split(child->rows_hint, '+')) rows += number_at(record, path);
      if (child->paging == Paging::object) rows = 1;
      Count& count = counts_[std::string(child->table)];
      count.rows += rows;
      count.requests += pages_of(*child, rows) + static_cast<i64>(child->sweeps.size()) - 1;
      count.is_known = child->paging == Paging::object || !child->rows_hint.empty();
      guess_below(*child, rows);
    }
    if (children.empty() || !record.is_object()) return;
    const auto id = record.find(std::string(children.front()->parent_field));
    if (id == record.end()) return;
    std::vector<std::string> path = parents;
    path.push_back(id->is_string() ? id->get<std::string>() : id->dump());
    ids.push_back(std::move(path));
  }

  /// Records that came with their parent cost a request only where their list may be cut short.
  void count_embedded(const Stream& child, const nlohmann::json& record) {
    const auto list = record.find(std::string(child.embedded));
    const i64 elements = list != record.end() && list->is_array() ? static_cast<i64>(list->size()) : -1;
    const std::string said_by(child.embedded_count);
    const std::optional<i64> said = record.contains(said_by) ? std::optional(number_at(record, said_by)) : std::nullopt;
    Count& count = counts_[std::string(child.table)];
    count.is_known = true;
    count.rows += std::max(elements, said.value_or(0));
    if (!is_whole_when_embedded(elements, said)) count.requests += pages_of(child, said.value_or(elements));
  }

  /// So many parents have at least a request each for every collection below them.
  void guess_below(const Stream& stream, i64 parents) {
    for (const Stream* child : pulled_children(stream)) {
      if (child->embedded.empty()) counts_[std::string(child->table)].requests += parents;
      guess_below(*child, 0);
    }
  }

  void forget(const Stream& stream) {
    counts_.erase(std::string(stream.table));
    for (const Stream* child : pulled_children(stream)) forget(*child);
  }

  const Settings* settings_;
  Probe probe_;
  std::map<std::string, Count> counts_;  // by table
};

}  // namespace

namespace {

/// Keeps a run on the account's archive from beginning meanwhile: its ten requests and the plan's would be eleven. A plan makes nothing, so
/// where there is no archive there is no lock. Error: busy.
Result<std::shared_ptr<void>> keep_runs_away(Tree& archive, const std::string& account_name) {
  const Result<std::vector<std::string>> folders = archive.folders();
  const std::string folder = safe_name(account_name);
  if (!folders || std::find(folders->begin(), folders->end(), folder) == folders->end()) return std::shared_ptr<void>();
  Result<std::shared_ptr<void>> lock = archive.below(folder)->lock(account_name);
  if (lock || lock.error().kind == ErrorKind::busy) return lock;
  return std::shared_ptr<void>();  // where nothing can be written no run can work either
}

Result<AccountPlan> plan_of(const Settings& settings, const Account& account) {
  TRY_ASSIGN(const std::shared_ptr<void> lock, keep_runs_away(*settings.archive, account.name));
  return Planner(settings, account).run(account.name);
}

}  // namespace

std::vector<AccountPlan> plan(const Settings& settings) {
  std::vector<AccountPlan> plans;
  for (const Account& account : settings.accounts) {
    Result<AccountPlan> one = plan_of(settings, account);
    if (!one) {
      AccountPlan failed;
      failed.account_name = account.name;
      failed.error = one.error();
      plans.push_back(std::move(failed));
      continue;
    }
    plans.push_back(std::move(*one));
  }
  return plans;
}

}  // namespace chimplift
