// What a sync would ask: read from the lists of parents themselves, without keeping anything. What a collection below a parent holds is not
// asked one by one (that would be the pull); each counts as at least one request.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "sync/engine.hpp"
#include "sync/probe.hpp"

namespace chimplift {
namespace {

class Planner {
 public:
  Planner(const Settings& settings, const Account& account) : settings_(&settings), probe_(settings, account) {}

  Result<AccountPlan> run(const std::string& account_name) {
    AccountPlan plan;
    plan.account_name = account_name;
    TRY(probe_.get("/?exclude_fields=_links"));
    for (const Stream& stream : catalogue()) {
      PlanLine line;
      line.table = stream.table;
      line.step = stream.step;
      const std::vector<const Stream*>& pulled = settings_->selection.pulled();
      const bool is_pulled = std::find(pulled.begin(), pulled.end(), &stream) != pulled.end();
      line.excluded = !settings_->selection.has(stream);
      line.helper = line.excluded && is_pulled;
      if (is_pulled) TRY(count(stream, line));
      plan.requests += line.requests;
      plan.lines.push_back(std::move(line));
    }
    std::vector<double> latencies = probe_.latencies();
    std::nth_element(latencies.begin(), latencies.begin() + static_cast<std::ptrdiff_t>(latencies.size() / 2), latencies.end());
    plan.latency_seconds = latencies[latencies.size() / 2];
    plan.estimated_seconds = static_cast<double>(plan.requests) * plan.latency_seconds / kSlots;
    return plan;
  }

 private:
  Result<void> count(const Stream& stream, PlanLine& line) {
    const i64 sweeps = static_cast<i64>(stream.sweeps.size());
    if (!stream.parent.empty()) {
      const auto parents = totals_.find(std::string(stream.parent));
      const i64 known = parents == totals_.end() ? 0 : parents->second;
      line.requests = capped(known) * sweeps;
      if (stream.paging == Paging::object) line.rows = capped(known);
      // How many rows hang below is known only to those who read them.
      totals_[std::string(stream.table)] = 0;
      return {};
    }
    i64 rows = 0;
    for (int sweep = 0; sweep < sweeps; ++sweep) {
      Result<PageContents> first =
          probe_.page(stream, {}, sweep, 0, stream.paging == Paging::object ? 0 : 1, {std::string(stream.items), {}, {}});
      if (!first && first.error().kind != ErrorKind::permission && first.error().kind != ErrorKind::usage)
        return tl::unexpected(first.error());
      if (!first) continue;  // sync would name it as a gap; the rest can be planned all the same
      const i64 total = capped(first->total_items.value_or(first->records));
      rows += total;
      line.requests += std::max<i64>(1, (total + stream.page_size - 1) / stream.page_size);
    }
    line.rows = rows;
    totals_[std::string(stream.table)] = rows;
    return {};
  }

  [[nodiscard]] i64 capped(i64 rows) const { return settings_->test ? std::min(rows, kTestRecords) : rows; }

  const Settings* settings_;
  Probe probe_;
  std::map<std::string, i64> totals_;  // rows, by table
};

}  // namespace

std::vector<AccountPlan> plan(const Settings& settings) {
  std::vector<AccountPlan> plans;
  for (const Account& account : settings.accounts) {
    Result<AccountPlan> one = Planner(settings, account).run(account.name);
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
