#include "verify/source_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <tuple>
#include <utility>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "client/key_renewal.hpp"
#include "client/reachability.hpp"
#include "client/slots.hpp"
#include "inventory/account_identity.hpp"
#include "inventory/ledger_view.hpp"
#include "inventory/unit_stream.hpp"
#include "mailchimp/answer.hpp"
#include "net/url.hpp"
#include "rows/page.hpp"
#include "run/closing_command.hpp"
#include "run/retry.hpp"

namespace chimplift {
namespace {

/// A collection to be asked for.
struct Question {
  const Stream* stream = nullptr;
  std::vector<std::string> parents;
  int sweep = 0;
  const LedgerView::End* end = nullptr;
  int attempts = 0;       // that failed so far
  int throttled = 0;      // of these, because of too many requests
  i64 failing_since = 0;  // steady milliseconds of the first failure
  std::string redirected_to = {};
};

/// True where a parent, or its parent, is a record of a person: there are as many such collections as there are people.
bool is_below_people(const Stream& stream) {
  const Stream* parent = find_stream(stream.parent);
  return parent != nullptr && (parent->personal_data || is_below_people(*parent));
}

/// Why a collection is not asked for; "" where it is.
std::string_view why_not(const Stream& stream, const LedgerView::End& end) {
  if (end.state == UnitState::gone) return "deleted while the account was read";
  if (end.state != UnitState::complete) return "not read to its end: a gap of its own";
  if (is_below_people(stream)) return "below a single contact, customer or order: one request for each of them";
  if (stream.paging == Paging::object) return "a single record, which has no total";
  if (stream.total == Total::absent || !end.total_last) return "no total is given for it";
  return {};
}

class SourceCheckRun {
 public:
  SourceCheckRun(const Settings& settings, const Account& account, AccountProgress& progress)
      : settings_(&settings),
        account_(&account),
        progress_(&progress),
        loop_(make_http_loop({"chimplift/" CHIMPLIFT_VERSION, settings.ca_file, settings.proxies})),
        backoff_(static_cast<u64>(system_clock().now_micros()), settings.pace.first_wait_millis, settings.pace.longest_wait_millis),
        slots_(*loop_, settings.pace, [this] { pump(); }),
        reachability_(*loop_, account, settings, hooks()),
        renewal_(*loop_, account,
                 {.renewed =
                      [this] {
                        if (!error_) identify();
                      },
                  .unchanged = [this](const Answer& answer) { abort(answer); }}) {}

  /// `account_id`: of the account that the archive is of; "" where it does not say.
  Result<SourceResult> run(const LedgerView& ledger, const std::string& account_id) {
    result_.check.asked_at = format_utc(system_clock().now_micros());
    account_id_ = account_id;
    collect(ledger);
    identify();
    loop_->run([this] { return settings_->is_interrupted() || error_ || (open_ == 0 && !is_identifying_ && slots_.are_all_free()); });
    reachability_.stop();
    progress_->in_flight = 0;
    if (error_) return tl::unexpected(*error_);
    if (open_ > 0 || is_identifying_)
      return fail(ErrorKind::interrupted, "interrupted while asking Mailchimp for its totals", "Run the same command again.");
    // Answers come in any order; certificates of the same state are the same.
    const auto by_place = [](const Finding& a, const Finding& b) {
      return std::tie(a.stream, a.parent, a.reason) < std::tie(b.stream, b.parent, b.reason);
    };
    std::sort(result_.gaps.begin(), result_.gaps.end(), by_place);
    std::sort(result_.check.remarks.begin(), result_.check.remarks.end(), by_place);
    return std::move(result_);
  }

 private:
  Reachability::Hooks hooks() {
    return {.send = [this](HttpRequest request,
                           std::function<void(const HttpResponse&)> done) { send_when_free(std::move(request), std::move(done)); },
            .trouble = [this](const std::string& reason) { progress_->set_trouble(reason); },
            .lost = [this](const Answer& answer) { abort(answer); },
            .key_refused = [this](const Secret& key, const Answer& answer) { renewal_.begin(key, answer); },
            .judged = [this] { pump(); }};
  }

  void collect(const LedgerView& ledger) {
    for (const Stream* stream : settings_->selection.pulled()) {
      if (!settings_->selection.has(*stream)) continue;
      ledger.each(stream->table, [this, stream](const UnitId& id, const LedgerView::Unit& unit) {
        if (!unit.end) return;
        const std::string_view reason = why_not(stream_of(id), *unit.end);
        if (reason.empty()) {
          waiting_.push_back(std::make_shared<Question>(Question{stream, id.parents, id.sweep, &*unit.end}));
        } else {
          leave_out(*stream, reason);
        }
      });
    }
    open_ = static_cast<i64>(waiting_.size());
    result_.check.asked = open_;
    progress_->units_known = open_;
    progress_->units_ended = 0;
  }

  void leave_out(const Stream& stream, std::string_view reason) {
    std::vector<SourceCheck::NotAsked>& all = result_.check.not_asked;
    auto found = std::find_if(all.begin(), all.end(), [&](const SourceCheck::NotAsked& one) { return one.reason == reason; });
    if (found == all.end()) found = all.insert(all.end(), {std::string(reason), 0, {}});
    ++found->collections;
    if (found->tables.empty() || found->tables.back() != stream.table) found->tables.emplace_back(stream.table);
  }

