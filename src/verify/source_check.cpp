#include "verify/source_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <iterator>
#include <memory>
#include <tuple>
#include <utility>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "client/account_client.hpp"
#include "client/request.hpp"
#include "inventory/account_identity.hpp"
#include "inventory/known_records.hpp"
#include "inventory/ledger_view.hpp"
#include "inventory/unit_stream.hpp"
#include "rows/page.hpp"
#include "run/closing_command.hpp"
#include "verify/finding_list.hpp"
#include "verify/findings.hpp"

namespace chimplift {
namespace {

/// A collection whose total is to be asked for.
struct CollectionToAsk {
  const Stream* stream = nullptr;
  std::vector<std::string> parents;
  int sweep = 0;
  i64 total_then = 0;  // when it was read to its end
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
  SourceCheckRun(const Settings& settings, const Account& account, const AccountArchive& archive, AccountProgress& progress)
      : settings_(&settings),
        account_(&account),
        progress_(&progress),
        loop_(make_http_loop(http_settings(settings))),
        // What keeps Mailchimp from saying whose the first key is, each question meets as well, and waits for it.
        client_(*loop_, account, settings, progress, AccountClient::UnansweredFirstKey::is_used,
                {.known_records = [&archive] { return known_records(archive); },
                 .begin = [](const std::string&) { return Result<void>(); },
                 .ready = [this] { pump(); },
                 .lost = [this](Error error) { error_ = std::move(error); }}) {}

