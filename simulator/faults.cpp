// See faults.hpp.
#include "simulator/faults.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <ctime>
#include <functional>
#include <map>
#include <stdexcept>

#include "base/hash.hpp"

namespace mailchimp_sim {

namespace {

using AnswerMaker = std::function<Answer(const Fault&)>;

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

Answer raw(std::string text, Answer::Ending ending = Answer::Ending::close) {
  Answer answer = special(Answer::Delivery::raw);
  answer.body = std::move(text);
  answer.ending = ending;
  return answer;
}

/// With Retry-After: as seconds, or as a date.
Answer later(Answer answer, i64 seconds, bool as_date) {
  std::string text = std::to_string(seconds);
  if (as_date) {
    const std::time_t when = std::time(nullptr) + seconds;
    std::tm parts{};
    gmtime_r(&when, &parts);
    char date[40];
    text.assign(date, std::strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &parts));
  }
  answer.headers.emplace_back("Retry-After", text);
  return answer;
}

std::string zipped(const std::function<std::size_t(Bytef*, std::size_t)>& fill) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string packed;
  std::vector<Bytef> in(1 << 20);
  std::vector<Bytef> out(1 << 16);
  int flush = Z_NO_FLUSH;
  while (flush != Z_FINISH) {
    stream.avail_in = static_cast<uInt>(fill(in.data(), in.size()));
    stream.next_in = in.data();
    flush = stream.avail_in < in.size() ? Z_FINISH : Z_NO_FLUSH;
    do {
      stream.next_out = out.data();
      stream.avail_out = static_cast<uInt>(out.size());
      deflate(&stream, flush);
      packed.append(reinterpret_cast<const char*>(out.data()), out.size() - stream.avail_out);
    } while (stream.avail_out == 0);
  }
  deflateEnd(&stream);
  return packed;
}

/// A few hundred kilobytes that unpack to so many bytes.
Answer gzip_bomb(i64 bytes) {
  static std::mutex mutex;
  static std::map<i64, std::string> made;
  const std::lock_guard lock(mutex);
  std::string& bomb = made[bytes];
  if (bomb.empty()) {
    i64 left = bytes;
    bomb = zipped([&left](Bytef* to, std::size_t room) {
      const std::size_t size = static_cast<std::size_t>(std::min<i64>(left, static_cast<i64>(room)));
      std::fill_n(to, size, static_cast<Bytef>(' '));
      left -= static_cast<i64>(size);
      return size;
    });
  }
  Answer answer = plain(200, "application/json", bomb);
  answer.headers.emplace_back("Content-Encoding", "gzip");
  return answer;
}

