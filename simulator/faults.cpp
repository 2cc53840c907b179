// See faults.hpp.
#include "simulator/faults.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <stdexcept>

namespace mailchimp_sim {

namespace {

using AnswerMaker = std::function<Answer()>;

Answer plain(int status, std::string content_type, std::string body) {
  Answer answer;
  answer.status = status;
  answer.content_type = std::move(content_type);
  answer.body = std::move(body);
  return answer;
}

Answer special(Answer::Delivery delivery) {
  Answer answer;
  answer.delivery = delivery;
  return answer;
}

/// Answers that do not depend on what was asked.
const std::map<std::string, AnswerMaker, std::less<>>& whole_answers() {
  static const std::map<std::string, AnswerMaker, std::less<>> kAnswers = {
      {"status_401", [] { return key_invalid(); }},
      {"status_403", [] { return problem(403, "Forbidden", "Your plan does not have access to this feature."); }},
      {"status_403_disabled", [] { return problem(403, "User Disabled", "This account has been deactivated."); }},
      {"status_403_akamai", [] { return network_page(403, "Access Denied"); }},
      {"status_404", [] { return not_found(); }},
      {"missing", [] { return plain(404, "text/plain", "not here"); }},
      {"status_429", [] { return too_many_requests(); }},
      {"status_429_empty", [] { return plain(429, "text/plain", ""); }},
      {"status_500", [] { return problem(500, "Internal Server Error", "An unexpected internal error has occurred."); }},
      {"status_502_html", [] { return network_page(502, "Bad Gateway"); }},
      {"status_503_akamai",
       [] {
         // Without `detail`: thinkshout/mailchimp-api-php#94.
         return plain(503, "application/problem+json",
                      R"({"type":"akamai_error_message","title":"akamai_503","status":503,"ref_no":"18.1f2e3d4c.1"})");
       }},
      {"status_504", [] { return network_page(504, "Gateway Time-out"); }},
      {"html_200", [] { return network_page(200, "We'll be right back"); }},
      {"invalid_token_200", [] { return plain(200, "application/json", R"({"error":"invalid_token"})"); }},
      {"empty_200", [] { return plain(200, "application/json", ""); }},
      {"reset", [] { return special(Answer::Delivery::reset); }},
      {"endless", [] { return special(Answer::Delivery::endless); }},
  };
  return kAnswers;
}

/// Puts a member into the first record of a page, or into the object itself.
void insert_member(std::string& body, const std::string& member) {
  std::size_t at = body.find("[{");
  at = at == std::string::npos ? body.find('{') : at + 1;
  if (at == std::string::npos) return;
  const bool empty = at + 1 < body.size() && body[at + 1] == '}';
  body.insert(at + 1, empty ? member : member + ',');
}

const std::map<std::string, PageTwist, std::less<>>& twists() {
  static const std::map<std::string, PageTwist, std::less<>> kTwists = {
      {"repeat_page", {.ignore_offset = true}},
      {"ignore_count", {.ignore_count = true}},
      {"total_absent", {.no_total = true}},
      {"total_plus", {.total_shift = 1}},
      {"total_minus", {.total_shift = -1}},
      {"short_page", {.half = true}},
      {"lose_row", {.lose = 0}},
  };
  return kTwists;
}

const std::vector<std::string> kSpoilers = {"truncate",       "short_json",  "garbage_behind", "stall",
                                            "stall_holding",  "slow_body",   "invalid_utf8",   "lone_surrogate",
                                            "duplicate_keys", "huge_string", "big_number",     "wrong_size",    "new_field"};

}  // namespace

const std::vector<std::string>& fault_kinds() {
  static const std::vector<std::string> kKinds = [] {
    std::vector<std::string> kinds = kSpoilers;
    for (const auto& [kind, make] : whole_answers()) kinds.push_back(kind);
    for (const auto& [kind, twist] : twists()) kinds.push_back(kind);
    kinds.emplace_back("redirect_other_host");
    kinds.emplace_back("redirect_same");
    std::sort(kinds.begin(), kinds.end());
    return kinds;
  }();
  return kKinds;
}

void FaultPlan::plant(Fault fault) {
  if (std::find(fault_kinds().begin(), fault_kinds().end(), fault.kind) == fault_kinds().end())
    throw std::invalid_argument("no fault is called \"" + fault.kind + '"');
  const std::lock_guard lock(mutex_);
  faults_.push_back(std::move(fault));
}

void FaultPlan::lift() {
  const std::lock_guard lock(mutex_);
  faults_.clear();
}

namespace {

bool is_about(std::string_view path, std::string_view wanted) {
  if (wanted.ends_with('$')) return path.ends_with(wanted.substr(0, wanted.size() - 1));
  return path.find(wanted) != std::string_view::npos;
}

}  // namespace

std::optional<Fault> FaultPlan::strike(std::string_view path, std::string_view query) {
  const std::lock_guard lock(mutex_);
  for (Fault& fault : faults_) {
    if (fault.times == 0 || !is_about(path, fault.path_contains) || query.find(fault.query_contains) == std::string_view::npos) continue;
    if (fault.skip > 0) {
      --fault.skip;
      continue;
    }
    if (fault.probability < 1 && !random_.chance(fault.probability)) continue;
    if (fault.times > 0) --fault.times;
    if (fault.kind == "new_field") ++fault.param;
    return fault;
  }
  return std::nullopt;
}

std::optional<Answer> fault_answer(const Fault& fault, std::string_view target, const std::string& this_origin,
                                   const std::string& other_origin) {
  if (const auto found = whole_answers().find(fault.kind); found != whole_answers().end()) return found->second();
  if (fault.kind == "redirect_other_host" || fault.kind == "redirect_same") {
    Answer answer = plain(302, "text/plain", "");
    const bool same = fault.kind == "redirect_same";
    answer.headers.emplace_back("Location", same ? this_origin + std::string(target) : other_origin + "/elsewhere" + std::string(target));
    return answer;
  }
  return std::nullopt;
}

PageTwist fault_twist(const Fault& fault) {
  const auto found = twists().find(fault.kind);
  if (found == twists().end()) return {};
  PageTwist twist = found->second;
  if (fault.param != 0 && twist.total_shift != 0) twist.total_shift *= fault.param;
  if (twist.lose >= 0) twist.lose = fault.param;
  return twist;
}

void spoil(const Fault& fault, Answer& answer) {
  std::string& body = answer.body;
  if (fault.kind == "truncate") answer.delivery = Answer::Delivery::truncate;
  if (fault.kind == "short_json") body.resize(body.size() * 6 / 10);
  if (fault.kind == "garbage_behind") body += "\n<!-- cached by edge-7 -->{";
  if (fault.kind == "wrong_size") body += "surplus";
  if (fault.kind == "invalid_utf8") insert_member(body, "\"odd_text\":\"a\xff\xfe\xc3(\"");
  if (fault.kind == "lone_surrogate") insert_member(body, R"("odd_text":"a\ud83d!")");
  if (fault.kind == "duplicate_keys") insert_member(body, R"("odd_key":1,"odd_key":2)");
  if (fault.kind == "big_number") insert_member(body, R"("odd_number":9223372036854775808,"odd_large":1e400)");
  if (fault.kind == "new_field") insert_member(body, "\"field_" + std::to_string(fault.param) + "\":" + std::to_string(fault.param));
  if (fault.kind == "huge_string")
    insert_member(body, "\"odd_text\":\"" + std::string(static_cast<std::size_t>(fault.param > 0 ? fault.param : 10'000'000), 'x') + '"');
  if (fault.kind == "slow_body") {
    answer.delivery = Answer::Delivery::slow;
    answer.pause_ms = fault.param > 0 ? fault.param : 50;
  }
}

}  // namespace mailchimp_sim
