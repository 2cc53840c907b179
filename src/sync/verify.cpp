#include "sync/verify.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "sync/account_identity.hpp"
#include "sync/closing_command.hpp"
#include "sync/collection.hpp"
#include "sync/file_work.hpp"
#include "sync/load.hpp"
#include "sync/load_assets.hpp"
#include "sync/local_bodies.hpp"
#include "sync/unit_stream.hpp"

namespace chimplift {
namespace {

/// The tables that cannot be whole when this one is not, because its rows hold their parents' ids.
std::vector<std::string> tables_below(const Stream& stream, const Selection& selection) {
  std::vector<std::string> names;
  for (const Stream* child : selection.children(stream)) {
    names.emplace_back(child->table);
    for (std::string& name : tables_below(*child, selection)) names.push_back(std::move(name));
  }
  return names;
}

}  // namespace

Verifier::Verifier(const AccountArchive& archive, const Selection& selection, Warehouse* warehouse, const Settings& settings)
    : archive_(&archive), selection_(&selection), warehouse_(warehouse), settings_(&settings) {}

Result<Certificate> Verifier::run() {
  TRY_ASSIGN(ledger_, view_ledger(*archive_));
  // An archive of an earlier version has none, and gets them when it is pulled into again; nothing of Mailchimp's is missing for that.
  makes_local_bodies_ =
      std::any_of(ledger_.files.begin(), ledger_.files.end(), [](const auto& item) { return item.first.first == kLocalBodies; });
  cross_checker_ = std::make_unique<CrossChecker>(cross_checks(), catalogue(), ledger_);
  if (warehouse_ != nullptr) {
    // All at once: each time costs a statement, which in Snowflake takes a second.
    for (const Stream& stream : catalogue()) {
      if (selection_->has(stream)) tables_.push_back(table_of(stream));
    }
    tables_.push_back(assets_table());
    TRY(warehouse_->prepare(tables_));
    TRY_ASSIGN(const auto checkpoints, warehouse_->checkpoints(archive_->about().id, archive_->about().account_name));
    for (const auto& [table, checkpoint] : checkpoints) misfits_[table] = checkpoint.misfits;
    checkpoints_ = checkpoints;
  }
  certificate_.account_name = archive_->about().account_name;
  certificate_.mailchimp = described_account(*archive_, ledger_.pages);
  certificate_.archive_id = archive_->about().id;
  certificate_.pulled_from = ledger_.first_page_at;
  certificate_.pulled_to = ledger_.last_page_at;
  certificate_.pages = ledger_.page_count;
  certificate_.page_bytes = ledger_.page_bytes;
  for (const Stream* stream : selection_->pulled()) {
    if (!stream->parent.empty()) continue;
    for (int sweep = 0; sweep < static_cast<int>(stream->sweeps.size()); ++sweep) {
      expected_units_[std::string(stream->table)].insert({std::string(stream->table), {}, sweep});
    }
  }
  std::vector<StreamLine> lines;
  for (const Stream& stream : catalogue()) {
    if (settings_->is_interrupted()) return fail(ErrorKind::interrupted, "interrupted while verifying", "Run the same command again.");
    TRY(read_stream(stream, lines.emplace_back()));
  }
  // Every page has been read: it is known now which collections there must be. Parents stand before their children in the catalogue.
  expect_unlisted();
  check_unlisted();
  for (std::size_t i = 0; i < lines.size(); ++i) TRY(judge_stream(catalogue()[i], std::move(lines[i])));
  TRY(compare_assets());
  judge_files();
  TRY(settings_->go_on());
  judge_cross_checks();
  judge();
  if (settings_->subset) {
    reading_.part = settings_->subset->text();
    certificate_.partial = reading_;
  }
  certificate_.created_at = format_utc(system_clock().now_micros());
  return std::move(certificate_);
}

bool Verifier::is_pulled(const Stream& stream) const {
  return std::find(selection_->pulled().begin(), selection_->pulled().end(), &stream) != selection_->pulled().end();
}

Result<void> Verifier::read_stream(const Stream& stream, StreamLine& line) {
  line.table = stream.table;
  line.step = stream.step;
  line.state = "excluded";
  if (is_pulled(stream)) TRY(compare_rows(stream, line));
  return {};
}

/// What some record mentions and its own list does not have was to be asked for by its id.
void Verifier::expect_unlisted() {
  for (const Stream* list : selection_->pulled()) {
    const std::string table(list->table);
    if (list->record_path.empty() || damaged_tables_.contains(table)) continue;  // a gap, without those of all that stood on that page
    const LedgerView::End* end = ledger_.end_of({table, {}, 0});
    const bool was_read =
        end != nullptr && (end->state == UnitState::complete || (end->state == UnitState::incomplete && end->records > 0));
    if (was_read) mentions_.set_read(table);
  }
  for (const UnitId& one : mentions_.take_unlisted()) expected_units_[one.stream].insert(one);
}

/// A record that was asked for by its id, and that its list has now, counts once.
void Verifier::check_unlisted() {
  for (const PageRecord& page : by_id_) {
    if (!expected_units_[page.unit.stream].contains(page.unit)) continue;
    // One that cannot be read was named before.
    if (const Result<std::string> body = archive_->read_body(page)) cross_checker_->take(*find_stream(page.unit.stream), page, *body);
  }
}

Result<void> Verifier::judge_stream(const Stream& stream, StreamLine line) {
  if (is_pulled(stream)) TRY(judge_units(stream, line));
  judge_keys_of_table(stream, line);
  if (settings_->subset) line.loaded.reset();  // of the pages that were read, which says nothing about the table
  if (!selection_->has(stream)) {
    line.state = "excluded";
    line.loaded.reset();
  }
  certificate_.streams.push_back(std::move(line));
  return {};
}

// ---- rows

Result<void> Verifier::compare_rows(const Stream& stream, StreamLine& line) {
  const auto misfits = misfits_.find(line.table);
  line.misfits = misfits == misfits_.end() ? 0 : misfits->second;
  TRY_ASSIGN(const std::vector<KeyCount> counts, compare_keys(stream, line));
  if (warehouse_ == nullptr || !selection_->has(stream)) return {};
  line.loaded = 0;
  bool is_lacking = false;
  for (const KeyCount& count : counts) {
    line.archived += count.archived;
    *line.loaded += count.loaded;
    if (count.loaded < count.archived && !archive_->about().test) {
      certificate_.gaps.push_back(
          {line.table, named_parents(stream, count.parents), "",
           fmt::format("the table lacks {} of the archive's {} rows", count.archived - count.loaded, count.archived),
           closing_command(*settings_, "load", {{"account", certificate_.account_name}})});
      line.state = "incomplete";
      is_lacking = true;
    }
  }
  if (!is_of_this_ledger(stream) && !archive_->about().test) {
    certificate_.gaps.push_back(
        {line.table,
         {},
         "",
         "the table was loaded from pages that the archive does not have, as before it came back from a copy: its rows "
         "may be others than the archive's",
         closing_command(*settings_, "load", {{"account", certificate_.account_name}})});
    line.state = "incomplete";
    is_lacking = true;
  }
  // The next load begins this table anew: its checkpoint vouched for rows that are not there.
  if (is_lacking) TRY(warehouse_->commit(std::vector<Checkpoint>{{archive_->about().id, archive_->about().account_name, line.table}}));
  return {};
}

const PageList& Verifier::pages_of(std::string_view table) const {
  static const PageList kNone;
  const auto found = ledger_.pages.find(std::string(table));
  return found == ledger_.pages.end() ? kNone : found->second;
}

/// False where the table's load ended with a page that this ledger does not have: keys alone do not show that its rows are of other pages.
bool Verifier::is_of_this_ledger(const Stream& stream) const {
  const auto found = checkpoints_.find(std::string(stream.table));
  if (found == checkpoints_.end() || found->second.last_page == 0) return true;
  const Checkpoint& checkpoint = found->second;
  const auto has_its_page = [&checkpoint](const PageList& pages) {
    for (std::size_t at = pages.size(); at-- > 0;) {  // it is nearly always the last one
      const PageRecord page = pages[at];
      if (page.number <= checkpoint.last_page) return ends_with(checkpoint, page);
    }
    return false;
  };
  return has_its_page(pages_of(stream.table)) || (!stream.embedded.empty() && has_its_page(pages_of(stream.parent)));
}

/// Reads every page of the stream once: proves its bytes, learns what it leads to, and compares its keys with the table's.
Result<std::vector<KeyCount>> Verifier::compare_keys(const Stream& stream, StreamLine& line) {
  const bool compares = warehouse_ != nullptr && selection_->has(stream);
  Table alone = table_of(stream);
  Table& table = compares ? *std::ranges::find(tables_, alone.name, &Table::name) : alone;
  if (compares) TRY(warehouse_->compare_begin(table));
  TRY(compare_embedded(stream, compares, table, line));
  for (const PageRecord& page : pages_of(stream.table)) {
    TRY(settings_->go_on());
    if (is_left_out(stream, page)) continue;
    Result<std::string> body = archive_->read_body(page);
    if (!body) {
      note_damage(stream, page, body.error(), line);
      continue;
    }
    discover(stream, page, *body, ledger_.is_current(page));
    if (expected_units_[line.table].contains(page.unit)) cross_checker_->take(stream, page, *body);
    if (stream_of(page.unit).is_by_id) by_id_.push_back(page);
    if (!compares) continue;
    TRY_ASSIGN(const DecodedPage decoded, decode_stream(*archive_, page, *body, stream, table));
    TRY(warehouse_->compare_append(table, decoded.rows));
  }
  if (!compares) return std::vector<KeyCount>();
  return warehouse_->compare_finish(table);
}

/// A page that cannot be read. What Mailchimp still has of it comes back when its collection is read anew; the page itself stays as it is.
void Verifier::note_damage(const Stream& stream, const PageRecord& page, const Error& error, StreamLine& line) {
  unread_.insert(&stream);
  if (error.kind == ErrorKind::archive && !ledger_.is_current(page)) {
    add_exception(line.table, "",
                  error.message + "; its collection was read anew since: only what was deleted in between is lost with this page");
    certificate_.exceptions.back().parent = named_parents(stream_of(page.unit), page.unit.parents);
    return;
  }
  add_gap(&stream_of(page.unit), page.unit.parents, "", error.message);
  damaged_tables_.insert(line.table);
  line.state = "incomplete";
  if (error.kind == ErrorKind::archive) doubts_.insert({line.table, page.unit.parents});
}

/// A partial verification leaves out pages of the other parts. Those that lead to collections and files it always reads: without them it
/// would not know what there must be.
bool Verifier::is_left_out(const Stream& stream, const PageRecord& page) {
  if (!settings_->subset) return false;
  ++reading_.pages;
  reading_.bytes += page.bytes;
  if (!settings_->subset->has("raw/" + page.unit.stream + "/" + page.segment, page.at) && !Discoverer(stream, *selection_).leads_anywhere())
    return true;
  ++reading_.pages_read;
  reading_.bytes_read += page.bytes;
  return false;
}

/// What pages from before the last refresh led to need not be there any more: the account has changed since. Files that were had then stay.
void Verifier::discover(const Stream& stream, const PageRecord& page, std::string_view body, bool is_current) {
  const Discoverer discoverer(stream_of(page.unit), *selection_);
  if (!discoverer.leads_anywhere()) return;
  const Result<PageContents> contents = read_page(body, discoverer.shape());
  if (!contents) {
    add_gap(&stream, page.unit.parents, "", contents.error().message);
    return;
  }
  if (is_current && !discoverer.is_asked_for(page.unit.parents, *contents)) {
    add_gap(&stream_of(page.unit), page.unit.parents, "", "the answer is another record than the one that was asked for");
    return;
  }
  Discovery found = discoverer.discover(page.unit.parents, body, *contents);
  if (found.without_id > 0 && is_current)
    add_gap(&stream, page.unit.parents, "", "records without an id: what hangs below them cannot be asked for");
  const LedgerView::Pass* reading = ledger_.last_pass_of(page.unit);
  const bool is_last = reading != nullptr && reading->has(page);
  for (const std::string& id : found.without_address) {
    if (!is_current || !is_last || !selection_->has(stream) || !without_address_.emplace(stream.table, id).second) continue;
    add_gap(&stream, page.unit.parents, id,
            id.empty() ? "a record without an id: its file cannot be had" : "Mailchimp gives no address for it");
  }
  if (is_current) {
    for (const UnitId& child : found.children) expected_units_[child.stream].insert(child);
    mentions_.note(stream, found);
  }
  if (!selection_->has(stream)) return;
  for (WantedFile& file : found.files) {
    expected_assets_.insert({file.kind, file.id, std::string(stream.table), file.used_in_id});
    if (makes_local_bodies_ && has_local_version(file)) {
      WantedFile local;
      local.kind = kLocalBodies;
      local.id = local_id(file);
      local.content = sha256_hex(local_version(file, ledger_.files));
      if (ledger_.files.contains({local.kind, local.id}))
        expected_assets_.insert({local.kind, local.id, std::string(stream.table), file.used_in_id});
      expect_file(stream, is_current, std::move(local));
    }
    if (file.content) file.content = sha256_hex(*file.content);  // enough to compare, and bounded
    expect_file(stream, is_current, std::move(file));
  }
}

void Verifier::expect_file(const Stream& stream, bool is_current, WantedFile file) {
  std::pair<std::string, std::string> key{file.kind, file.id};
  if (!is_current) {
    const auto had = ledger_.files.find(key);
    if (had == ledger_.files.end() || (had->second.outcome != "fetched" && had->second.outcome != kMade)) return;
  }
  expected_files_.insert_or_assign(std::move(key), ExpectedFile{&stream, std::move(file), is_current});
}

/// The table of files against the files that the pages name.
Result<void> Verifier::compare_assets() {
  if (warehouse_ == nullptr || archive_->about().test) return {};
  const Table& table = tables_.back();
  TRY(warehouse_->compare_begin(table));
  for (const auto& [kind, id, used_in, used_in_id] : expected_assets_) {
    WantedFile file;
    file.kind = kind;
    file.id = id;
    file.used_in_id = used_in_id;
    const std::array<Row, 1> rows = {asset_row(archive_->about().account_name, archive_->tree(), *find_stream(used_in), file, nullptr, "")};
    TRY(warehouse_->compare_append(table, rows));
  }
  TRY_ASSIGN(const std::vector<KeyCount> counts, warehouse_->compare_finish(table));
  for (const KeyCount& count : counts) {
    if (count.loaded == count.archived) continue;
    certificate_.gaps.push_back({table.name,
                                 {},
                                 "",
                                 fmt::format("the table lacks {} of the archive's {} rows", count.archived - count.loaded, count.archived),
                                 closing_command(*settings_, "load", {{"account", certificate_.account_name}})});
    std::vector<Checkpoint> anew;
    for (const Stream& stream : catalogue()) {
      if (!stream.files.empty()) anew.push_back({archive_->about().id, archive_->about().account_name, assets_checkpoint(stream)});
    }
    TRY(warehouse_->commit(anew));
  }
  return {};
}

// ---- collections

Result<void> Verifier::judge_units(const Stream& stream, StreamLine& line) {
  const UnitSet& units = expected_units_[line.table];
  line.units = static_cast<i64>(units.size());
  const std::size_t gaps_before = certificate_.gaps.size();
  i64 not_permitted = 0;
  i64 gone = 0;
  i64 missing = 0;
  bool has_total = false;
  i64 expected = 0;
  i64 own_pulled = 0;  // beside what came inside the parents' records
  std::string forbidden;
  std::vector<UnitId> doubled;  // with records that share a key
  for (const UnitId& unit : units) {
    const LedgerView::End* found = ledger_.end_of(unit);
    if (found == nullptr) {
      // A test run reads no more than it needs to.
      if (archive_->about().test) continue;
      ++missing;
      add_gap(&stream_of(unit), unit.parents, "", "not read to its end yet");
      continue;
    }
    const LedgerView::End& end = *found;
    line.pulled += end.records;
    own_pulled += end.records;
    line.duplicates += end.records - end.distinct;
    has_total = has_total || end.total_last.has_value();
    // Where Mailchimp counts less than it lists, what it listed is what is expected.
    expected += stream.total == Total::exact ? end.total_last.value_or(end.records) : end.records;
    switch (end.state) {
      case UnitState::complete:
        if (const i64 named = records_named(unit); named != end.records) {
          ++missing;
          add_gap(&stream_of(unit), unit.parents, "",
                  fmt::format("the ledger's pages have {} records, and their end says {}", named, end.records));
        }
        if (end.records > end.distinct) doubled.push_back(unit);
        break;
      case UnitState::gone:
        ++gone;
        break;
      case UnitState::not_permitted:
        ++not_permitted;
        forbidden = end.reason;
        break;
      case UnitState::incomplete:
        ++missing;
        add_gap(&stream_of(unit), unit.parents, "", end.reason);
        break;
    }
  }
  TRY(judge_equal_keys(stream, doubled));
  line.gone = gone;
  // Lists in their parents' records are taken where they are whole: what they hold is what there is.
  const bool is_embedded = !stream.embedded.empty();
  if (has_total || is_embedded || stream.paging == Paging::object) line.expected = expected + (is_embedded ? line.pulled - own_pulled : 0);
  if (line.state == "incomplete" || missing > 0 || certificate_.gaps.size() > gaps_before) {
    line.state = "incomplete";
  } else if (not_permitted > 0) {
    line.state = "not permitted";
  } else {
    line.state = !units.empty() && gone == line.units ? "gone" : "complete";
  }
  if (not_permitted > 0 && not_permitted == line.units) {
    add_gap(&stream, {}, "", forbidden);
  } else if (not_permitted > 0) {
    for (const UnitId& unit : units) {
      const LedgerView::End* found = ledger_.end_of(unit);
      if (found != nullptr && found->state == UnitState::not_permitted) add_gap(&stream_of(unit), unit.parents, "", found->reason);
    }
  }
  // A table whose parents' ids are not all known cannot be whole; the gap that says why is the parent's.
  const auto parent = std::find_if(certificate_.streams.begin(), certificate_.streams.end(),
                                   [&stream](const StreamLine& l) { return l.table == stream.parent; });
  const Stream* parent_stream = find_stream(stream.parent);
  if (parent != certificate_.streams.end() && selection_->has(*parent_stream) && line.state == "complete" &&
      (parent->state == "incomplete" || parent->state == "not permitted")) {
    line.state = "incomplete";
  }
  return {};
}

/// How many records the pages of a unit's last pass have, as the ledger names them.
i64 Verifier::records_named(const UnitId& unit) const {
  const LedgerView::Pass* found = ledger_.last_pass_of(unit);
  if (found == nullptr) return 0;
  return found->records - (Collection::pages_overlap(stream_of(unit)) ? found->seams : 0);
}

void Verifier::add_gap(const Stream* stream, const std::vector<std::string>& parents, const std::string& file, const std::string& reason) {
  std::string text = reason;
  if (file.empty()) {
    const std::vector<std::string> below = tables_below(*stream, *selection_);
    if (!below.empty()) text += fmt::format(" (what hangs below it could not be read either: {})", join(below, ", "));
  }
  certificate_.gaps.push_back({std::string(stream->table), named_parents(*stream, parents), file, to_utf8(text),
                               closing_command(*settings_, "sync", {{"account", certificate_.account_name}})});
}

// ---- the verdict

void Verifier::add_exception(const std::string& stream, const std::string& file, const std::string& reason) {
  certificate_.exceptions.push_back({stream, {}, file, to_utf8(reason), ""});
}

void Verifier::judge() {
  for (const std::string& step : selection_->excluded_steps()) {
    for (const Stream& stream : catalogue()) {
      if (stream.step == step) add_exception(std::string(stream.table), "", "excluded");
    }
  }
  if (archive_->about().test) {
    certificate_.verdict = Verdict::test_run;
  } else if (!certificate_.gaps.empty()) {
    certificate_.verdict = Verdict::not_safe;
  } else {
    certificate_.verdict = certificate_.exceptions.empty() ? Verdict::safe : Verdict::safe_with_exceptions;
  }
}

}  // namespace chimplift
