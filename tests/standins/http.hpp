// A stand-in's side of HTTP: whole requests in, answers out, and the ways in which a connection can fail. Loopback only.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/raw_server.hpp"

namespace chimplift::standins {

struct Request {
  std::string method;
  std::string path;                            // as it came, still encoded
  std::string query;                           // as it came
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
  [[nodiscard]] std::string header(const std::string& name) const;
  [[nodiscard]] std::string parameter(const std::string& name) const;  // decoded; "" where it is missing
  [[nodiscard]] bool has_parameter(const std::string& name) const;
};

struct Answer {
  int status = 200;
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  bool is_head = false;  // the body is not sent, its length is
};

std::string decode(std::string_view text);  // %XX
std::string encode(std::string_view text);  // all but unreserved characters
std::vector<std::pair<std::string, std::string>> decode_query(std::string_view query);
std::string escape_xml(std::string_view text);
std::string http_date(long seconds);

/// What goes wrong with the next request that it fits.
struct Fault {
  enum class Kind { drop_before, drop_after, cut_answer, answer, slow } kind = Kind::answer;
  std::string method = {};  // "": any
  Answer answer = {};       // in place of the real one, which then does not happen
  int times = 1;
};

class Server {
 public:
  using Handler = std::function<Answer(const Request&)>;
  explicit Server(Handler handler);
  [[nodiscard]] std::string url(const std::string& path = "") const { return raw_.url(path); }
  [[nodiscard]] int port() const { return raw_.port(); }
  void add_fault(Fault fault);
  /// Is shown each request, from the thread that serves it, before faults that were added; says what goes wrong with it, if anything.
  void set_gate(std::function<std::optional<Fault>(const Request&)> gate);
  /// All requests so far.
  [[nodiscard]] std::vector<Request> requests() const;
  [[nodiscard]] int count(const std::string& method) const;

 private:
  bool serve(RawServer::Connection& connection, const std::string& head);
  std::optional<Fault> fault_for(const Request& request);

  Handler handler_;
  mutable std::mutex mutex_;
  std::vector<Request> requests_;
  std::deque<Fault> faults_;
  std::function<std::optional<Fault>(const Request&)> gate_;
  RawServer raw_;
};

}  // namespace chimplift::standins
