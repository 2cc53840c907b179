// The sockets: cpp-httplib behind an interface of three calls, and what it cannot do (resets, bodies that break off) by hand.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "simulator/api.hpp"

namespace mailchimp_sim {

class HttpServer {
 public:
  using Handler = std::function<HeldAnswer(const Request&)>;
  /// Requests to /_sim/…: method, path, body → JSON text; empty: 404.
  using Control = std::function<std::string(const std::string&, const std::string&, const std::string&)>;

  /// Binds 127.0.0.1. Throws std::runtime_error where the port cannot be had.
  HttpServer(int port, int threads);
  ~HttpServer();
  [[nodiscard]] int port() const;
  void start(Handler handler, Control control);
  void stop();

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace mailchimp_sim