  /// Asks whose key it is, at the beginning and of each new key: the totals of another account say nothing of this one.
  void identify() {
    is_identifying_ = true;
    ask_account(0, fmt::format("{}{}?exclude_fields=_links", account_->api_base, kAccountPath));
  }

  void ask_account(int attempts, const std::string& url) {
    HttpRequest request;
    request.timeout_millis = settings_->pace.timeout_millis;
    request.url = url;
    const Secret key = account_->key.now();
    request.password = key;
    send_when_free(std::move(request), [this, attempts, url, key](const HttpResponse& response) {
      if (!error_) take_account(response, attempts, url, key);
    });
  }

  void take_account(const HttpResponse& response, int attempts, const std::string& url, const Secret& key) {
    const Answer answer = meaning_of(response, parse_url(account_->api_base)->origin());
    const std::string id = answer.meaning == Meaning::page ? account_id_in(response.body) : "";
    switch (answer.meaning) {
      case Meaning::page:
        if (id.empty()) break;  // every account has one: it is a gateway's page
        admit(id);
        return;
      case Meaning::key_refused:
        if (attempts + 1 < kMostRefusals) break;
        [[fallthrough]];
      case Meaning::disabled:
        renewal_.begin(key, answer);
        return;
      case Meaning::missing:  // every account has this path: it is not the API that was asked
      case Meaning::refused:
        abort(answer);
        return;
      case Meaning::not_permitted:
      case Meaning::too_large:
        admit("");
        return;
      default:
        break;
    }
    if (attempts + 1 >= kMostAttempts) {
      admit("");
      return;
    }
    progress_->set_trouble(answer.meaning == Meaning::page ? "an answer without the account's id" : answer.reason);
    const std::string next = answer.meaning == Meaning::redirected ? answer.location : url;
    loop_->after(wait_millis(settings_->pace, backoff_.millis(attempts + 1), response),
                 [this, attempts, next] { ask_account(attempts + 1, next); });
  }

  /// `id`: of the account that the key opens; "" where Mailchimp will not say. What keeps it from saying so, each question meets as well.
  void admit(const std::string& id) {
    if (!account_id_.empty() && !id.empty() && id != account_id_) {
      error_ = is_admitted_ ? wrong_new_key(account_->name) : wrong_account(account_->name, account_id_, id);
      reachability_.stop();
      return;
    }
    if (!id.empty()) account_id_ = id;
    is_admitted_ = true;
    is_identifying_ = false;
    reachability_.go_on();
    pump();
  }

  void pump() {
    while (!error_ && !is_identifying_ && !reachability_.is_asking() && !renewal_.is_under_way() && slots_.has_free() &&
           !waiting_.empty()) {
      const std::shared_ptr<Question> question = waiting_.front();
      waiting_.pop_front();
      send(question);
    }
    progress_->in_flight = slots_.in_flight();
  }

  void send_when_free(HttpRequest request, std::function<void(const HttpResponse&)> done) {
    slots_.when_free([this, request = std::move(request), done = std::move(done)] {
      if (!error_) send(request, done);
    });
  }

  void send(const HttpRequest& request, const std::function<void(const HttpResponse&)>& done) {
    slots_.take();
    ++progress_->requests;
    loop_->send(request, [this, done](const HttpResponse& response) {
      slots_.release(response);
      done(response);
    });
  }

  void send(const std::shared_ptr<Question>& question) {
    HttpRequest request;
    request.timeout_millis = settings_->pace.timeout_millis;
    request.url = !question->redirected_to.empty()
                      ? question->redirected_to
                      : fmt::format("{}{}?{}", account_->api_base, path_of(*question->stream, question->parents),
                                    query_of(*question->stream, question->sweep, {0, 1, {}}));
    const Secret key = account_->key.now();
    request.password = key;
    send(request, [this, question, key](const HttpResponse& response) {
      progress_->bytes += response.bytes;
      if (!error_) take(question, response, key);
      pump();
    });
  }

  void take(const std::shared_ptr<Question>& question, const HttpResponse& response, const Secret& key) {
    const Answer answer = meaning_of(response, parse_url(account_->api_base)->origin());
    switch (answer.meaning) {
      case Meaning::page:
        take_total(question, response);
        return;
      case Meaning::missing:
        // What was deleted has nothing that could have come in; a collection of the account's own cannot be deleted.
        if (question->stream->parent.empty()) {
          could_not_be_asked(*question, answer.reason);
        } else {
          ++result_.check.fewer;
          remark(*question, fmt::format("Mailchimp no longer has it ({}); the archive does", answer.reason));
        }
        return;
      case Meaning::not_permitted:
      case Meaning::refused:
      case Meaning::too_large:
        could_not_be_asked(*question, answer.reason);
        return;
      case Meaning::key_refused:
        if (question->attempts + 1 < kMostRefusals) break;
        [[fallthrough]];
      case Meaning::disabled:
        question->attempts = 0;
        waiting_.push_front(question);
        renewal_.begin(key, answer);
        return;
      case Meaning::redirected:
        question->redirected_to = answer.location;
        break;
      case Meaning::throttled:
        ++question->throttled;
        break;
      default:
        break;
    }
    ask_again(question, response, answer.reason);
  }

