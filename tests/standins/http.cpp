#include "standins/http.hpp"

#include <fmt/format.h>

#include <chrono>
#include <ctime>
#include <optional>

#include "base/text.hpp"

namespace chimplift::standins {
namespace {

Request parse(const std::string& head) {
  Request request;
  const std::vector<std::string> lines = split(head, '\n');
  const std::vector<std::string> words = split(trim(lines.at(0)), ' ');
  request.method = words.at(0);
  const std::string target = words.at(1);
  request.path = target.substr(0, target.find('?'));
  if (request.path.size() < target.size()) request.query = target.substr(request.path.size() + 1);
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::size_t colon = lines[i].find(':');
    if (colon == std::string::npos) continue;
    const std::string name = to_lower(lines[i].substr(0, colon));
    const std::string value(trim(std::string_view(lines[i]).substr(colon + 1)));
    const auto [place, is_first] = request.headers.emplace(name, value);
    if (!is_first) place->second += "," + value;
  }
  return request;
}

std::string on_the_wire(const Answer& answer) {
  std::string text = fmt::format("HTTP/1.1 {} X\r\nDate: {}\r\n", answer.status, http_date(std::time(nullptr)));
  bool has_date = false;
  for (const auto& [name, value] : answer.headers) has_date = has_date || to_lower(name) == "date";
  if (has_date) text = fmt::format("HTTP/1.1 {} X\r\n", answer.status);
  for (const auto& [name, value] : answer.headers) text += name + ": " + value + "\r\n";
  if (answer.status != 204 && answer.status != 304) text += fmt::format("Content-Length: {}\r\n", answer.body.size());
  return text + "\r\n" + (answer.is_head ? "" : answer.body);
}

}  // namespace

std::string decode(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      plain += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

std::string encode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("-._~").find(c) != std::string_view::npos) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

std::vector<std::pair<std::string, std::string>> decode_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const std::string& part : split(query, '&')) {
    const std::size_t equals = part.find('=');
    pairs.emplace_back(decode(part.substr(0, equals)), equals == std::string::npos ? "" : decode(part.substr(equals + 1)));
  }
  return pairs;
}

std::string escape_xml(std::string_view text) {
  std::string escaped;
  for (const char c : text) escaped += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
  return escaped;
}

std::string http_date(long seconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[64];
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text;
}

std::string Request::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

bool Request::has_parameter(const std::string& name) const {
  for (const auto& [key, value] : decode_query(query)) {
    if (key == name) return true;
  }
  return false;
}

std::string Request::parameter(const std::string& name) const {
  for (const auto& [key, value] : decode_query(query)) {
    if (key == name) return value;
  }
  return "";
}

Server::Server(Handler handler)
    : handler_(std::move(handler)),
      raw_([this](RawServer::Connection& connection, const std::string& head) { return serve(connection, head); }) {}

void Server::add_fault(Fault fault) {
  const std::lock_guard lock(mutex_);
  faults_.push_back(std::move(fault));
}

void Server::set_gate(std::function<std::optional<Fault>(const Request&)> gate) {
  const std::lock_guard lock(mutex_);
  gate_ = std::move(gate);
}

std::vector<Request> Server::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

int Server::count(const std::string& method) const {
  int found = 0;
  for (const Request& request : requests()) found += request.method == method ? 1 : 0;
  return found;
}

std::optional<Fault> Server::fault_for(const Request& request) {
  const std::lock_guard lock(mutex_);
  requests_.push_back(request);
  requests_.back().body.clear();
  if (gate_) {
    if (std::optional<Fault> fault = gate_(request)) return fault;
  }
  for (auto fault = faults_.begin(); fault != faults_.end(); ++fault) {
    if (!fault->method.empty() && fault->method != request.method) continue;
    const Fault found = *fault;
    if (--fault->times == 0) faults_.erase(fault);
    return found;
  }
  return std::nullopt;
}

bool Server::serve(RawServer::Connection& connection, const std::string& head) {
  Request request = parse(head);
  if (to_lower(request.header("expect")) == "100-continue") connection.say("HTTP/1.1 100 Continue\r\n\r\n");
  const std::string length = request.header("content-length");
  const std::size_t size = length.empty() ? 0 : std::stoul(length);
  request.body = connection.take(size);
  if (request.body.size() < size) return false;
  const std::optional<Fault> fault = fault_for(request);
  if (fault && fault->kind == Fault::Kind::drop_before) return connection.reset(), false;
  if (fault && fault->kind == Fault::Kind::slow) std::this_thread::sleep_for(std::chrono::milliseconds(300));
  Answer answer = fault && fault->kind == Fault::Kind::answer ? fault->answer : handler_(request);
  answer.is_head = request.method == "HEAD";
  if (fault && fault->kind == Fault::Kind::drop_after) return connection.reset(), false;
  const std::string text = on_the_wire(answer);
  if (fault && fault->kind == Fault::Kind::cut_answer)
    return connection.say(text.substr(0, text.size() - answer.body.size() / 2 - 1)), false;
  return connection.say(text);
}

}  // namespace chimplift::standins
