// The plainest HTTP client there can be, over a socket: it must see just what went over the wire, resets and torn bodies too.
#pragma once

#include <netinet/in.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/hash.hpp"
#include "simulator/simulator.hpp"

namespace mailchimp_sim::testing {

struct Reply {
  int status = 0;  // 0: no answer at all
  std::string head = {};
  std::string body = {};
  bool reset = false;     // the connection ended with RST
  bool complete = false;  // as many bytes as Content-Length said
  [[nodiscard]] nlohmann::json json() const { return nlohmann::json::parse(body); }
  [[nodiscard]] std::string header(const std::string& name) const {
    const auto at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return "";
    const auto start = at + name.size() + 4;
    return head.substr(start, head.find("\r\n", start) - start);
  }
};

inline std::string basic(const std::string& key) { return "Basic " + chimplift::base64("anystring:" + key); }

inline Reply request(int port, const std::string& method, const std::string& target, const std::string& authorization,
                     const std::string& body = "", std::size_t stop_after = std::string::npos) {
  Reply reply;
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    close(socket);
    return reply;
  }
  std::string text = method + ' ' + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n";
  if (!authorization.empty()) text += "Authorization: " + authorization + "\r\n";
  if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  text += "\r\n" + body;
  send(socket, text.data(), text.size(), MSG_NOSIGNAL);
  std::string all;
  std::string buffer(1 << 16, '\0');
  while (all.size() < stop_after) {
    const auto count = recv(socket, buffer.data(), buffer.size(), 0);
    if (count < 0) reply.reset = errno == ECONNRESET;
    if (count <= 0) break;
    all.append(buffer, 0, static_cast<std::size_t>(count));
  }
  close(socket);
  const auto end = all.find("\r\n\r\n");
  if (end == std::string::npos) return reply;
  reply.head = all.substr(0, end + 2);
  reply.body = all.substr(end + 4);
  reply.status = std::atoi(reply.head.c_str() + 9);
  const std::string length = reply.header("Content-Length");
  reply.complete = !length.empty() && reply.body.size() == std::stoul(length);
  return reply;
}

/// A running simulator, and requests with the first account's key.
class Running {
 public:
  explicit Running(SimulatorOptions options = small()) : simulator(options) { simulator.start(); }
  /// Small enough that each test may have its own.
  static SimulatorOptions small() {
    SimulatorOptions options;
    options.scale = 0.1;
    return options;
  }
  [[nodiscard]] Reply get(const std::string& path, std::size_t account = 0) const {
    return request(simulator.port(), "GET", "/3.0" + path, basic(simulator.accounts()[account].key));
  }
  /// The records of a page, as a value that a loop may go over.
  [[nodiscard]] nlohmann::json rows(const std::string& path, const std::string& key) const { return get(path).json().at(key); }
  [[nodiscard]] std::string list_id(std::size_t at = 0) const { return get("/lists").json().at("lists").at(at).at("id"); }
  [[nodiscard]] const Account& account() const { return *simulator.world().accounts()[0]; }

  Simulator simulator;
};

}  // namespace mailchimp_sim::testing