  void take_total(const std::shared_ptr<Question>& question, const HttpResponse& response) {
    const Result<PageContents> contents = read_page(response.body, {std::string(question->stream->items), {}, {}});
    if (!contents || !contents->total_items) {
      ask_again(question, response, contents ? "an answer without its total" : contents.error().message);
      return;
    }
    reachability_.note_success();
    const i64 then = *question->end->total_last;
    const i64 now = *contents->total_items;
    if (now == then) {
      ++result_.check.agreed;
    } else if (now < then) {
      ++result_.check.fewer;
      remark(*question, fmt::format("Mailchimp now says {} and said {} when it was read; the archive keeps what it had", format_count(now),
                                    format_count(then)));
      return;
    } else {
      ++result_.check.grown;
      gap(*question, fmt::format("Mailchimp now says {} and said {} when it was read: {} came in since; run sync", format_count(now),
                                 format_count(then), format_count(now - then)));
      result_.grown.push_back({{std::string(question->stream->table)}, result_.check.asked_at, question->parents});
      return;
    }
    close();
  }

  void ask_again(const std::shared_ptr<Question>& question, const HttpResponse& response, const std::string& reason) {
    if (question->attempts++ == 0) question->failing_since = system_clock().steady_millis();
    ++progress_->retries;
    progress_->set_trouble(std::string(question->stream->table) + ": " + reason);
    if (question->attempts - question->throttled >= kMostAttempts || question->throttled >= kMostThrottled) {
      reachability_.doubt(
          question->failing_since,
          {[this, question, reason] { could_not_be_asked(*question, fmt::format("{}, {} times", reason, question->attempts)); },
           [this, question] {
             question->attempts = question->throttled = 0;
             waiting_.push_back(question);
           }});
      return;
    }
    loop_->after(wait_millis(settings_->pace, backoff_.millis(question->attempts), response), [this, question] {
      waiting_.push_back(question);
      pump();
    });
  }

  [[nodiscard]] Finding finding(const Question& question, const std::string& reason) const {
    Finding one{std::string(question.stream->table), {}, "", to_utf8(reason), ""};
    const std::vector<std::string> columns = parent_columns(*question.stream);
    for (std::size_t i = 0; i < columns.size() && i < question.parents.size(); ++i)
      one.parent.emplace_back(columns[i], question.parents[i]);
    return one;
  }

  void remark(const Question& question, const std::string& reason) {
    result_.check.remarks.push_back(finding(question, reason));
    close();
  }

  void gap(const Question& question, const std::string& reason) {
    Finding one = finding(question, reason);
    one.command = closing_command(*settings_, "sync", {{"account", account_->name}});
    result_.gaps.push_back(std::move(one));
    close();
  }

  void could_not_be_asked(const Question& question, const std::string& reason) {
    ++result_.check.failed;
    Finding one = finding(question, fmt::format("Mailchimp would not say its total again ({}): what came in since is not known", reason));
    one.command = closing_command(*settings_, "verify", {{"account", account_->name}}) + " --source";
    result_.gaps.push_back(std::move(one));
    close();
  }

  void close() {
    --open_;
    ++progress_->units_ended;
  }

  void abort(const Answer& answer) {
    if (!error_) error_ = error_of(answer, fmt::format("account \"{}\" at {}", account_->name, account_->api_base));
    reachability_.stop();
  }

  const Settings* settings_;
  const Account* account_;
  AccountProgress* progress_;
  std::unique_ptr<HttpLoop> loop_;
  Backoff backoff_;
  Slots slots_;
  std::string account_id_;       // that every key must open; "" where nobody has said
  bool is_identifying_ = false;  // nothing else is asked meanwhile
  bool is_admitted_ = false;     // a key was: what is asked about from now on is a new one
  i64 open_ = 0;                 // questions without an answer
  std::deque<std::shared_ptr<Question>> waiting_;
  std::optional<Error> error_;
  SourceResult result_;
  Reachability reachability_;  // its hooks use the rest
  KeyRenewal renewal_;         // last: so do its own, and its thread ends first
};

}  // namespace

Result<SourceResult> check_source(const Settings& settings, const Account& account, const AccountArchive& archive,
                                  AccountProgress& progress) {
  TRY_ASSIGN(const LedgerView ledger, view_ledger(archive));
  TRY_ASSIGN(const std::string account_id, account_id_of(archive));
  return SourceCheckRun(settings, account, progress).run(ledger, account_id);
}

void add_source(SourceResult result, Certificate& certificate) {
  certificate.source = std::move(result.check);
  if (result.gaps.empty()) return;
  certificate.gaps.insert(certificate.gaps.end(), result.gaps.begin(), result.gaps.end());
  if (certificate.verdict != Verdict::test_run) certificate.verdict = Verdict::not_safe;
}

}  // namespace chimplift
