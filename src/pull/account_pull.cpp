#include "pull/account_pull.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "inventory/account_identity.hpp"
#include "inventory/known_records.hpp"

namespace chimplift {
namespace {

// Pages that came and are not durable yet: beyond this the network waits for the disk.
constexpr i64 kMostQueuedBytes = 64'000'000;
// Files that came and are not durable yet: beyond this no other is asked for. Chosen: a small disk has as much.
constexpr i64 kMostQueuedOnDisk = 500'000'000;
// Answers in a row that are another page's, or empty, before they are taken as they are. Chosen: a cache on the way may give one.
constexpr int kMostRepeats = 3;

PageAt place_of(const Stretch& stretch) { return {stretch.offset, stretch.count, stretch.cursor}; }

}  // namespace

AccountPull::AccountPull(HttpLoop& loop, const Account& account, const Settings& settings, AccountArchive& archive,
                         AccountProgress& progress)
    : account_(&account),
      archive_(&archive),
      progress_(&progress),
      taken_accounts_(&settings.progress->taken_accounts),
      work_(settings.selection, archive, settings.test ? std::optional(kTestRecords) : std::nullopt),
      files_(archive, account.api_base, settings.private_links),
      client_(loop, account, settings, progress, AccountClient::UnansweredFirstKey::ends,
              {.known_records = [this] { return known_records(*archive_); },
               .begin = [this](const std::string& id) { return resume(id); },
               .ready = [this] { pump(); },
               .lost = [this](Error error) { abort(std::move(error)); }}) {}

// ---- the beginning

void AccountPull::start() {
  Result<std::string> account_id = account_id_of(*archive_);
  if (!account_id) {
    abort(account_id.error());
    return;
  }
  client_.start(std::move(*account_id));
}

/// Mailchimp's limit of ten requests is the account's, not the key's. Error: usage.
Result<void> AccountPull::take_account(const std::string& account_id) {
  const std::string other = account_id.empty() ? "" : taken_accounts_->take(account_id, account_->name);
  if (other.empty()) return {};
  return fail(ErrorKind::usage,
              fmt::format("the key of account \"{}\" opens the same Mailchimp account as that of \"{}\"", account_->name, other),
              "Leave one of them out: read twice side by side, they would break Mailchimp's limit of 10 requests.");
}

Result<void> AccountPull::resume(const std::string& account_id) {
  TRY(take_account(account_id));
  if (!account_id.empty() && archive_->mailchimp_account().empty())
    archive_->keep(AccountEvent{account_id, format_utc(system_clock().now_micros())});
  std::vector<WantedFile> files;
  TRY(work_.resume(files));
  const i64 now = system_clock().now_micros();
  outdates_ = !work_.is_done() && work_.will_be_outdated(now);
  const bool was_finished = work_.was_finished();
  if (was_finished || work_.is_outdated(now)) {
    log_info("The archive is complete; it is brought up to date.", {{"account", account_->name}});
    work_.start_refresh(now);
  }
  // Where everything is read anew, its pages name the files again.
  if (!was_finished) TRY(files_.add(std::move(files), work_.known_files(), now));
  files_.add_lost(work_.lost_files());
  progress_->refreshed = work_.is_refreshing();
  return {};
}

// ---- what is asked next

void AccountPull::pump() {
  if (done_) return;
  if (std::optional<Error> error = archive_->error()) {
    abort(std::move(*error));
    return;
  }
  while (client_.can_send() && archive_->queued_bytes() < kMostQueuedBytes && send_next()) {
  }
  show_progress();
  finish_when_done();
}

bool AccountPull::send_next() {
  if (client_.ask_again()) return true;
  if (std::optional<PageTask> task = work_.next()) {
    ask(std::move(*task));
    return true;
  }
  if (!files_again_.empty()) {
    std::unique_ptr<Download> download = std::move(*files_again_.front());
    files_again_.pop_front();
    send(std::move(download));
    return true;
  }
  if (archive_->queued_on_disk() >= kMostQueuedOnDisk) return false;
  std::unique_ptr<Download> download = files_.next(work_.is_done());
  if (!download) return false;
  send(std::move(download));
  return true;
}

// ---- pages

void AccountPull::ask(PageTask next) {
  const auto task = std::make_shared<PageTask>(std::move(next));
  const Unit& unit = *task->unit;
  client_.ask({.table = unit.stream->table,
               .path_and_query = fmt::format("{}?{}", path_of(*unit.stream, unit.id.parents),
                                             query_of(*unit.stream, unit.id.sweep, place_of(task->stretch))),
               .page = [this, task](const HttpResponse& response, i64 requested_at) { return take_page(*task, response, requested_at); },
               .other = [this, task](const Answer& answer) { return take_other(*task, answer); },
               .give_up =
                   [this, task](const std::string& reason) {
                     if (!work_.put_aside(*task)) work_.give_up(*task, UnitState::incomplete, reason);
                   },
               .is_wanted =
                   [this, task] {
                     if (!task->unit->given_up) return true;
                     work_.drop(*task);
                     return false;
                   }});
}

Result<void> AccountPull::take_page(PageTask& task, const HttpResponse& response, i64 requested_at) {
  Unit& unit = *task.unit;
  if (unit.is_outdated) {
    work_.drop(task);
    return {};
  }
  const Discoverer& discoverer = work_.discoverer(*unit.stream);
  TRY_ASSIGN(const PageContents contents, read_page(response.body, discoverer.shape()));
  if (!discoverer.is_asked_for(unit.id.parents, contents))
    return fail(ErrorKind::temporary, "an answer was another record than the one that was asked for");
  const bool repeats = unit.collection.repeats(task.stretch, contents);
  // A repeated page is worth asking for again, unless nothing is missing, or no total says so: then offsets are simply ignored.
  if (repeats && !unit.collection.has_all() && unit.stream->total != Total::absent && ++task.repeats < kMostRepeats)
    return fail(ErrorKind::temporary, "an answer was another page's");
  // Valid, and yet hardly what Mailchimp says of a record that it has: believed where it is said again.
  if (contents.is_empty_object && ++task.repeats < kMostRepeats)
    return fail(ErrorKind::temporary, "an answer was a record without a field");
  const i64 received_at = system_clock().now_micros();
  // A recheck reads again what the archive has: it only looks which ids are still there.
  if (!unit.is_recheck && !repeats) keep_page(task, contents, response, requested_at, received_at);
  std::vector<WantedFile> files;
  work_.take(task, response.body, contents, files);
  if (Result<void> added = files_.add(std::move(files), work_.known_files(), received_at); !added) abort(added.error());
  return {};
}

void AccountPull::keep_page(const PageTask& task, const PageContents& contents, const HttpResponse& response, i64 requested_at,
                            i64 received_at) {
  const Unit& unit = *task.unit;
  const Stream& stream = *unit.stream;
  PageToKeep page;
  page.record = {.unit = unit.id,
                 .pass = unit.collection.pass(),
                 .offset = task.stretch.offset,
                 .count = task.stretch.count,
                 .records = contents.records,
                 .total = contents.total_items,
                 .received_at = format_utc(received_at)};
  page.envelope.stream = unit.id.stream;
  page.envelope.path = path_of(stream, unit.id.parents);
  page.envelope.query = query_of(stream, unit.id.sweep, place_of(task.stretch));
  const std::vector<std::string> columns = parent_columns(stream);
  for (std::size_t i = 0; i < columns.size(); ++i) page.envelope.parents.emplace_back(columns[i], unit.id.parents[i]);
  page.envelope.requested_at = requested_at;
  page.envelope.received_at = received_at;
  page.envelope.status = response.status;
  page.body = response.body;
  work_.note_changes(task, contents, received_at);
  archive_->keep(std::move(page));
  progress_->records += contents.records;
  progress_->set_step(std::string(stream.step));
}

AccountClient::Next AccountPull::take_other(const PageTask& task, const Answer& answer) {
  const Stream& stream = *task.unit->stream;
  if (answer.meaning == Meaning::missing) {
    // That there is none of an id is what a record that only others name is asked for to learn.
    if (!stream.is_by_id) client_.note_trouble(stream.table, answer.reason);
    work_.suspect(task, answer.reason);
    return AccountClient::Next::done;
  }
  const bool is_too_much = answer.meaning == Meaning::too_slow || answer.meaning == Meaning::too_large;
  if (is_too_much && work_.split(task)) {
    ++progress_->retries;
    client_.note_trouble(stream.table, answer.reason + "; asking for smaller pages");
    return AccountClient::Next::done;
  }
  if (answer.meaning == Meaning::too_slow) return AccountClient::Next::again;
  client_.note_trouble(stream.table, answer.reason);
  work_.give_up(task, answer.meaning == Meaning::not_permitted ? UnitState::not_permitted : UnitState::incomplete, answer.reason);
  return AccountClient::Next::done;
}

// ---- files

void AccountPull::send(std::unique_ptr<Download> download) {
  Result<HttpRequest> request = files_.request(*download);
  if (!request) {
    abort(request.error());
    return;
  }
  const auto shared = std::make_shared<std::unique_ptr<Download>>(std::move(download));
  client_.send_file(std::move(*request), [this, shared](const HttpResponse& response) { take(shared, response); });
}

void AccountPull::take(const SharedDownload& download, const HttpResponse& response) {
  if ((*download)->disk_error) {
    abort(*(*download)->disk_error);
    return;
  }
  const i64 now_micros = system_clock().now_micros();
  if ((*download)->attempts == 0) (*download)->failing_since = system_clock().steady_millis();
  switch (files_.take(*download, response, now_micros)) {
    case FileWork::Next::done:
      if (response.status == 200) client_.note_file();
      return;
    case FileWork::Next::again:
      files_again_.push_back(download);
      return;
    case FileWork::Next::later:
      ask_later(download, response);
      return;
    case FileWork::Next::exhausted:
      break;
  }
  // Of somebody else's server it says nothing about Mailchimp that it does not answer.
  if (!files_.is_mailchimps(**download)) {
    files_.give_up(*download, now_micros);
    return;
  }
  const auto ask_again = [download](std::deque<SharedDownload>& queue) {
    (*download)->attempts = 0;
    queue.push_back(download);
  };
  client_.doubt_file((*download)->failing_since, {.give_up =
                                                      [this, download, ask_again] {
                                                        const bool is_one_of_few = files_aside_.size() < kMostPutAside;
                                                        if (std::exchange((*download)->was_put_aside, true) || !is_one_of_few) {
                                                          files_.give_up(*download, system_clock().now_micros());
                                                        } else {
                                                          ask_again(files_aside_);
                                                        }
                                                      },
                                                  .ask_again = [this, ask_again] { ask_again(files_again_); }});
}

void AccountPull::ask_later(const SharedDownload& download, const HttpResponse& response) {
  ++progress_->retries;
  progress_->set_trouble(fmt::format("{}: {}", (*download)->wanted.kind, (*download)->trouble));
  client_.after_failure((*download)->attempts + (*download)->doubts + 1, response, [this, download] { files_again_.push_back(download); });
}

// ---- the end

void AccountPull::finish_when_done() {
  if (done_ || !client_.is_idle() || !files_again_.empty()) return;
  if (archive_->queued_bytes() >= kMostQueuedBytes) return;  // more is to be asked for when the disk has caught up: its next word wakes us
  if (begin_second_round()) return;
  if (work_.begin_rechecks()) {
    pump();
    return;
  }
  if (!work_.is_done() || !files_.is_done()) return;  // the disk is behind: its next word wakes us
  done_ = true;
  progress_->pulled = true;
}

/// Some pages and files may have had bad luck where a server turned many requests away: when all else is there they get a second chance.
/// So do files that were refused and should be there, once a cache on the way has had the time to forget it.
bool AccountPull::begin_second_round() {
  if (!work_.has_put_aside() && files_aside_.empty() && !files_.waits_for_refused()) return false;
  client_.after_failure(kMostAttempts, {}, [this] {
    work_.take_up_put_aside();
    files_.take_up_refused();
    // Not in the place of others: while this waited, the archive may have had room for more downloads.
    for (SharedDownload& download : std::exchange(files_aside_, {})) files_again_.push_back(std::move(download));
  });
  return true;
}

void AccountPull::abort(Error error) {
  if (done_) return;
  log_error("The account cannot be read.", {{"account", account_->name}, {"reason", error.message}});
  error_ = std::move(error);
  done_ = true;
  client_.stop();
}

void AccountPull::show_progress() {
  progress_->in_flight = client_.in_flight();
  progress_->units_known = work_.units_known();
  progress_->units_ended = work_.units_ended();
  progress_->files_known = files_.known();
  progress_->files_ended = files_.ended();
}

}  // namespace chimplift
