// See api.hpp.
#include "simulator/api.hpp"

#include <charconv>
#include <chrono>
#include <thread>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "simulator/json_text.hpp"

namespace mailchimp_sim {

namespace {

constexpr std::string_view kRoot = "/3.0";

/// The key of "Basic base64(any:key)" or "Bearer key".
std::string key_of(const std::string& authorization) {
  if (authorization.starts_with("Bearer ")) return authorization.substr(7);
  if (!authorization.starts_with("Basic ")) return "";
  const std::string pair = chimplift::from_base64(authorization.substr(6)).value_or("");
  const std::size_t colon = pair.find(':');
  return colon == std::string::npos ? "" : pair.substr(colon + 1);
}

/// One record as an answer, with its links and with the fields that were asked for.
std::string single_body(const std::string& record, const std::string& path, const Target& target) {
  const std::string links = "\"_links\":" + links_of(path) + '}';
  std::string body = record.substr(0, record.size() - 1) + (record.size() > 2 ? "," : "") + links;
  const auto only = comma_list(target.parameter("fields"));
  const auto without = left_out(target);
  if (only.empty() && without.size() == 1 && without[0] == "_links") return record;
  return only.empty() && without.empty() ? body : choose_fields(std::move(body), only, without);
}

}  // namespace

Api::Api(const World& world, const SimulatorOptions& options, std::string api_origin, std::string other_origin)
    : world_(world),
      options_(options),
      api_origin_(std::move(api_origin)),
      other_origin_(std::move(other_origin)),
      keys_(world),
      traffic_(world, options),
      faults_(options.seed),
      drift_(world) {}

void Api::wait(i64 milliseconds, const Request& request, bool even_if_gone) const {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
  constexpr auto kSlice = std::chrono::milliseconds(20);
  while (!hurried_) {
    const auto left = end - std::chrono::steady_clock::now();
    if (left <= std::chrono::nanoseconds(0)) return;
    if (milliseconds > 500 && !even_if_gone && request.is_client_gone && request.is_client_gone()) return;
    if (milliseconds <= 500) {
      std::this_thread::sleep_for(left);
    } else {
      std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(left, kSlice));
    }
  }
}

void Api::stall_if(const std::optional<Fault>& fault, const Request& request) const {
  if (!fault) return;
  if (fault->kind == "stall") wait(fault->param > 0 ? fault->param : 10'000, request);
  if (fault->kind == "stall_holding") wait(fault->param > 0 ? fault->param : 10'000, request, true);
}

HeldAnswer Api::handle(const Request& request) {
  const std::string_view target = request.target;
  if (target.starts_with("/files/")) return handle_file(request);
  if (target.starts_with("/elsewhere")) {
    if (!request.authorization.empty()) traffic_.count_key_on_other_host();
    Answer answer;
    answer.body = R"({"elsewhere":true})";
    return {answer};
  }
  if (!target.starts_with(kRoot)) return {not_found()};
  return handle_api(request, target.substr(kRoot.size()));
}

HeldAnswer Api::handle_api(const Request& request, std::string_view target) {
  const Account* account = keys_.account_of(key_of(request.authorization));
  if (account == nullptr) {
    traffic_.count_unknown_key();
    return {key_invalid()};
  }
  const i64 index = world_.index_of(*account);
  const Target parsed = parse_target(target);
  const std::string path = canonical_path(parsed.parts);
  const bool is_get = request.method == "GET";
  const bool within_limit = traffic_.enter(index, path, std::string(target), is_get);
  const std::shared_ptr<void> slot(nullptr, [this, index](void*) { traffic_.leave(index); });
  if (!within_limit) return {too_many_requests(), slot};
  if (options_.latency_ms > 0) wait(options_.latency_ms, request);
  if (!is_get) return {method_not_allowed(), slot};

  const std::size_t mark = target.find('?');
  const auto fault = faults_.strike(target.substr(0, mark), mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1));
  stall_if(fault, request);
  if (fault)
    if (auto answer = fault_answer(*fault, {request.target, request.authorization, api_origin_, other_origin_}))
      return {std::move(*answer), slot};
  Answer answer = answer_for(*account, request, parsed, path, fault ? fault_twist(*fault) : PageTwist{});
  if (fault && answer.status == 200) spoil(*fault, answer);
  return {std::move(answer), slot};
}

Answer Api::answer_for(const Account& account, const Request& request, const Target& target, const std::string& path,
                       const PageTwist& twist) {
  if (target.has("fields") && target.has("exclude_fields"))
    return problem(400, "Invalid Resource", "fields and exclude_fields are mutually exclusive.");
  const auto count = target.number("count", kDefaultCount);
  const auto offset = target.number("offset", 0);
  if (!count || !offset) return problem(400, "Invalid Resource", "count and offset must be whole numbers of 0 or more.");
  drift_.before(account, path, target);
  Answer answer;
  if (const auto collection = drift_.collection(account, path)) {
    if (collection->slow_above > 0 && *count > collection->slow_above) {
      wait(200, request);
      return network_page(504, "Gateway Time-out");
    }
    answer.body =
        pages_.render(*collection, target, std::min({*count, kMaximalCount, options_.most_rows > 0 ? options_.most_rows : kMaximalCount}),
                      *offset, twist);
    return answer;
  }
  const auto record = drift_.record(account, path);
  if (record == nullptr) return not_found();
  answer.body = single_body(*record, path, target);
  return answer;
}

HeldAnswer Api::handle_file(const Request& request) {
  i64 index = -1;
  std::from_chars(request.target.data() + 7, request.target.data() + request.target.size(), index);
  if (index < 0 || index >= static_cast<i64>(world_.accounts().size())) return {not_found()};
  traffic_.enter_file(index, !request.authorization.empty());
  const std::shared_ptr<void> slot(nullptr, [this, index](void*) { traffic_.leave_file(index); });
  if (options_.latency_ms > 0) wait(options_.latency_ms, request);
  if (request.method != "GET" && request.method != "HEAD") return {method_not_allowed(), slot};
  const auto fault = faults_.strike(request.target, "");
  stall_if(fault, request);
  if (fault)
    if (auto answer = fault_answer(*fault, {request.target, request.authorization, api_origin_, other_origin_}))
      return {std::move(*answer), slot};
  const Account& account = *world_.accounts()[static_cast<std::size_t>(index)];
  auto found = account.files.find(request.target);
  if (found == account.files.end()) found = account.files.find(std::string_view(request.target).substr(0, request.target.find('?')));
  if (found == account.files.end()) return {network_page(404, "Not Found"), slot};
  Answer answer;
  answer.content_type = found->second.content_type;
  answer.body = found->second.bytes;
  if (fault) spoil(*fault, answer);
  return {std::move(answer), slot};
}

}  // namespace mailchimp_sim
