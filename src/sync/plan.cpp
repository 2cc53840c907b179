// What a sync would ask, found out without keeping anything: the lists of parents are read, and of what hangs below them what their own
// records say of it (members of an audience, recipients of a campaign). Where nothing says how much there is, a collection counts as one
// request, so the sum of requests is a least. Rows that could not all be counted are not known: no number is better than one too small.
#include "sync/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "archive/layout.hpp"
#include "client/hidden_account.hpp"
#include "client/key_proof.hpp"
#include "client/probe.hpp"
#include "inventory/account_identity.hpp"
#include "inventory/discovery.hpp"
#include "sync/plan_page.hpp"

namespace chimplift {
namespace {

// Below more parents than this a second level is not read for the plan: it would be half the pull.
constexpr std::size_t kMostParentsRead = 100;

// Smaller pages are not asked for where the server is too slow: it is not their size then.
constexpr i64 kSmallestPage = 50;

i64 pages_of(const Stream& stream, i64 rows) { return std::max<i64>(1, (rows + stream.page_size - 1) / stream.page_size); }

class Planner {
 public:
  Planner(const Settings& settings, const Account& account) : settings_(&settings), account_(&account), probe_(settings, account) {}

  Result<AccountPlan> run() {
    TRY(ask_account());
    for (const Stream* stream : settings_->selection.pulled()) {
      if (stream->parent.empty()) TRY(count_root(*stream));
    }
    AccountPlan plan;
    plan.account_name = account_->name;
    for (const Stream& stream : catalogue()) plan.lines.push_back(line_of(stream));
    for (const PlanLine& line : plan.lines) plan.requests += line.requests;
    plan.latency_seconds = median_latency();
    plan.estimated_seconds = static_cast<double>(plan.requests) * plan.latency_seconds / kSlots;
    return plan;
  }

 private:
  using Ids = std::vector<std::string>;

  struct Count {
    i64 rows = 0;
    i64 requests = 0;
    bool is_whole = true;      // these are all the rows
    std::string refusal = {};  // what was answered where some of it cannot be read
  };

  /// A role may not see the account and yet read its campaigns, into an archive that does not say whose it is. What else is wrong with the
  /// archive is no reason not to count.
  Result<void> ask_account() {
    const Result<std::string> account = probe_.get(std::string(kAccountQuestion));
    const bool is_hidden = !account && !probe_.lost() && account.error().kind == ErrorKind::permission;
    if (!account && !is_hidden) return tl::unexpected(account.error());
    Result<void> right = is_hidden ? check_hidden_account(*settings_, account_->name)
                                   : check_identity(*settings_->archive, account_->name, settings_->test, account_id_in(*account));
    if (!right) return is_hidden || right.error().kind == ErrorKind::usage ? right : Result<void>();
    return prove_key(probe_, *settings_, *account_);
  }

  // ---- reading

  Result<void> count_root(const Stream& stream) {
    if (!settings_->selection.children(stream).empty()) return read_level(stream, {{}});
    for (int sweep = 0; sweep < static_cast<int>(stream.sweeps.size()); ++sweep) TRY(ask_total(stream, sweep));
    return {};
  }

  /// Of a stream that leads to nothing its total is enough.
  Result<void> ask_total(const Stream& stream, int sweep) {
    const i64 asked = stream.paging == Paging::object ? 0 : 1;
    const Result<PlanPage> first = page(stream, {}, sweep, {0, asked, {}}, shape_of(stream));
    if (!first) return pass_over(stream, first.error());
    const PageContents& contents = first->contents;
    const bool says_all = stream.paging == Paging::object || contents.total_items || contents.records == 0;
    const i64 rows = stream.paging == Paging::object ? contents.records : contents.total_items.value_or(contents.records);
    add(stream, says_all ? std::optional(std::min(rows, kMostRows)) : std::nullopt);
    return {};
  }

  /// Reads the stream's collections, one below each path of ids, and counts what hangs below their records.
  Result<void> read_level(const Stream& stream, const std::vector<Ids>& paths) {
    std::vector<Ids> below;
    for (const Ids& parents : paths) {
      for (int sweep = 0; sweep < static_cast<int>(stream.sweeps.size()); ++sweep) TRY(read_collection(stream, parents, sweep, below));
    }
    if (below.size() > kMostParentsRead) return {};
    for (const Stream* child : settings_->selection.children(stream)) {
      if (!has_hints_below(*child)) continue;
      forget(*child);  // what was guessed is now read
      TRY(read_level(*child, below));
    }
    return {};
  }

  Result<void> read_collection(const Stream& stream, const Ids& parents, int sweep, std::vector<Ids>& below) {
    const Discoverer discoverer(stream, settings_->selection);
    std::optional<u64> earlier;
    i64 asked = stream.page_size;
    for (i64 offset = 0;;) {
      const bool can_ask_for_less = pages_by_offset(stream) && asked > kSmallestPage;
      const Result<PlanPage> read = page(stream, parents, sweep, {offset, asked, {}}, discoverer.shape(), can_ask_for_less);
      if (!read && can_ask_for_less && probe_.was_too_much()) {
        asked = std::max(asked / 2, kSmallestPage);
        continue;
      }
      if (!read) return pass_over(stream, read.error());
      const PageContents& contents = read->contents;
      Count& count = counts_[stream.table];
      ++count.requests;
      if (earlier == contents.digest && contents.records > 0) {  // the server does not look at the offset
        count.is_whole = false;
        return {};
      }
      count.rows += contents.records;
      for (std::size_t i = 0; i < read->records.size(); ++i) {
        count_below(stream, *read->records[i]);
        std::optional<Ids> ids = discoverer.ids_below(parents, contents, i);
        if (ids) below.push_back(std::move(*ids));
        if (!ids) count.is_whole = false;  // sync cannot ask below it, and names a gap
      }
      offset += contents.records;
      earlier = contents.digest;
      const bool has_more = contents.total_items ? offset < *contents.total_items : contents.records >= asked;
      if (has_more && contents.records > 0 && pages_by_offset(stream)) continue;
      if (has_more) count.is_whole = false;
      return {};
    }
  }