/// Answers that do not depend on what was asked.
const std::map<std::string, AnswerMaker, std::less<>>& whole_answers() {
  static const std::map<std::string, AnswerMaker, std::less<>> kAnswers = {
      {"status_401", [](const Fault&) { return key_invalid(); }},
      {"status_403", [](const Fault&) { return problem(403, "Forbidden", "Your plan does not have access to this feature."); }},
      {"status_403_disabled", [](const Fault&) { return problem(403, "User Disabled", "This account has been deactivated."); }},
      {"status_403_akamai", [](const Fault&) { return network_page(403, "Access Denied"); }},
      {"status_404", [](const Fault&) { return not_found(); }},
      {"missing", [](const Fault&) { return plain(404, "text/plain", "not here"); }},
      {"status_429", [](const Fault&) { return too_many_requests(); }},
      {"status_429_empty", [](const Fault&) { return plain(429, "text/plain", ""); }},
      {"status_500", [](const Fault&) { return problem(500, "Internal Server Error", "An unexpected internal error has occurred."); }},
      {"status_502_html", [](const Fault&) { return network_page(502, "Bad Gateway"); }},
      {"status_503_akamai",
       [](const Fault&) {
         // Without `detail` (docs/mailchimp.md, "Gateways").
         return plain(503, "application/problem+json",
                      R"({"type":"akamai_error_message","title":"akamai_503","status":503,"ref_no":"18.1f2e3d4c.1"})");
       }},
      {"status_504", [](const Fault&) { return network_page(504, "Gateway Time-out"); }},
      {"html_200", [](const Fault&) { return network_page(200, "We'll be right back"); }},
      {"invalid_token_200", [](const Fault&) { return plain(200, "application/json", R"({"error":"invalid_token"})"); }},
      {"empty_object", [](const Fault&) { return plain(200, "application/json", "{}"); }},
      {"empty_200", [](const Fault&) { return plain(200, "application/json", ""); }},
      {"reset", [](const Fault&) { return special(Answer::Delivery::reset); }},
      {"endless", [](const Fault&) { return special(Answer::Delivery::endless); }},
      {"status_204", [](const Fault&) { return plain(204, "application/json", ""); }},
      {"status_400", [](const Fault&) { return problem(400, "Invalid Resource", "The resource submitted could not be validated."); }},
      {"status_429_retry_after", [](const Fault& f) { return later(too_many_requests(), std::max<i64>(f.param, 1), false); }},
      {"status_429_retry_date", [](const Fault& f) { return later(too_many_requests(), std::max<i64>(f.param, 1), true); }},
      {"status_503_retry_after", [](const Fault& f) { return later(network_page(503, "Try later"), std::max<i64>(f.param, 1), false); }},
      {"problem_200",
       [](const Fault&) {
         Answer answer = problem(500, "Internal Server Error", "An unexpected internal error has occurred.");
         answer.status = 200;
         return answer;
       }},
      {"hang_up", [](const Fault&) { return raw(""); }},
      {"not_http", [](const Fault&) { return raw("SSH-2.0-OpenSSH_9.2\r\n"); }},
      {"reset_in_head", [](const Fault&) { return raw("HTTP/1.1 200 OK\r\nContent-Le", Answer::Ending::reset); }},
      {"cut_in_head", [](const Fault&) { return raw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-"); }},
      {"header_bomb",
       [](const Fault&) { return raw("HTTP/1.1 200 OK\r\nX-Padding: " + std::string(4000, 'p') + "\r\n", Answer::Ending::more); }},
      {"broken_gzip",
       [](const Fault&) { return raw("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 12\r\n\r\n\x1f\x8b\x08nonsense!"); }},
      {"gzip_bomb", [](const Fault& f) { return gzip_bomb(f.param > 0 ? f.param : 1'000'000'000); }},
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
      {"repeat_page", {.ignore_offset = true}}, {"ignore_count", {.ignore_count = true}},
      {"total_absent", {.no_total = true}},     {"total_plus", {.total_shift = 1}},
      {"total_minus", {.total_shift = -1}},     {"short_page", {.half = true}},
      {"empty_page", {.empty = true}},          {"empty_no_total", {.no_total = true, .empty = true}},
      {"early_page", {.early = true}},          {"row_twice", {.twice = true}},
      {"turned_page", {.turned = true}},        {"lose_row", {.lose = 0}},
  };
  return kTwists;
}

const std::vector<std::string> kSpoilers = {
    "truncate",       "short_json",     "garbage_behind", "stall",         "stall_holding", "slow_body",     "invalid_utf8",
    "lone_surrogate", "duplicate_keys", "huge_string",    "big_number",    "wrong_size",    "reset_in_body", "silent_body",
    "short_length",   "open_chunks",    "early_end",      "other_charset", "raw_nul",       "escaped_nul",   "not_a_number",
    "deep_nesting",   "other_type",     "no_name",        "old_date",      "new_field",     "no_texts"};

/// The answer's head and so much of its body, as they would be sent by a server that then fails.
std::string begun(const Answer& answer, const std::string& framing, std::size_t bytes) {
  return "HTTP/1.1 " + std::to_string(answer.status) + " OK\r\nContent-Type: " + answer.content_type + "\r\n" + framing + "\r\n" +
         answer.body.substr(0, bytes);
}

std::string length_header(std::size_t bytes) { return "Content-Length: " + std::to_string(bytes) + "\r\n"; }

/// How the last bytes of an answer go wrong.
void break_off(const Fault& fault, Answer& answer) {
  const std::size_t size = answer.body.size();
  std::string text;
  Answer::Ending ending = Answer::Ending::close;
  if (fault.kind == "reset_in_body") {
    text = begun(answer, length_header(size), size / 2);
    ending = Answer::Ending::reset;
  }
  if (fault.kind == "silent_body") {
    text = begun(answer, length_header(size), size / 2);
    ending = Answer::Ending::silence;
    answer.pause_ms = fault.param > 0 ? fault.param : 10'000;
  }
  if (fault.kind == "short_length") text = begun(answer, length_header(size / 2), size);
  if (fault.kind == "early_end") text = begun(answer, "Connection: close\r\n", size * 6 / 10);
  if (fault.kind == "open_chunks") {
    std::string chunk = begun(answer, "Transfer-Encoding: chunked\r\n", 0);
    chunk += fmt::format("{:x}\r\n", size) + answer.body + "\r\n";
    text = std::move(chunk);
  }
  if (text.empty()) return;
  answer.delivery = Answer::Delivery::raw;
  answer.ending = ending;
  answer.body = std::move(text);
}

/// The first member called "name": another type, or not there at all.
void change_name(std::string& body, bool leave_out) {
  const std::size_t at = body.find("\"name\":\"");
  const std::size_t value = at + 7;
  const std::size_t end = at == std::string::npos ? at : body.find("\",", value + 1);
  if (end == std::string::npos) return;
  if (leave_out) {
    body.erase(at, end + 2 - at);
  } else {
    body.insert(end + 1, "}");
    body.insert(value, "{\"en\":");
  }
}

}  // namespace

const std::vector<std::string>& fault_kinds() {
  static const std::vector<std::string> kKinds = [] {
    std::vector<std::string> kinds = kSpoilers;
    for (const auto& [kind, make] : whole_answers()) kinds.push_back(kind);
    for (const auto& [kind, twist] : twists()) kinds.push_back(kind);
    for (const char* kind : {"redirect_other_host", "redirect_other_scheme", "redirect_private", "redirect_same", "echo_key"})
      kinds.emplace_back(kind);
    std::sort(kinds.begin(), kinds.end());
    return kinds;
  }();
  return kKinds;
}

void FaultPlan::plant(Fault fault) {
  if (std::find(fault_kinds().begin(), fault_kinds().end(), fault.kind) == fault_kinds().end())
    throw std::invalid_argument("no fault is called \"" + fault.kind + '"');
  const std::lock_guard lock(mutex_);
  faults_.push_back({std::move(fault), {}});
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
  for (auto& [fault, struck] : faults_) {
    if (fault.times == 0 || !is_about(path, fault.path_contains) || query.find(fault.query_contains) == std::string_view::npos) continue;
    if (fault.spares_files && path.starts_with("/files/")) continue;
    if (!fault.spares_path.empty() && is_about(path, fault.spares_path)) continue;
    if (fault.skip > 0) {
      --fault.skip;
      continue;
    }
    if (fault.probability < 1 && !random_.chance(fault.probability)) continue;
    if (fault.once_each && !struck.insert(std::string(path) + '?' + std::string(query)).second) continue;
    if (fault.times > 0) --fault.times;
    if (fault.kind == "new_field") ++fault.param;
    strikes_.push_back(fault.kind + ' ' + std::string(path) + (query.empty() ? "" : "?") + std::string(query));
    return fault;
  }
  return std::nullopt;
}

std::vector<std::string> FaultPlan::strikes() const {
  const std::lock_guard lock(mutex_);
  return strikes_;
}

namespace {

/// A redirect: the status is the fault's parameter.
std::optional<Answer> redirect(const Fault& fault, const Struck& struck) {
  std::string to;
  if (fault.kind == "redirect_same") to = struck.this_origin + std::string(struck.target);
  if (fault.kind == "redirect_other_host") to = struck.other_origin + "/elsewhere" + std::string(struck.target);
  if (fault.kind == "redirect_other_scheme")
    to = "https" + struck.this_origin.substr(struck.this_origin.find(':')) + std::string(struck.target);
  if (fault.kind == "redirect_private") to = "http://127.0.0.1:" + std::to_string(fault.param) + "/latest/meta-data/";
  if (to.empty()) return std::nullopt;
  Answer answer = plain(fault.kind != "redirect_private" && fault.param != 0 ? static_cast<int>(fault.param) : 302, "text/plain", "");
  answer.headers.emplace_back("Location", std::move(to));
  return answer;
}

/// A server that repeats the key that it was sent, in each way in which a key is written.
Answer echo(const Struck& struck) {
  const std::string pair = chimplift::from_base64(struck.authorization.substr(struck.authorization.find(' ') + 1)).value_or("");
  const std::string key = pair.substr(pair.find(':') + 1);
  return problem(418, "Key " + key, "Authorization: " + std::string(struck.authorization) + "; key=" + key + "; " + chimplift::base64(key));
}

}  // namespace

std::optional<Answer> fault_answer(const Fault& fault, const Struck& struck) {
  if (fault.kind == "echo_key") return echo(struck);
  if (auto elsewhere = redirect(fault, struck)) return elsewhere;
  if (const auto found = whole_answers().find(fault.kind); found != whole_answers().end()) return found->second(fault);
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
  if (fault.kind == "no_texts") body = R"({"plain_text":"","html":"","archive_html":"","_links":[]})";  // of a campaign's content
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
  if (fault.kind == "other_charset") answer.content_type = "application/json; charset=iso-8859-1";
  if (fault.kind == "old_date") answer.headers.emplace_back("Date", "Thu, 01 Jan 1970 00:00:00 GMT");
  if (fault.kind == "raw_nul") insert_member(body, std::string("\"odd_text\":\"a\0b\"", 16));
  if (fault.kind == "escaped_nul") insert_member(body, R"("odd_text":"a\u0000b")");
  if (fault.kind == "not_a_number") insert_member(body, R"("odd_number":NaN)");
  if (fault.kind == "deep_nesting") {
    const auto depth = static_cast<std::size_t>(fault.param > 0 ? fault.param : 100);
    insert_member(body, "\"odd_deep\":" + std::string(depth, '[') + std::string(depth, ']'));
  }
  if (fault.kind == "other_type" || fault.kind == "no_name") change_name(body, fault.kind == "no_name");
  break_off(fault, answer);
}

}  // namespace mailchimp_sim
