// See drift.hpp.
#include "simulator/drift.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "base/text.hpp"
#include "simulator/json_text.hpp"

namespace mailchimp_sim {

namespace {

constexpr std::array<std::string_view, 5> kKinds = {"insert", "change", "delete", "move", "rekey"};
constexpr std::size_t kUnsorted = std::string::npos;

bool is_at_or_below(std::string_view path, std::string_view parent) {
  return path == parent || (path.starts_with(parent) && path[parent.size()] == '/');
}

/// The member of a set or map of paths at or above this path; its end where there is none.
template <typename Paths>
auto above(const Paths& paths, std::string_view path) {
  while (true) {
    if (const auto found = paths.find(path); found != paths.end()) return found;
    const std::size_t slash = path.rfind('/');
    if (slash == std::string_view::npos || slash == 0) return paths.end();
    path = path.substr(0, slash);
  }
}

std::string last_part(std::string_view path) { return parse_target(path).parts.back(); }

std::string child_path(const Collection& collection, const Row& row) { return collection.path + '/' + chimplift::percent_encode(row.id); }

/// A thing of the world, which outlives all that is served.
template <typename T>
std::shared_ptr<const T> of_world(const T* thing) {
  return {std::shared_ptr<const T>(), thing};
}

Parents with_parent(Parents parents, const std::string& old_id, const std::string& new_id) {
  for (auto& [name, value] : parents) {
    if (value == json::text(old_id)) value = json::text(new_id);
    if (value == old_id) value = new_id;
  }
  return parents;
}

/// Where the greatest row stands, or the least, in the order that is asked for.
std::size_t outermost(const std::vector<Row>& rows, std::size_t sort, bool greatest) {
  if (sort == kUnsorted) return greatest ? rows.size() - 1 : 0;
  const auto is_less = [sort](const Row& a, const Row& b) { return a.sort_keys[sort] < b.sort_keys[sort]; };
  if (!greatest) return static_cast<std::size_t>(std::min_element(rows.begin(), rows.end(), is_less) - rows.begin());
  // The last one of those that are equal.
  return rows.size() - 1 - static_cast<std::size_t>(std::max_element(rows.rbegin(), rows.rend(), is_less) - rows.rbegin());
}

template <typename T>
void insert_at(std::vector<T>& items, std::size_t at, T item) {
  items.insert(items.begin() + static_cast<std::ptrdiff_t>(at), std::move(item));
}

template <typename T>
T take_out(std::vector<T>& items, std::size_t at) {
  T item = std::move(items[at]);
  items.erase(items.begin() + static_cast<std::ptrdiff_t>(at));
  return item;
}

}  // namespace

Drift::Drift(const World& world) : world_(world) {}

void Drift::plant(DriftPlan plan) {
  for (const std::string& kind : plan.kinds)
    if (std::find(kKinds.begin(), kKinds.end(), kind) == kKinds.end())
      throw std::invalid_argument("no kind of drift is called \"" + kind + '"');
  const std::lock_guard lock(mutex_);
  Random random(plan.seed, "drift");
  scripts_.push_back({std::move(plan), random});
}

void Drift::plant(const Deletion& deletion) {
  const std::lock_guard lock(mutex_);
  if (!deletion.before_path.empty()) {
    deletions_.push_back(deletion);
    return;
  }
  for (const auto& account : world_.accounts()) remove(*account, deletion.path);
}

void Drift::plant(const Change& change) {
  const std::lock_guard lock(mutex_);
  for (const auto& account : world_.accounts()) {
    const auto list = find(*account, change.path.substr(0, change.path.rfind('/')));
    if (!list) continue;
    Live& live = touch(*account, *list);
    auto next = std::make_shared<Collection>(*live.now);
    for (std::size_t at = 0; at < next->rows.size(); ++at) {
      if (next->rows[at].id.empty() || child_path(*next, next->rows[at]) != change.path) continue;
      next->rows[at] = with_text(next->rows[at], change.field, change.text);
      live.stories[live.story_of[at]].versions.push_back(next->rows[at]);
      ++changes_;
    }
    ++next->version;
    live.now = std::move(next);
  }
}

void Drift::calm() {
  const std::lock_guard lock(mutex_);
  scripts_.clear();
  deletions_.clear();
}

int Drift::changes() const {
  const std::lock_guard lock(mutex_);
  return changes_;
}

// ---- what is served

const Drift::Touched* Drift::touched(const Account& account) const {
  const auto found = touched_.find(&account);
  return found == touched_.end() ? nullptr : &found->second;
}

std::shared_ptr<const Collection> Drift::collection(const Account& account, const std::string& path) const {
  const std::lock_guard lock(mutex_);
  return find(account, path);
}

std::shared_ptr<const Collection> Drift::find(const Account& account, std::string_view path) const {
  const Touched* mine = touched(account);
  if (mine == nullptr) return of_world(account.collection(path));
  if (above(mine->gone, path) != mine->gone.end()) return nullptr;
  if (const auto live = mine->live.find(path); live != mine->live.end()) return live->second.now;
  if (auto made = of_newcomer(account, path)) return made;
  return of_world(account.collection(path));
}

/// What hangs below a newcomer is empty at first, and of the same kinds as below the one that it is made after.
std::shared_ptr<const Collection> Drift::of_newcomer(const Account& account, std::string_view path) const {
  const Touched* mine = touched(account);
  const auto newcomer = above(mine->cloned_from, path);
  if (newcomer == mine->cloned_from.end()) return nullptr;
  const Collection* model = account.collection(newcomer->second + std::string(path.substr(newcomer->first.size())));
  if (model == nullptr) return nullptr;
  auto made = std::make_shared<Collection>(*model);
  made->path = path;
  made->rows.clear();
  made->parents = with_parent(model->parents, last_part(newcomer->second), last_part(newcomer->first));
  return made;
}

std::shared_ptr<const std::string> Drift::record(const Account& account, const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const Touched* mine = touched(account);
  if (mine == nullptr) return of_world(account.record(path));
  if (above(mine->gone, path) != mine->gone.end()) return nullptr;
  if (const auto newcomer = above(mine->cloned_from, path); newcomer != mine->cloned_from.end() && newcomer->first != path) {
    const std::string* model = account.record(newcomer->second + path.substr(newcomer->first.size()));
    if (model == nullptr) return nullptr;
    return std::make_shared<std::string>(with_id(*model, last_part(newcomer->second), last_part(newcomer->first)));
  }
  const auto live = mine->live.find(std::string_view(path).substr(0, path.rfind('/')));
  if (live == mine->live.end()) return of_world(account.record(path));
  for (const Row& row : live->second.now->rows)
    if (!row.id.empty() && child_path(*live->second.now, row) == path) return std::make_shared<std::string>(row.json);
  return account.singles.contains(path) ? of_world(account.record(path)) : nullptr;
}

// ---- what happens

void Drift::before(const Account& account, const std::string& path, const Target& target) {
  const std::lock_guard lock(mutex_);
  for (Deletion& deletion : deletions_) {
    if (deletion.path.empty() || path.find(deletion.before_path) == std::string::npos) continue;
    if (deletion.skip-- > 0) continue;
    remove(account, std::exchange(deletion.path, ""));
  }
  for (Script& script : scripts_) {
    DriftPlan& plan = script.plan;
    if (plan.changes <= 0 || path.find(plan.path_contains) == std::string::npos) continue;
    auto collection = find(account, path);
    if (!collection || collection->table.empty()) continue;
    if (plan.skip-- > 0) continue;
    plan.skip = 0;
    if (!script.random.chance(plan.probability)) continue;
    for (i64 left = script.random.between(1, plan.most_at_once); left > 0 && plan.changes > 0; --left, --plan.changes)
      happen(account, *collection, script, target.parameter("sort_field"));
  }
}

Drift::Live& Drift::touch(const Account& account, const Collection& collection) {
  auto& all = touched_[&account].live;
  const auto found = all.find(collection.path);
  if (found != all.end()) return found->second;
  Live live;
  live.now = std::make_shared<Collection>(collection);
  for (const Row& row : collection.rows) {
    live.story_of.push_back(live.stories.size());
    live.stories.push_back({RowStory::Fate::stayed, {row}, collection.parents});
  }
  return all.emplace(collection.path, std::move(live)).first->second;
}

void Drift::happen(const Account& account, const Collection& collection, Script& script, const std::string& sort_field) {
  Live& live = touch(account, collection);
  const auto& names = live.now->sort_names;
  const auto name = std::find(names.begin(), names.end(), sort_field);
  const std::size_t sort = name == names.end() ? kUnsorted : static_cast<std::size_t>(name - names.begin());
  Random& random = script.random;
  const std::string kind = random.pick(std::span<const std::string>(script.plan.kinds));
  ++changes_;
  if (live.now->rows.empty()) return;  // a newcomer has none to be made after
  if (kind == "insert" || kind == "rekey") insert(account, live, random, sort);
  if (kind == "change") change(live, random);
  if (kind == "move") move(live, random, sort);
  if (kind == "delete" || kind == "rekey")
    remove(account, live, static_cast<std::size_t>(random.below(static_cast<i64>(live.now->rows.size()))));
}

void Drift::insert(const Account& account, Live& live, Random& random, std::size_t sort) {
  auto next = std::make_shared<Collection>(*live.now);
  std::size_t model = static_cast<std::size_t>(random.below(static_cast<i64>(next->rows.size())));
  const i64 where = random.below(3);
  if (where != 1) model = outermost(next->rows, sort, where == 2);
  const Row like = next->rows[model];
  Row row = newcomer_like(like, ++newcomers_);
  // Rows with the same sort keys are given in the order in which they stand.
  const std::size_t at = where == 2 ? model + 1 : model;
  if (!row.id.empty()) {
    auto& made_after = touched_[&account].cloned_from;
    const auto older = made_after.find(child_path(*next, like));
    std::string model_path = older == made_after.end() ? child_path(*next, like) : older->second;
    made_after.insert_or_assign(child_path(*next, row), std::move(model_path));
  }
  insert_at(live.story_of, at, live.stories.size());
  live.stories.push_back({RowStory::Fate::inserted, {row}, next->parents});
  insert_at(next->rows, at, std::move(row));
  ++next->version;
  live.now = std::move(next);
}

void Drift::change(Live& live, Random& random) {
  auto next = std::make_shared<Collection>(*live.now);
  const auto at = static_cast<std::size_t>(random.below(static_cast<i64>(next->rows.size())));
  next->rows[at] = changed(next->rows[at], changes_);
  live.stories[live.story_of[at]].versions.push_back(next->rows[at]);
  ++next->version;
  live.now = std::move(next);
}

/// Where the listing is sorted, a row moves because what it is sorted by is now; otherwise it moves anywhere.
void Drift::move(Live& live, Random& random, std::size_t sort) {
  auto next = std::make_shared<Collection>(*live.now);
  const auto size = static_cast<i64>(next->rows.size());
  const auto from = static_cast<std::size_t>(random.below(size));
  const std::string newest = sort == kUnsorted ? "" : next->rows[outermost(next->rows, sort, true)].sort_keys[sort];
  Row row = take_out(next->rows, from);
  const std::size_t story = take_out(live.story_of, from);
  const std::size_t to = sort == kUnsorted ? static_cast<std::size_t>(random.below(size)) : next->rows.size();
  if (sort != kUnsorted) row.sort_keys[sort] = newest;
  insert_at(next->rows, to, std::move(row));
  insert_at(live.story_of, to, story);
  ++next->version;
  live.now = std::move(next);
}

void Drift::remove(const Account& account, Live& live, std::size_t at) {
  auto next = std::make_shared<Collection>(*live.now);
  const Row row = take_out(next->rows, at);
  RowStory& story = live.stories[take_out(live.story_of, at)];
  story.fate = RowStory::Fate::deleted;
  ++next->version;
  live.now = std::move(next);
  if (row.id.empty()) return;
  std::set<std::string, std::less<>>& gone = touched_[&account].gone;
  gone.insert(child_path(*live.now, row));
  if (live.now->table == "campaigns") remove_unnamed_reports(account, *live.now);
  // An e-mail's report and campaign go with it, or with its automation.
  const auto remove_mail = [&gone](const std::string& id) { gone.insert({"/reports/" + id, "/campaigns/" + id}); };
  if (live.now->table == "automation_emails") remove_mail(row.id);
  if (live.now->table != "automations") return;
  if (const Collection* emails = account.collection(child_path(*live.now, row) + "/emails")) {
    for (const Row& email : emails->rows) remove_mail(email.id);
  }
}

/// A parent's report that is in no list is found by its children alone: with the last of them it goes.
void Drift::remove_unnamed_reports(const Account& account, const Collection& campaigns) {
  constexpr std::string_view kReports = "/reports/";
  for (const auto& [path, single] : account.singles) {
    if (single.table != "campaign_stats") continue;
    const std::string id = path.substr(kReports.size());
    if (account.singles.contains("/campaigns/" + id)) continue;  // an automation's e-mail
    const std::string name = "\"parent_campaign_id\":" + json::text(id);
    const bool is_named = std::any_of(campaigns.rows.begin(), campaigns.rows.end(),
                                      [&name](const Row& row) { return row.json.find(name) != std::string::npos; });
    if (!is_named) touched_[&account].gone.insert(path);
  }
}

void Drift::remove(const Account& account, const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (account.singles.contains(path)) {
    touched_[&account].gone.insert(path);
    ++changes_;
    return;
  }
  const auto list = find(account, path.substr(0, slash));
  if (!list) return;
  Live& live = touch(account, *list);
  for (std::size_t at = 0; at < live.now->rows.size(); ++at) {
    const Row& row = live.now->rows[at];
    if (row.id.empty() || child_path(*live.now, row) != path) continue;
    remove(account, live, at);
    ++changes_;
    break;
  }
  // Mailchimp's report of a campaign goes with it.
  if (path.starts_with("/campaigns/") && slash == std::string_view("/campaigns").size()) remove(account, "/reports" + path.substr(slash));
}

// ---- what was

std::map<std::string, std::vector<RowStory>> Drift::stories(const Account& account) const {
  using Fate = RowStory::Fate;
  const std::lock_guard lock(mutex_);
  static const Touched kNone;
  const Touched& mine = touched(account) == nullptr ? kNone : *touched(account);
  const auto is_gone = [&](std::string_view path) { return above(mine.gone, path) != mine.gone.end(); };
  std::map<std::string, std::vector<RowStory>> tables;
  for (const auto& [path, single] : account.singles) {
    if (single.table.empty()) continue;
    auto& stories = tables[single.table];
    stories.push_back({is_gone(path) ? Fate::deleted : Fate::stayed, {Row{single.json}}, single.parents});
    for (const auto& [newcomer, model] : mine.cloned_from) {
      if (path == model || !is_at_or_below(path, model)) continue;
      const std::string old_id = last_part(model);
      const std::string id = last_part(newcomer);
      stories.push_back({Fate::inserted, {Row{with_id(single.json, old_id, id)}}, with_parent(single.parents, old_id, id)});
    }
  }
  const auto add = [&](const Collection& collection, const std::vector<RowStory>& all) {
    auto& stories = tables[collection.table];
    for (RowStory story : all) {
      if (collection.sweeps_type_user && story.versions[0].type != "user") continue;
      if (story.fate == Fate::stayed && is_gone(collection.path)) story.fate = Fate::deleted;
      stories.push_back(std::move(story));
    }
  };
  for (const auto& [path, collection] : account.collections) {
    if (collection.table.empty()) continue;
    if (mine.live.contains(path)) continue;
    std::vector<RowStory> stories;
    for (const Row& row : collection.rows) stories.push_back({Fate::stayed, {row}, collection.parents});
    add(collection, stories);
  }
  for (const auto& [path, live] : mine.live) add(*live.now, live.stories);
  return tables;
}

}  // namespace mailchimp_sim
