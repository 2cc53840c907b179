#include "pull/resume.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <utility>

#include "base/clock.hpp"
#include "base/hash.hpp"
#include "base/log.hpp"
#include "inventory/read_contents.hpp"
#include "inventory/unit_stream.hpp"

namespace chimplift {
namespace {

/// One reading of what the archive has.
class Resumption {
 public:
  Resumption(AccountArchive& archive, const Discoverers& discoverers, bool is_test, LedgerHistory history)
      : archive_(&archive),
        discoverers_(&discoverers),
        is_test_(is_test),
        histories_(std::move(history.units)),
        resumed_{std::move(history.freshness), std::move(history.files), {}, {}, {}} {}

  Result<void> run(const Selection& selection);
  Resumed& resumed() { return resumed_; }
  /// Taken for gone, and named by a page that came behind that.
  [[nodiscard]] const std::set<UnitId>& returned() const { return returned_; }

 private:
  [[nodiscard]] bool is_pulled(const Stream& stream) const { return discoverers_->contains(&stream); }
  [[nodiscard]] bool gates_children(const Stream& stream) const { return is_pulled(stream) && ParentRecords::gates_children(stream); }
  void note_unfinished_refresh();
  Result<void> note_history(const UnitId& id, const UnitHistory& history);
  Result<void> read_earlier(const Stream& stream, const std::vector<PageRecord>& pages);
  Result<void> find(const UnitId& id);
  Result<void> go_on(const UnitId& id, const UnitHistory& history);
  Result<std::optional<PageContents>> follow(const Stream& stream, const PageRecord& page);
  void want(const Discoverer& discoverer, const PageRecord& page, WantedFile file);
  void note_read(const Stream& stream);
  void note_mentions(const Stream& stream, const Discovery& discovery);
  void begin_lost_anew();