  /// `account_id`: of the account that the archive is of; "" where it does not say. The totals of another account say nothing of this one.
  Result<SourceResult> run(const LedgerView& ledger, const std::string& account_id) {
    result_.check.asked_at = format_utc(system_clock().now_micros());
    collect(ledger);
    client_.start(account_id);
    const auto is_answered = [this] { return open_ == 0 && client_.is_idle(); };
    loop_->run([&] { return settings_->is_interrupted() || error_ || is_answered(); });
    progress_->in_flight = 0;
    if (error_) return tl::unexpected(*error_);
    if (!is_answered())
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
  void collect(const LedgerView& ledger) {
    for (const Stream* stream : settings_->selection.pulled()) {
      ledger.each(stream->table, [this, stream](const UnitId& id, const LedgerView::Unit& unit) {
        if (!unit.end) return;
        const std::string_view reason = why_not(stream_of(id), *unit.end);
        if (reason.empty()) {
          waiting_.push_back({stream, id.parents, id.sweep, *unit.end->total_last});
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

  void pump() {
    while (client_.can_send()) {
      if (client_.ask_again()) continue;
      if (waiting_.empty()) break;
      ask(std::move(waiting_.front()));
      waiting_.pop_front();
    }
    progress_->in_flight = client_.in_flight();
  }

  void ask(CollectionToAsk next) {
    const auto one = std::make_shared<const CollectionToAsk>(std::move(next));
    client_.ask(
        {.table = one->stream->table,
         .path_and_query = fmt::format("{}?{}", path_of(*one->stream, one->parents), query_of(*one->stream, one->sweep, {0, 1, {}})),
         .page = [this, one](const HttpResponse& response, i64 /*requested_at*/) { return take_total(*one, response); },
         .other = [this, one](const Answer& answer) { return take_other(*one, answer); },
         .give_up = [this, one](const std::string& reason) { could_not_be_asked(*one, reason); }});
  }

  AccountClient::Next take_other(const CollectionToAsk& one, const Answer& answer) {
    if (answer.meaning == Meaning::too_slow) return AccountClient::Next::again;  // there is nothing less to ask for
    // What was deleted has nothing that could have come in; a collection of the account's own cannot be deleted.
    if (answer.meaning == Meaning::missing && !one.stream->parent.empty()) {
      ++result_.check.fewer;
      remark(one, fmt::format("Mailchimp no longer has it ({}); the archive does", answer.reason));
    } else {
      could_not_be_asked(one, answer.reason);
    }
    return AccountClient::Next::done;
  }

  Result<void> take_total(const CollectionToAsk& one, const HttpResponse& response) {
    TRY_ASSIGN(const PageContents contents, read_page(response.body, {std::string(one.stream->items), {}, {}}));
    if (!contents.total_items) return fail(ErrorKind::temporary, "an answer without its total");
    const i64 then = one.total_then;
    const i64 now = *contents.total_items;
    if (now == then) {
      ++result_.check.agreed;
      close();
    } else if (now < then) {
      ++result_.check.fewer;
      remark(one, fmt::format("Mailchimp now says {} and said {} when it was read; the archive keeps what it had", format_count(now),
                              format_count(then)));
    } else {
      ++result_.check.grown;
      gap(one, fmt::format("Mailchimp now says {} and said {} when it was read: {} came in since; run sync", format_count(now),
                           format_count(then), format_count(now - then)));
      result_.grown.push_back({{std::string(one.stream->table)}, result_.check.asked_at, one.parents});
    }
    return {};
  }

  [[nodiscard]] Finding finding(const CollectionToAsk& collection, const std::string& reason) const {
    Finding one{std::string(collection.stream->table), {}, "", to_utf8(reason), ""};
    const std::vector<std::string> columns = parent_columns(*collection.stream);
    for (std::size_t i = 0; i < columns.size() && i < collection.parents.size(); ++i)
      one.parent.emplace_back(columns[i], collection.parents[i]);
    return one;
  }

  void remark(const CollectionToAsk& collection, const std::string& reason) {
    result_.check.remarks.push_back(finding(collection, reason));
    close();
  }

  void gap(const CollectionToAsk& collection, const std::string& reason) {
    add_gap(collection, reason, closing_command(*settings_, "sync", {{"account", account_->name}}));
    close();
  }

  void could_not_be_asked(const CollectionToAsk& collection, const std::string& reason) {
    ++result_.check.failed;
    add_gap(collection, fmt::format("Mailchimp would not say its total again ({}): what came in since is not known", reason),
            closing_command(*settings_, "verify", {{"account", account_->name}}) + " --source");
    close();
  }

  void add_gap(const CollectionToAsk& collection, const std::string& reason, const std::string& command) {
    const Stream& asked = *collection.stream;
    for (const Stream* on : said_on(asked, settings_->selection)) {
      Finding one = finding(
          collection, on == &asked ? reason : fmt::format("its ids come from {}, which was left out itself: {}", asked.table, reason));
      one.stream = on->table;
      one.command = command;
      result_.gaps.push_back(std::move(one));
    }
  }

  void close() {
    --open_;
    ++progress_->units_ended;
  }

  const Settings* settings_;
  const Account* account_;
  AccountProgress* progress_;
  std::unique_ptr<HttpLoop> loop_;
  i64 open_ = 0;  // collections without an answer
  std::deque<CollectionToAsk> waiting_;
  std::optional<Error> error_;
  SourceResult result_;
  AccountClient client_;  // last: its hooks use the rest
};

std::vector<Finding> first_of_each_cause(std::vector<Finding> findings) {
  FindingList list;
  for (Finding& finding : findings) list.add(std::move(finding));
  return list.take();
}

}  // namespace

Result<SourceResult> check_source(const Settings& settings, const Account& account, const AccountArchive& archive,
                                  AccountProgress& progress) {
  TRY_ASSIGN(const LedgerView ledger, view_ledger(archive));
  TRY_ASSIGN(const std::string account_id, account_id_of(archive));
  return SourceCheckRun(settings, account, archive, progress).run(ledger, account_id);
}

void add_source(SourceResult result, Certificate& certificate) {
  result.check.remarks = first_of_each_cause(std::move(result.check.remarks));
  certificate.source = std::move(result.check);
  if (result.gaps.empty()) return;
  std::ranges::move(first_of_each_cause(std::move(result.gaps)), std::back_inserter(certificate.gaps));
  if (certificate.verdict != Verdict::test_run) certificate.verdict = Verdict::not_safe;
}

}  // namespace chimplift