  /// One page. A cut answer must not count as less: the probe asks for it again, and then it is the error.
  Result<PlanPage> page(const Stream& stream, const Ids& parents, int sweep, const PageAt& at, const PageShape& shape,
                        bool can_ask_for_less = false) {
    std::optional<PlanPage> read;
    const BodyCheck parse = [&read, &shape](std::string_view body) -> Result<void> {
      TRY_ASSIGN(read, parse_plan_page(body, shape));
      return {};
    };
    TRY(probe_.get(path_of(stream, parents) + "?" + query_of(stream, sweep, at), parse, can_ask_for_less));
    return std::move(*read);
  }

  /// What sync would name as a gap does not keep the rest from being planned; a key that died on the way does.
  Result<void> pass_over(const Stream& stream, const Error& error) {
    const bool is_gap = error.kind == ErrorKind::permission || error.kind == ErrorKind::usage;
    if (!is_gap || probe_.lost()) return tl::unexpected(error);
    add(stream, std::nullopt);
    const std::optional<Answer>& refusal = probe_.refusal();
    // A parent without this, or one that was deleted meanwhile, leaves no gap.
    const bool may_be_gone = !stream.parent.empty() && refusal && refusal->meaning == Meaning::missing;
    if (refusal && !may_be_gone) counts_[stream.table].refusal = refusal->reason;
    return {};
  }

  [[nodiscard]] bool has_hints_below(const Stream& stream) const {
    const std::vector<const Stream*> children = settings_->selection.children(stream);
    return std::any_of(children.begin(), children.end(), [](const Stream* child) { return !child->rows_hint.empty(); });
  }

  // ---- counting

  /// What a record says about the collections below it.
  void count_below(const Stream& stream, const JsonNode& record) {
    for (const Stream* child : settings_->selection.children(stream)) {
      if (!child->embedded.empty()) {  // most come with the record itself, without a request
        counts_[child->table].is_whole = false;
        continue;
      }
      const std::optional<i64> rows = hinted_rows(*child, record);
      add(*child, rows);
      counts_[child->table].requests += static_cast<i64>(child->sweeps.size()) - 1;
      guess_below(*child, rows.value_or(0));
    }
  }

  /// So many parents have at least a request each for every collection below them, unless their own records hold its records or may say
  /// that there are none.
  void guess_below(const Stream& stream, i64 parents) {
    for (const Stream* child : settings_->selection.children(stream)) {
      Count& count = counts_[child->table];
      count.is_whole = false;
      if (child->embedded.empty() && child->unless_zero.empty()) count.requests += parents;
    }
  }

  /// One more collection of the stream; nullopt: nobody knows how long.
  void add(const Stream& stream, std::optional<i64> rows) {
    Count& count = counts_[stream.table];
    count.rows += rows.value_or(0);
    count.requests += pages_of(stream, rows.value_or(0));
    count.is_whole = count.is_whole && rows.has_value();
  }

  void forget(const Stream& stream) {
    counts_.erase(stream.table);
    for (const Stream* child : settings_->selection.children(stream)) forget(*child);
  }

  // ---- telling

  [[nodiscard]] PlanLine line_of(const Stream& stream) const {
    const std::vector<const Stream*>& pulled = settings_->selection.pulled();
    PlanLine line;
    line.table = stream.table;
    line.step = stream.step;
    line.excluded = !settings_->selection.has(stream);
    line.helper = line.excluded && std::find(pulled.begin(), pulled.end(), &stream) != pulled.end();
    if (!line.excluded || line.helper) line.reason = reason_of(stream);
    const auto found = counts_.find(stream.table);
    if (found == counts_.end()) return line;
    const Count& count = found->second;
    line.requests = settings_->test ? std::min(count.requests, kTestRecords) : count.requests;
    if (is_known(stream)) line.rows = settings_->test ? std::min(count.rows, kTestRecords) : count.rows;
    return line;
  }

  /// Why not all of it could be counted: what was answered, or that its parent cannot be read; "" where nothing was refused.
  [[nodiscard]] std::string reason_of(const Stream& stream) const {
    const auto found = counts_.find(stream.table);
    if (found != counts_.end()) return found->second.refusal;
    if (stream.parent.empty() || reason_of(*find_stream(stream.parent)).empty()) return {};
    return fmt::format("{} cannot be read", stream.parent);
  }

  /// Below parents that are not all known there may be more rows than those that were counted.
  [[nodiscard]] bool is_known(const Stream& stream) const {
    const auto found = counts_.find(stream.table);
    if (found == counts_.end() || !found->second.is_whole) return false;
    return stream.parent.empty() || is_known(*find_stream(stream.parent));
  }

  [[nodiscard]] double median_latency() const {
    std::vector<double> latencies = probe_.latencies();  // of one request at least: the account's
    const std::ptrdiff_t middle = static_cast<std::ptrdiff_t>(latencies.size() / 2);
    std::nth_element(latencies.begin(), latencies.begin() + middle, latencies.end());
    return latencies[static_cast<std::size_t>(middle)];
  }

  const Settings* settings_;
  const Account* account_;
  Probe probe_;
  std::map<std::string_view, Count> counts_;  // by table
};

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
  return Planner(settings, account).run();
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
