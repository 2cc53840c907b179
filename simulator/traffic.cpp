// See traffic.hpp.
#include "simulator/traffic.hpp"

#include <algorithm>

namespace mailchimp_sim {

i64 Stats::requests() const {
  i64 sum = 0;
  for (const AccountStats& account : accounts) sum += account.requests;
  return sum;
}

Traffic::Traffic(const World& world, const SimulatorOptions& options) : options_(options), lines_(world.accounts().size()) {
  for (std::size_t i = 0; i < lines_.size(); ++i) lines_[i].stats.account_name = world.accounts()[i]->name;
}

void Traffic::Line::pass_time() {
  const auto now = Clock::now();
  if (in_flight > 0) {
    const double seconds = std::chrono::duration<double>(now - since).count();
    busy_seconds += seconds;
    request_seconds += seconds * static_cast<double>(in_flight);
  }
  since = now;
}

bool Traffic::enter(i64 account, const std::string& path, const std::string& target, bool is_get) {
  const std::lock_guard lock(mutex_);
  Line& line = lines_[static_cast<std::size_t>(account)];
  line.pass_time();
  ++line.in_flight;
  ++line.stats.requests;
  ++line.stats.by_path[path];
  if (!is_get) ++line.stats.non_get_requests;
  if (options_.record_requests) line.stats.request_log.push_back(target);
  line.stats.max_in_flight = std::max(line.stats.max_in_flight, line.in_flight);
  line.stats.max_together = std::max(line.stats.max_together, line.in_flight + line.files_in_flight);
  if (line.in_flight <= options_.limit) return true;
  ++line.stats.beyond_limit;
  return false;
}

void Traffic::leave(i64 account) {
  const std::lock_guard lock(mutex_);
  Line& line = lines_[static_cast<std::size_t>(account)];
  line.pass_time();
  --line.in_flight;
}

void Traffic::enter_file(i64 account, bool with_key) {
  const std::lock_guard lock(mutex_);
  common_.file_requests_with_key += with_key ? 1 : 0;
  Line& line = lines_[static_cast<std::size_t>(account)];
  ++line.stats.file_requests;
  line.stats.max_files_in_flight = std::max(line.stats.max_files_in_flight, ++line.files_in_flight);
  line.stats.max_together = std::max(line.stats.max_together, line.in_flight + line.files_in_flight);
}

void Traffic::leave_file(i64 account) {
  const std::lock_guard lock(mutex_);
  --lines_[static_cast<std::size_t>(account)].files_in_flight;
}

void Traffic::count_unknown_key() {
  const std::lock_guard lock(mutex_);
  ++common_.unknown_key_requests;
}

void Traffic::count_key_on_other_host() {
  const std::lock_guard lock(mutex_);
  ++common_.other_host_requests_with_key;
}

Stats Traffic::stats() const {
  const std::lock_guard lock(mutex_);
  Stats all = common_;
  for (const Line& line : lines_) {
    AccountStats account = line.stats;
    account.mean_in_flight = line.busy_seconds == 0 ? 0 : line.request_seconds / line.busy_seconds;
    all.accounts.push_back(std::move(account));
  }
  return all;
}

void Traffic::reset() {
  const std::lock_guard lock(mutex_);
  common_ = {};
  for (Line& line : lines_) {
    AccountStats fresh;
    fresh.account_name = line.stats.account_name;
    line.stats = std::move(fresh);
    line.busy_seconds = line.request_seconds = 0;
  }
}

}  // namespace mailchimp_sim
