#include "client/key_proof.hpp"

#include <fmt/format.h>

#include <utility>

#include "client/request.hpp"
#include "inventory/account_identity.hpp"
#include "net/url.hpp"
#include "run/account_run.hpp"

namespace chimplift {
namespace {

Error another_account(const Account& account, const KnownRecord& record, std::size_t records) {
  return {
      ErrorKind::usage,
      fmt::format("the key of account \"{}\" opens none of {} records that its archive has (the first is {} of {}), and the archive does "
                  "not say whose it is: this is another Mailchimp account's key",
                  account.name, records, record.id, record.table),
      "Put the right key to this name, and run again; give another account a name of its own (with --api-key-override: --account NAME). "
      "Where all of these were deleted, begin a new archive."};
}

Error nothing_to_go_by(const Account& account) {
  return {
      ErrorKind::permission,
      fmt::format("nobody can tell whether the key of account \"{}\" is of the account that its archive is of: the archive does not say "
                  "whose it is, and the key may not read what it has",
                  account.name),
      "Use a key of a user whose role may see more (Admin or Owner), or begin a new archive."};
}

/// What an answer that is no record says about one.
enum class Says { not_there, nothing, no_answer };

Says says(Meaning meaning) {
  switch (meaning) {
    case Meaning::missing:
      return Says::not_there;
    case Meaning::not_permitted:
    case Meaning::refused:
    case Meaning::too_large:
      return Says::nothing;
    default:
      return Says::no_answer;
  }
}

Error not_proven(const Account& account, const std::vector<KnownRecord>& records, bool is_missing) {
  return is_missing ? another_account(account, records.front(), records.size()) : nothing_to_go_by(account);
}

Error another_record() { return {ErrorKind::temporary, "an answer was another record than the one that was asked for", ""}; }

}  // namespace

Result<void> prove_key(Probe& probe, const Settings& settings, const Account& account) {
  const Result<std::unique_ptr<AccountArchive>> archive = open_to_read(settings, account.name);
  if (!archive || ((*archive)->about().test && !settings.test)) return {};
  const Result<std::string> id = account_id_of(**archive);
  if (!id || !id->empty()) return {};  // that it is this account's has been seen
  TRY_ASSIGN(const std::vector<KnownRecord> records, known_records(**archive));
  bool is_missing = false;
  for (const KnownRecord& record : records) {
    const auto check = [&record](std::string_view body) -> Result<void> {
      return is_record(record, body) ? Result<void>() : tl::unexpected(another_record());
    };
    const Result<std::string> body = probe.get(record.path_and_query, check);
    if (body) return {};
    const Says said = probe.refusal() ? says(probe.refusal()->meaning) : Says::no_answer;
    if (said == Says::no_answer) return tl::unexpected(body.error());
    is_missing = is_missing || said == Says::not_there;
  }
  if (records.empty()) return {};
  return tl::unexpected(not_proven(account, records, is_missing));
}

KeyProof::KeyProof(const Account& account, Pace pace, Hooks hooks)
    : account_(&account), pace_(pace), hooks_(std::move(hooks)), origin_(parse_url(account.api_base)->origin()) {}

void KeyProof::begin(std::vector<KnownRecord> records, std::function<void()> proven) {
  records_ = std::move(records);
  proven_ = std::move(proven);
  at_ = 0;
  is_missing_ = false;
  if (records_.empty()) {
    proven_();
  } else {
    ask_next();
  }
}

void KeyProof::ask_next() {
  if (at_ == records_.size()) {
    hooks_.not_proven(not_proven(*account_, records_, is_missing_));
    return;
  }
  tries_ = {};
  refusals_ = {};
  ask(account_->api_base + records_[at_].path_and_query);
}

void KeyProof::ask(const std::string& url) {
  const Secret key = account_->key.now();
  hooks_.send(request_to(url, key, pace_), [this, url, key](const HttpResponse& response) { take(response, url, key); });
}

void KeyProof::take(const HttpResponse& response, const std::string& url, const Secret& key) {
  Answer answer = meaning_of(response, origin_);
  refusals_.note(answer.meaning, key);
  if (answer.meaning == Meaning::page) {
    if (is_record(records_[at_], response.body)) {
      proven_();
      return;
    }
    answer = {Meaning::temporary, another_record().message, ""};
  }
  if (const Says said = says(answer.meaning); said != Says::no_answer) {
    is_missing_ = is_missing_ || said == Says::not_there;
    ++at_;
    ask_next();
    return;
  }
  if (answer.meaning == Meaning::disabled || refusals_.are_believed()) {
    hooks_.key_refused(key, answer);
    return;
  }
  tries_.note(answer.meaning);
  if (!tries_.may_go_on()) {
    hooks_.failed(answer);
    return;
  }
  hooks_.trouble(answer.reason);
  const std::string next = answer.meaning == Meaning::redirected ? answer.location : url;
  hooks_.after_failure(tries_.failures, response, [this, next] { ask(next); });
}

}  // namespace chimplift