  AccountArchive* archive_;
  const Discoverers* discoverers_;
  bool is_test_;
  std::map<UnitId, UnitHistory> histories_;
  std::deque<UnitId> found_;
  std::set<UnitId> returned_;
  std::map<std::pair<std::string, std::string>, std::size_t> file_at_;  // in resumed_.files, by kind and id
  Resumed resumed_;
};

void note_refresh(AccountArchive& archive, const UnitId& unit) {
  archive.keep(RefreshEvent{{unit.stream}, format_utc(system_clock().now_micros()), unit.parents});
}

std::vector<UnitId> pulled_of(std::vector<UnitId> units, const Discoverers& discoverers) {
  std::erase_if(units, [&discoverers](const UnitId& unit) { return !discoverers.contains(&stream_of(unit)); });
  return units;
}

/// The file's body once more, out of the page that has it.
Result<std::string> read_body_file(const AccountArchive& archive, const Discoverer& discoverer, const PageRecord& page,
                                   const std::string& kind, const std::string& id) {
  TRY_ASSIGN(const std::string body, archive.read_body(page));
  TRY_ASSIGN(const PageContents contents, read_contents(archive, page, body, discoverer.shape()));
  for (WantedFile& file : discoverer.discover(page.unit.parents, body, contents).files) {
    if (file.kind == kind && file.id == id && file.content) return std::move(*file.content);
  }
  return fail(ErrorKind::archive, fmt::format("page {} of the archive no longer has the body of {}", page.number, id));
}

Result<void> Resumption::run(const Selection& selection) {
  note_unfinished_refresh();
  for (const auto& [id, history] : histories_) TRY(note_history(id, history));
  for (UnitId& root : root_units(selection)) found_.push_back(std::move(root));
  while (!found_.empty()) {
    const UnitId id = std::move(found_.front());
    found_.pop_front();
    TRY(find(id));
    if (found_.empty()) {
      for (UnitId& one : resumed_.mentions.take_unlisted()) found_.push_back(std::move(one));
    }
  }
  if (resumed_.damaged.empty()) begin_lost_anew();
  return {};
}

void Resumption::note_unfinished_refresh() {
  for (const auto& [id, history] : histories_) {
    if (history.earlier.empty() || history.is_final) continue;
    if (stream_of(id).is_by_id) continue;  // its list may have it now, and then it is not asked for again
    if (gates_children(stream_of(id))) resumed_.freshness.note_unfinished_refresh();
  }
}

/// What the ledger says of a unit, be it known yet or not.
Result<void> Resumption::note_history(const UnitId& id, const UnitHistory& history) {
  const Stream& stream = stream_of(id);
  if (history.is_settled()) {
    resumed_.units.settle(id);
    if (history.is_gone) resumed_.units.set_gone(id);
  }
  if (!is_pulled(stream) && !history.pages.empty()) resumed_.units.set_begun_elsewhere(id);
  // What was had by its id was mentioned, though what mentions it may still be to be read anew. What could not be had is asked for again
  // where something still mentions it.
  if (stream.is_by_id && is_pulled(stream) && (history.is_final || !history.pages.empty())) resumed_.mentions.add(id);
  if (!history.is_final && gates_children(stream)) TRY(read_earlier(stream, history.earlier));
  if (stream.is_by_id && gates_children(stream)) {
    // Its list may give the record next, with what changed in between.
    TRY(read_earlier(stream, history.leading));
    TRY(read_earlier(stream, history.pages));
  }
  // Its own parent may be found only later, and tell then that it is to be read anew; or not, and then what its pages mention stands.
  const auto discoverer = discoverers_->find(&stream);
  const bool matters = stream.told_by_parent || (discoverer != discoverers_->end() && discoverer->second.mentions_others());
  if (resumed_.freshness.is_refreshing() && matters) TRY(read_earlier(stream, history.leading));
  return {};
}

/// Remembers the records of pages that were read before, so that whatever reads them again sees which of them changed.
Result<void> Resumption::read_earlier(const Stream& stream, const std::vector<PageRecord>& pages) {
  if (pages.empty()) return {};
  const Discoverer& discoverer = discoverers_->at(&stream);
  for (const PageRecord& page : pages) {
    // What stood on a page that is damaged cannot be the same as before: what hangs below it is read anew.
    const Result<std::string> body = archive_->read_body(page);
    if (!body && body.error().kind == ErrorKind::archive) continue;
    if (!body) return tl::unexpected(body.error());
    const Result<PageContents> contents = read_page(*body, discoverer.shape());
    if (!contents) continue;
    resumed_.records.remember(discoverer, page.unit, *contents);
    if (!discoverer.mentions_others()) continue;
    Discovery discovery = discoverer.discover(page.unit.parents, *body, *contents);
    discovery.ids.clear();  // whether its list has them, its pages of now say
    note_mentions(stream, discovery);
  }
  return {};
}

/// Takes up a unit that is to be read in this run, or was.
Result<void> Resumption::find(const UnitId& id) {
  if (!resumed_.units.add(id)) return {};
  const Stream& stream = stream_of(id);
  const UnitHistory& history = histories_[id];
  for (const PageRecord& page : history.leading) TRY(follow(stream, page));
  if ((history.is_final || history.has_records) && !resumed_.damaged.contains(id)) note_read(stream);
  if (history.is_settled()) return {};
  if (history.pages.empty()) {
    resumed_.waiting.push_back(id);
    return {};
  }
  return go_on(id, history);
}

/// Restores a unit that was begun from its pages.
Result<void> Resumption::go_on(const UnitId& id, const UnitHistory& history) {
  const Stream& stream = stream_of(id);
  std::vector<Collection::DurablePage> pages;
  for (const PageRecord& page : history.pages) {
    TRY_ASSIGN(std::optional<PageContents> contents, follow(stream, page));
    if (!contents || resumed_.damaged.contains(id)) return {};
    pages.push_back({Stretch{page.offset, page.count}, std::move(*contents), page.pass});
  }
  BegunUnit begun{std::make_unique<Unit>(Unit{&stream, id, Collection(stream)}), 0, {}};
  Collection& collection = begun.unit->collection;
  collection.restore(pages);
  begun.records = collection.records();
  if (collection.pass_done()) {
    Collection::Ending ending = collection.end_pass();
    if (ending.outcome != Collection::Outcome::again) begun.ending = std::move(ending);
  }
  if (begun.ending) {
    const bool is_whole = begun.ending->outcome == Collection::Outcome::complete;
    if (is_whole) resumed_.units.settle(id);
    if (is_whole || collection.records() > 0) note_read(stream);
  }
  resumed_.begun.push_back(std::move(begun));
  return {};
}

/// Reads a page of the archive and takes what it leads to; nullopt where it cannot be read, which is noted.
Result<std::optional<PageContents>> Resumption::follow(const Stream& stream, const PageRecord& page) {
  const Discoverer& discoverer = discoverers_->at(&stream);
  const Result<std::string> body = archive_->read_body(page);
  if (!body && body.error().kind != ErrorKind::archive) return tl::unexpected(body.error());
  if (!body) {
    log_warning("A page of the archive is damaged.", {{"reason", body.error().message}});
    resumed_.damaged.insert(page.unit);
    return std::nullopt;
  }
  Result<PageContents> contents = read_page(*body, discoverer.shape());
  if (!contents || !discoverer.is_asked_for(page.unit.parents, *contents)) {
    resumed_.damaged.insert(page.unit);  // an earlier version took it for what it is not
    return std::nullopt;
  }
  resumed_.records.remember(discoverer, page.unit, *contents);
  Discovery discovery = discoverer.discover(page.unit.parents, *body, *contents);
  note_mentions(stream, discovery);
  for (UnitId& child : discovery.children) {
    const auto had = histories_.find(child);
    if (had != histories_.end() && had->second.is_gone && had->second.ended_behind < page.number) returned_.insert(child);
    found_.push_back(std::move(child));
  }
  for (WantedFile& file : discovery.files) want(discoverer, page, std::move(file));
  return std::optional(std::move(*contents));
}

/// Takes the last word on a file. Bodies are not held: those of all campaigns may be more than the memory that there is.
void Resumption::want(const Discoverer& discoverer, const PageRecord& page, WantedFile file) {
  if (file.content) {
    file.content_sha256 = sha256_hex(*file.content);
    file.content = std::string();
    file.read_again = [archive = archive_, &discoverer, page, kind = file.kind, id = file.id] {
      return read_body_file(*archive, discoverer, page, kind, id);
    };
  }
  const auto [known, is_new] = file_at_.try_emplace({file.kind, file.id}, resumed_.files.size());
  if (is_new) {
    resumed_.files.push_back(std::move(file));
  } else {
    resumed_.files[known->second] = std::move(file);
  }
}

void Resumption::note_read(const Stream& stream) {
  if (!stream.record_path.empty()) resumed_.mentions.set_read(std::string(stream.table));
}

void Resumption::note_mentions(const Stream& stream, const Discovery& discovery) {
  if (!is_test_) resumed_.mentions.note(stream, discovery);  // a test run reads no more than it needs to
}

/// Begun below a parent whose own page was lost meanwhile: when that has come again, it is begun anew, as the ledger then says.
void Resumption::begin_lost_anew() {
  for (const auto& [id, history] : histories_) {
    if (history.pages.empty() || resumed_.units.contains(id) || !is_pulled(stream_of(id))) continue;
    note_refresh(*archive_, id);
    resumed_.units.unsettle(id);
  }
}

}  // namespace

bool Resumed::is_done() const {
  return waiting.empty() && !mentions.has_news() &&
         std::all_of(begun.begin(), begun.end(), [](const BegunUnit& unit) { return unit.ending.has_value(); });
}

Result<Resumed> take_up(const Selection& selection, AccountArchive& archive, const Discoverers& discoverers, bool is_test) {
  while (true) {
    TRY_ASSIGN(LedgerHistory history, read_history(archive, selection, discoverers));
    const std::vector<UnitId> early = pulled_of(history.sweeps_read_too_early(), discoverers);
    Resumption resumption(archive, discoverers, is_test, std::move(history));
    TRY(resumption.run(selection));
    Resumed& resumed = resumption.resumed();
    std::set<UnitId> anew = resumed.damaged;
    anew.insert(resumption.returned().begin(), resumption.returned().end());
    anew.insert(early.begin(), early.end());
    // Of an archive that was finished everything is read anew: see Work::start_refresh().
    if (anew.empty() || (resumed.is_done() && resumed.freshness.was_finished())) return std::move(resumed);
    for (const UnitId& unit : anew) note_refresh(archive, unit);
    TRY(archive.flush());
  }
}

}  // namespace chimplift
