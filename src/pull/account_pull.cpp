#include "pull/account_pull.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "inventory/account_identity.hpp"
#include "net/url.hpp"

namespace chimplift {
namespace {

// Pages that came and are not durable yet: beyond this the network waits for the disk.
constexpr i64 kMostQueuedBytes = 64'000'000;

PageAt place_of(const Stretch& stretch) { return {stretch.offset, stretch.count, stretch.cursor}; }

u64 seed_of(const std::string& name) { return std::hash<std::string>()(name) ^ static_cast<u64>(system_clock().now_micros()); }

}  // namespace

AccountPull::AccountPull(HttpLoop& loop, const Account& account, const Settings& settings, AccountArchive& archive,
                         AccountProgress& progress)
    : loop_(&loop),
      account_(&account),
      archive_(&archive),
      progress_(&progress),
      origin_(parse_url(account.api_base)->origin()),
      work_(settings.selection, archive, settings.test ? std::optional(kTestRecords) : std::nullopt),
      files_(archive, account.api_base, settings.private_links),
      pace_(settings.pace),
      backoff_(seed_of(account.name), pace_.first_wait_millis, pace_.longest_wait_millis),
      slots_(loop, pace_, [this] { pump(); }),
      reachability_(loop, account, settings, hooks()),
      renewal_(loop, account,
               {.renewed =
                    [this] {
                      if (done_) return;
                      is_asking_account_ = true;
                      start();
                    },
                .unchanged = [this](const Answer& answer) { abort(account_error(answer)); }}) {}

Reachability::Hooks AccountPull::hooks() {
  return {.send = [this](HttpRequest request,
                         std::function<void(const HttpResponse&)> done) { send_when_free(std::move(request), std::move(done)); },
          .trouble = [this](const std::string& reason) { note_trouble(reason, nullptr); },
          .lost = [this](const Answer& answer) { abort(account_error(answer)); },
          .key_refused = [this](const Secret& key, const Answer& answer) { renewal_.begin(key, answer); },
          .judged = [this] { pump(); }};
}

// ---- the account itself

void AccountPull::start() { ask_account(0, account_->api_base + "/?exclude_fields=_links"); }

void AccountPull::send_when_free(HttpRequest request, std::function<void(const HttpResponse&)> done) {
  slots_.when_free([this, request = std::move(request), done = std::move(done)] {
    if (done_) return;
    slots_.take();
    ++progress_->requests;
    loop_->send(request, [this, done](const HttpResponse& response) {
      slots_.release(response);
      done(response);
    });
  });
}

void AccountPull::ask_account(int attempts, const std::string& url) {
  HttpRequest request;
  request.url = url;
  request.timeout_millis = pace_.timeout_millis;
  const Secret key = account_->key.now();
  request.password = key;
  send_when_free(std::move(request), [this, attempts, url, key](const HttpResponse& response) {
    if (!done_) take_account(response, attempts, url, key);
  });
}

void AccountPull::take_account(const HttpResponse& response, int attempts, const std::string& url, const Secret& key) {
  Answer answer = meaning_of(response, origin_);
  switch (answer.meaning) {
    case Meaning::page:
      if (const std::string id = account_id_in(response.body); !id.empty()) {
        admit(id);
        return;
      }
      // Something in between answered: that the key is one of this account has to be known before anything is kept.
      answer = {Meaning::temporary, "an answer about the account that does not say which one it is", ""};
      break;
    case Meaning::key_refused:
      if (attempts + 1 < kMostRefusals) break;
      [[fallthrough]];
    case Meaning::disabled:
      renewal_.begin(key, answer);
      return;
    case Meaning::not_permitted:
      admit("");
      return;               // a role may not see the account and yet read its campaigns
    case Meaning::missing:  // every account has this path: it is not the API that was asked
    case Meaning::refused:
      abort(account_error(answer));
      return;
    default:
      break;
  }
  if (attempts + 1 >= kMostAttempts) {
    abort(account_error(answer));
    return;
  }
  note_trouble(answer.reason, nullptr);
  const std::string next = answer.meaning == Meaning::redirected ? answer.location : url;
  loop_->after(wait_millis(pace_, backoff_.millis(attempts + 1), response), [this, attempts, next] { ask_account(attempts + 1, next); });
}

/// The key is good: the run begins, or goes on. It must be one of the account that the archive is of, and a new key likewise: else one
/// account's pages would be mixed up with another's, and what the other does not have would look like gone.
void AccountPull::admit(const std::string& id) {
  if (!resumed_) {
    Result<std::string> had = account_id_of(*archive_);
    if (!had) {
      abort(had.error());
      return;
    }
    account_id_ = std::move(*had);
  }
  if (!account_id_.empty() && !id.empty() && id != account_id_) {
    abort(resumed_ ? wrong_new_key(account_->name) : wrong_account(account_->name, account_id_, id));
    return;
  }
  if (!id.empty()) account_id_ = id;
  if (!id.empty() && archive_->mailchimp_account().empty() && !resumed_)
    archive_->keep(AccountEvent{id, format_utc(system_clock().now_micros())});
  is_asking_account_ = false;
  if (!resumed_) {
    resume();
    return;
  }
  reachability_.go_on();
  pump();
}

Error AccountPull::account_error(const Answer& answer) const {
  return error_of(answer, fmt::format("account \"{}\" at {}", account_->name, account_->api_base));
}

void AccountPull::resume() {
  std::vector<WantedFile> files;
  if (Result<void> resumed = work_.resume(files); !resumed) {
    abort(resumed.error());
    return;
  }
  const i64 now = system_clock().now_micros();
  outdates_ = !work_.is_done() && work_.will_be_outdated(now);
  const bool was_finished = work_.was_finished();
  if (was_finished || work_.is_outdated(now)) {
    log_info("The archive is complete; it is brought up to date.", {{"account", account_->name}});
    work_.start_refresh(now);
  }
  // Where everything is read anew, its pages name the files again.
  if (!was_finished) {
    if (Result<void> added = files_.add(std::move(files), work_.known_files(), now); !added) {
      abort(added.error());
      return;
    }
  }
  progress_->refreshed = work_.is_refreshing();
  resumed_ = true;
  reachability_.note_success();
  pump();
}

// ---- ten slots

void AccountPull::pump() {
  if (done_ || is_asking_account_) return;
  if (std::optional<Error> error = archive_->error()) {
    abort(std::move(*error));
    return;
  }
  while (!reachability_.is_asking() && !renewal_.is_under_way() && slots_.has_free() && archive_->queued_bytes() < kMostQueuedBytes &&
         send_next()) {
  }
  show_progress();
  finish_when_done();
}

bool AccountPull::send_next() {
  while (!again_.empty()) {
    const std::shared_ptr<PageTask> task = again_.front();
    again_.pop_front();
    if (task->unit->given_up) {
      work_.drop(*task);
      continue;
    }
    send(task);
    return true;
  }
  if (std::optional<PageTask> task = work_.next()) {
    send(std::make_shared<PageTask>(std::move(*task)));
    return true;
  }
  if (!files_again_.empty()) {
    std::unique_ptr<Download> download = std::move(*files_again_.front());
    files_again_.pop_front();
    send(std::move(download));
    return true;
  }
  std::unique_ptr<Download> download = files_.next(work_.is_done());
  if (!download) return false;
  send(std::move(download));
  return true;
}

HttpRequest AccountPull::request_for(const PageTask& task) const {
  const Stream& stream = *task.unit->stream;
  HttpRequest request;
  request.url = fmt::format("{}{}?{}", account_->api_base, path_of(stream, task.unit->id.parents),
                            query_of(stream, task.unit->id.sweep, place_of(task.stretch)));
  if (!task.redirected_to.empty()) request.url = task.redirected_to;
  request.password = account_->key.now();
  request.timeout_millis = pace_.timeout_millis;
  return request;
}

void AccountPull::send(std::shared_ptr<PageTask> task) {
  slots_.take();
  ++progress_->requests;
  const i64 requested_at = system_clock().now_micros();
  HttpRequest request = request_for(*task);
  const Secret key = request.password;
  loop_->send(std::move(request), [this, task = std::move(task), requested_at, key](const HttpResponse& response) {
    slots_.release(response);
    progress_->bytes += response.bytes;
    if (!done_) take(task, response, requested_at, key);
    pump();
  });
}

void AccountPull::take(const std::shared_ptr<PageTask>& task, const HttpResponse& response, i64 requested_at, const Secret& key) {
  const Answer answer = meaning_of(response, origin_);
  const auto final = [&](UnitState state) {
    note_trouble(answer.reason, task->unit->stream);
    work_.give_up(*task, state, answer.reason);
  };
  switch (answer.meaning) {
    case Meaning::page:
      take_page(task, response, requested_at);
      return;
    case Meaning::missing:
      // That there is none of an id is what a record that only others name is asked for to learn.
      if (!task->unit->stream->is_by_id) note_trouble(answer.reason, task->unit->stream);
      work_.suspect(*task, answer.reason);
      return;
    case Meaning::not_permitted:
      final(UnitState::not_permitted);
      return;
    case Meaning::refused:
      final(UnitState::incomplete);
      return;
    case Meaning::redirected:
      task->redirected_to = answer.location;
      ask_again(task, response, answer.reason);
      return;
    case Meaning::key_refused:
      if (task->attempts + 1 < kMostRefusals) break;
      [[fallthrough]];
    case Meaning::disabled:
      task->attempts = 0;
      again_.push_back(task);
      renewal_.begin(key, answer);
      return;
    case Meaning::too_slow:
      if (asks_for_less(task, answer)) return;
      break;
    case Meaning::too_large:
      if (!asks_for_less(task, answer)) final(UnitState::incomplete);
      return;
    case Meaning::throttled:
      ++task->throttled;
      break;
    case Meaning::temporary:
    case Meaning::bare_404:
    case Meaning::blocked:
      break;
  }
  ask_again(task, response, answer.reason);
}

bool AccountPull::asks_for_less(const std::shared_ptr<PageTask>& task, const Answer& answer) {
  if (!work_.split(*task)) return false;
  ++progress_->retries;
  note_trouble(answer.reason + "; asking for smaller pages", task->unit->stream);
  return true;
}

void AccountPull::take_page(const std::shared_ptr<PageTask>& task, const HttpResponse& response, i64 requested_at) {
  Unit& unit = *task->unit;
  if (unit.is_outdated) {
    work_.drop(*task);
    return;
  }
  Result<PageContents> contents = read_page(response.body, work_.discoverer(*unit.stream).shape());
  if (!contents) {
    ask_again(task, response, contents.error().message);
    return;
  }
  if (!work_.discoverer(*unit.stream).is_asked_for(unit.id.parents, *contents)) {
    ask_again(task, response, "an answer was another record than the one that was asked for");
    return;
  }
  // A repeated page is worth asking for again, unless nothing is missing: then offsets are simply ignored.
  if (unit.collection.repeats(task->stretch, *contents) && !unit.collection.has_all() && ++task->repeats < kMostRefusals) {
    ask_again(task, response, "an answer was another page's");
    return;
  }
  reachability_.note_success();
  const i64 received_at = system_clock().now_micros();
  if (!unit.is_recheck && !unit.collection.repeats(task->stretch, *contents)) {
    PageToKeep page;
    page.record = {
        0, unit.id, unit.collection.pass(), task->stretch.offset, task->stretch.count, contents->records, contents->total_items, "", 0,
        0, "",      format_utc(received_at)};
    page.envelope.stream = unit.id.stream;
    page.envelope.path = path_of(*unit.stream, unit.id.parents);
    page.envelope.query = query_of(*unit.stream, unit.id.sweep, place_of(task->stretch));
    const std::vector<std::string> columns = parent_columns(*unit.stream);
    for (std::size_t i = 0; i < columns.size(); ++i) page.envelope.parents.emplace_back(columns[i], unit.id.parents[i]);
    page.envelope.requested_at = requested_at;
    page.envelope.received_at = received_at;
    page.envelope.status = response.status;
    page.body = response.body;
    work_.note_changes(*task, *contents, received_at);
    archive_->keep(std::move(page));
    progress_->records += contents->records;
    progress_->set_step(std::string(unit.stream->step));
  }
  std::vector<WantedFile> files;
  work_.take(*task, response.body, *contents, files);
  if (Result<void> added = files_.add(std::move(files), work_.known_files(), received_at); !added) abort(added.error());
}

void AccountPull::ask_again(const std::shared_ptr<PageTask>& task, const HttpResponse& response, const std::string& reason) {
  const i64 now = system_clock().steady_millis();
  if (task->attempts++ == 0) task->failing_since = now;
  ++progress_->retries;
  note_trouble(reason, task->unit->stream);
  if (task->attempts - task->throttled >= kMostAttempts || task->throttled >= kMostThrottled) {
    reachability_.doubt(
        task->failing_since,
        {[this, task, reason] { work_.give_up(*task, UnitState::incomplete, fmt::format("{}, {} times", reason, task->attempts)); },
         [this, task] {
           task->attempts = task->throttled = 0;
           again_.push_back(task);
         }});
    return;
  }
  ++waiting_;
  loop_->after(wait_millis(pace_, backoff_.millis(task->attempts), response), [this, task] {
    --waiting_;
    again_.push_back(task);
    pump();
  });
}

// ---- files

void AccountPull::send(std::unique_ptr<Download> download) {
  Result<HttpRequest> request = files_.request(*download);
  if (!request) {
    abort(request.error());
    return;
  }
  slots_.take();
  ++progress_->requests;
  auto holder = std::make_shared<std::unique_ptr<Download>>(std::move(download));
  loop_->send(std::move(*request), [this, holder](const HttpResponse& response) {
    slots_.release();
    progress_->bytes += response.bytes;
    if (!done_) take(holder, response);
    pump();
  });
}

void AccountPull::take(const std::shared_ptr<std::unique_ptr<Download>>& download, const HttpResponse& response) {
  if ((*download)->disk_error) {
    abort(*(*download)->disk_error);
    return;
  }
  const i64 now_micros = system_clock().now_micros();
  if ((*download)->attempts == 0) (*download)->failing_since = system_clock().steady_millis();
  switch (files_.take(*download, response, now_micros)) {
    case FileWork::Next::done:
      if (response.status == 200) reachability_.note_success();
      return;
    case FileWork::Next::again:
      files_again_.push_back(download);
      return;
    case FileWork::Next::later:
      ask_again(download, response);
      return;
    case FileWork::Next::exhausted:
      break;
  }
  if (!files_.is_mailchimps(**download)) {
    files_.give_up(*download, now_micros);
    return;
  }
  reachability_.doubt((*download)->failing_since, {[this, download] { files_.give_up(*download, system_clock().now_micros()); },
                                                   [this, download] {
                                                     (*download)->attempts = 0;
                                                     files_again_.push_back(download);
                                                   }});
}

void AccountPull::ask_again(const std::shared_ptr<std::unique_ptr<Download>>& download, const HttpResponse& response) {
  ++progress_->retries;
  progress_->set_trouble(fmt::format("{}: {}", (*download)->wanted.kind, (*download)->trouble));
  ++waiting_;
  loop_->after(wait_millis(pace_, backoff_.millis((*download)->attempts + 1), response), [this, download] {
    --waiting_;
    files_again_.push_back(download);
    pump();
  });
}

// ---- the end

void AccountPull::finish_when_done() {
  if (done_) return;
  if (reachability_.is_asking() || renewal_.is_under_way() || !slots_.are_all_free() || waiting_ > 0 || !again_.empty() ||
      !files_again_.empty())
    return;
  if (work_.begin_rechecks()) {
    pump();
    return;
  }
  if (!work_.is_done() || !files_.is_done()) return;  // the disk is behind: its next word wakes us
  done_ = true;
  progress_->pulled = true;
}

void AccountPull::abort(Error error) {
  if (done_) return;
  log_error("The account cannot be read.", {{"account", account_->name}, {"reason", error.message}});
  error_ = std::move(error);
  done_ = true;
  reachability_.stop();
}

void AccountPull::note_trouble(const std::string& reason, const Stream* stream) {
  const std::string where = stream == nullptr ? "" : std::string(stream->table) + ": ";
  progress_->set_trouble(where + reason);
  log_debug("An answer was not a page.",
            {{"account", account_->name}, {"stream", stream == nullptr ? "" : std::string(stream->table)}, {"reason", reason}});
}

void AccountPull::show_progress() {
  progress_->in_flight = slots_.in_flight();
  progress_->units_known = work_.units_known();
  progress_->units_ended = work_.units_ended();
  progress_->files_known = files_.known();
  progress_->files_ended = files_.ended();
}

}  // namespace chimplift
