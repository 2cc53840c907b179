#include "standins/snowflake_server.hpp"

#include <httplib.h>
#include <nlohmann/json.hpp>
#include <zlib.h>

#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

#include "base/hash.hpp"
#include "standins/snowflake_token.hpp"

namespace snowflake_standin {
namespace {

using nlohmann::json;

struct Answer {
  int status = 200;
  json body;
  bool gzip = false;
};

/// One statement that was submitted.
struct Submitted {
  std::string request_id;
  std::string sql;
  std::vector<std::string> binds;
  std::optional<int> count;
  Session session;
  Asked asked;
  int polls_left = 0;
  bool is_done = false;
  bool is_cancelled = false;
  std::optional<SqlError> error;
  std::vector<Rows> results;
  std::vector<std::string> handles;  // of several statements
};

std::string uuid() {
  const std::string hex = chimplift::random_id();
  return "01" + hex.substr(2, 6) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" + hex.substr(20);
}

bool is_uuid4(const std::string& text) {
  if (text.size() != 36 || text[14] != '4' || std::string("89ab").find(text[19]) == std::string::npos) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_dash != (text[i] == '-') || (!is_dash && std::isxdigit(static_cast<unsigned char>(text[i])) == 0)) return false;
  }
  return true;
}

std::string gzipped(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));  // zlib does not write to it
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

json cells_of(const Rows& rows, std::size_t from, std::size_t to) {
  json data = json::array();
  for (std::size_t i = from; i < std::min(to, rows.rows.size()); ++i) {
    json row = json::array();
    for (const auto& cell : rows.rows[i]) row.push_back(cell ? json(*cell) : json(nullptr));
    data.push_back(std::move(row));
  }
  return data;
}

}  // namespace

struct Server::Inside {
  httplib::Server http;
  std::thread thread;
  int port = 0;
  mutable std::mutex mutex;
  Gate gate;
  std::map<std::string, std::shared_ptr<Submitted>> by_handle;
  std::map<std::string, std::string> by_request;  // request id: handle
  int requests = 0;
  int cancelled = 0;
  std::vector<std::string> breaches;

  Answer refuse(int status, const std::string& code, const std::string& message) {
    if (status != 401) breaches.push_back(std::to_string(status) + " " + message);
    return {status, {{"code", code}, {"message", message}}, false};
  }

  static Answer running(const std::string& handle, int status) {
    return {status,
            {{"code", "333334"},
             {"message", "Asynchronous execution in progress. Use provided query id to perform query monitoring and management."},
             {"statementHandle", handle},
             {"statementStatusUrl", "/api/v2/statements/" + handle}},
            false};
  }

  static Answer outcome(const std::string& handle, const Submitted& submitted, std::size_t partition, std::size_t rows_per_partition) {
    if (submitted.is_cancelled) {
      return {422, {{"code", "000604"}, {"sqlState", "57014"}, {"message", "SQL execution canceled"}, {"statementHandle", handle}}, false};
    }
    if (submitted.error) {
      return {422,
              {{"code", submitted.error->code},
               {"sqlState", submitted.error->sql_state},
               {"message", submitted.error->what()},
               {"statementHandle", handle}},
              false};
    }
    const bool is_many = submitted.results.size() > 1;
    const Rows rows =
        is_many ? Rows{{"multiple statement execution"}, {{"Multiple statements executed successfully."}}} : submitted.results[0];
    if (partition > 0) {
      return {200, {{"data", cells_of(rows, partition * rows_per_partition, (partition + 1) * rows_per_partition)}}, true};
    }
    json types = json::array();
    for (const std::string& column : rows.columns) types.push_back({{"name", column}, {"type", "text"}, {"nullable", true}});
    json partitions = json::array();
    for (std::size_t from = 0; from == 0 || from < rows.rows.size(); from += rows_per_partition) {
      partitions.push_back({{"rowCount", std::min(rows_per_partition, rows.rows.size() - from)}, {"uncompressedSize", 1}});
    }
    json body = {
        {"code", "090001"},
        {"sqlState", "00000"},
        {"message", "Statement executed successfully."},
        {"statementHandle", handle},
        {"createdOn", 1597090533987},
        {"statementStatusUrl", "/api/v2/statements/" + handle},
        {"resultSetMetaData", {{"numRows", rows.rows.size()}, {"format", "jsonv2"}, {"rowType", types}, {"partitionInfo", partitions}}},
        {"data", cells_of(rows, 0, rows_per_partition)}};
    if (is_many) body["statementHandles"] = submitted.handles;
    return {200, body, false};
  }
};

Server::Server() : inside_(std::make_unique<Inside>()) {}

Server::~Server() { stop(); }

void Server::add_user(const std::string& account, const std::string& user, const std::string& public_pem) {
  const std::lock_guard lock(inside_->mutex);
  inside_->gate.add_user(account, user, public_pem);
}

void Server::add_token(const std::string& type, const std::string& token, const std::string& user) {
  const std::lock_guard lock(inside_->mutex);
  inside_->gate.add_token(type, token, user);
}

std::string Server::url() const { return "http://127.0.0.1:" + std::to_string(inside_->port); }

int Server::requests() const {
  const std::lock_guard lock(inside_->mutex);
  return inside_->requests;
}
int Server::cancelled() const {
  const std::lock_guard lock(inside_->mutex);
  return inside_->cancelled;
}
int Server::tokens() const {
  const std::lock_guard lock(inside_->mutex);
  return inside_->gate.seen();
}
std::vector<std::string> Server::breaches() const {
  const std::lock_guard lock(inside_->mutex);
  return inside_->breaches;
}

void Server::stop() {
  inside_->http.stop();
  if (inside_->thread.joinable()) inside_->thread.join();
}

void Server::run_what_waits() {
  const std::lock_guard lock(inside_->mutex);
  for (auto& [handle, submitted] : inside_->by_handle) {
    if (submitted->is_done) continue;
    submitted->is_done = true;
    try {
      submitted->results = engine_.run(submitted->sql, submitted->binds, submitted->count, submitted->session);
    } catch (const SqlError& error) {
      submitted->error = error;
    }
  }
}

void Server::start(int port) {
  Inside& in = *inside_;
  const auto execute = [this](Submitted& submitted) {
    submitted.is_done = true;
    try {
      submitted.results = engine_.run(submitted.sql, submitted.binds, submitted.count, submitted.session);
    } catch (const SqlError& error) {
      submitted.error = error;
    }
    if (const auto tell = executed.get()) tell(submitted.asked);
  };
  const auto describe = [this, &in, execute](const std::string& handle, Submitted& submitted, bool may_wait) {
    if (!submitted.is_done && submitted.polls_left > 0) {
      --submitted.polls_left;
      return Inside::running(handle, may_wait && says_429_while_running ? 429 : 202);
    }
    if (!submitted.is_done) execute(submitted);
    if (submitted.results.size() > 1 && submitted.handles.empty()) {
      for (const Rows& rows : submitted.results) {
        auto one = std::make_shared<Submitted>();
        one->is_done = true;
        one->results = {rows};
        submitted.handles.push_back(uuid());
        in.by_handle[submitted.handles.back()] = one;
      }
    }
    return Inside::outcome(handle, submitted, 0, rows_per_partition);
  };
  const auto submit = [this, &in, describe](const httplib::Request& request, Asked asked, const std::string& user) -> Answer {
    if (request.get_header_value("Content-Type").find("application/json") != 0) return in.refuse(415, "390301", "not application/json");
    const json body = json::parse(request.body, nullptr, false);
    if (!body.is_object()) return in.refuse(400, "391902", "The request body is not a JSON object.");
    static const std::set<std::string> kFields{"statement", "timeout", "database", "schema", "warehouse", "role", "bindings", "parameters"};
    static const std::set<std::string> kParameters{"TIMEZONE", "QUERY_TAG", "MULTI_STATEMENT_COUNT", "BINARY_OUTPUT_FORMAT"};
    auto submitted = std::make_shared<Submitted>();
    for (const auto& [name, value] : body.items()) {
      if (!kFields.contains(name)) return in.refuse(400, "391903", "unknown field " + name);
    }
    if (!body.contains("statement") || !body["statement"].is_string()) return in.refuse(400, "391904", "no statement");
    if (!body.contains("timeout") || !body["timeout"].is_number_unsigned()) return in.refuse(400, "391905", "no timeout");
    submitted->sql = body["statement"];
    if (submitted->sql.size() > 1'000'000) return in.refuse(400, "391906", "the statement is too long");
    const json parameters = body.value("parameters", json::object());
    for (const auto& [name, value] : parameters.items()) {
      if (!kParameters.contains(name) || !value.is_string()) return in.refuse(400, "391907", "unknown parameter " + name);
      if (name == "MULTI_STATEMENT_COUNT") submitted->count = std::stoi(value.get<std::string>());
    }
    if (parameters.value("TIMEZONE", "") != "UTC") return in.refuse(400, "391908", "times depend on the account");
    const json bindings = body.value("bindings", json::object());
    for (std::size_t i = 1; i <= bindings.size(); ++i) {
      const json one = bindings.value(std::to_string(i), json());
      if (!one.is_object() || one.size() != 2 || one.value("type", "") != "TEXT" || !one["value"].is_string()) {
        return in.refuse(400, "391909", "bindings are not texts numbered from 1");
      }
      submitted->binds.push_back(one["value"]);
    }
    submitted->request_id = request.get_param_value("requestId");
    if (!is_uuid4(submitted->request_id)) return in.refuse(400, "391910", "requestId is no UUID");
    if (request.get_param_value("nullable") != "true") return in.refuse(400, "391911", "NULL would come as the text null");
    submitted->session = {user, body.value("role", ""), body.value("warehouse", "")};
    submitted->asked = std::move(asked);
    const bool is_async = request.get_param_value("async") == "true";
    const auto before = in.by_request.find(submitted->request_id);
    if (before != in.by_request.end() && submitted->asked.is_retry && !forgets_requests) {
      Submitted& earlier = *in.by_handle.at(before->second);
      if (earlier.sql != submitted->sql) return in.refuse(400, "391912", "the same requestId for another statement");
      // "does not execute the statement again if it has already been executed successfully"
      if (!earlier.error && !earlier.is_cancelled) return describe(before->second, earlier, false);
    }
    if (before != in.by_request.end() && !submitted->asked.is_retry) in.breaches.push_back("a request was sent again without retry=true");
    const std::string handle = uuid();
    in.by_handle[handle] = submitted;
    in.by_request[submitted->request_id] = handle;
    submitted->polls_left = is_async ? polls : 0;
    return describe(handle, *submitted, false);
  };
  const auto handle_request = [this, &in, submit, describe](const httplib::Request& request, httplib::Response& response) {
    const auto cut = [&response] {
      response.set_content_provider(100, "application/json", [](std::size_t, std::size_t, httplib::DataSink&) { return false; });
    };
    const bool is_submission = request.method == "POST" && request.path == "/api/v2/statements";
    Asked asked{request.method, request.target, {}, 0, request.get_param_value("retry") == "true"};
    {
      const std::lock_guard lock(in.mutex);
      asked.number = ++in.requests;
    }
    if (is_submission) {
      const json body = json::parse(request.body, nullptr, false);
      if (body.is_object()) asked.sql = body.value("statement", "");
    }
    const auto decide = fault.get();
    const Fault fate = decide ? decide(asked) : Fault::none;
    if (fate == Fault::cut_before) return cut();
    const std::lock_guard lock(in.mutex);
    const auto answer = [&]() -> Answer {
      if (fate == Fault::too_many) return {429, {{"code", "390505"}, {"message", "Too many requests."}}, false};
      if (fate == Fault::unavailable) return {503, {{"code", "390503"}, {"message", "Service unavailable."}}, false};
      if (fate == Fault::unauthorized) return in.refuse(401, "390318", "JWT token has expired.");
      if (fate == Fault::forbidden) return {403, {{"code", "390422"}, {"message", "IP/Token is not allowed to access Snowflake."}}, false};
      if (fate == Fault::timed_out) {
        return {
            408,
            {{"code", "000630"}, {"sqlState", "57014"}, {"message", "Statement reached its timeout of 7200 second(s) and was canceled."}},
            false};
      }
      std::string user;
      const std::string wrong =
          in.gate.check(request.get_header_value("X-Snowflake-Authorization-Token-Type"), request.get_header_value("Authorization"), user);
      if (!wrong.empty()) return in.refuse(401, "390144", "JWT token is invalid: " + wrong);
      if (request.get_header_value("User-Agent").find('/') == std::string::npos) return in.refuse(400, "390302", "no User-Agent");
      if (request.get_header_value("Accept") != "application/json") return in.refuse(400, "390303", "Accept is not application/json");
      if (is_submission) return submit(request, asked, user);
      std::string handle = request.path.substr(std::string("/api/v2/statements/").size());
      const bool is_cancel = request.method == "POST" && handle.ends_with("/cancel");
      if (is_cancel) handle.resize(handle.size() - 7);
      const auto found = in.by_handle.find(handle);
      if (found == in.by_handle.end()) return in.refuse(404, "391913", "no such statement");
      Submitted& submitted = *found->second;
      if (is_cancel) {
        ++in.cancelled;
        if (submitted.is_done)
          return {422, {{"code", "000605"}, {"message", "Identified SQL statement is not currently executing."}}, false};
        submitted.is_done = submitted.is_cancelled = true;
        return {200, {{"code", "000604"}, {"message", "successfully canceled"}, {"statementHandle", handle}}, false};
      }
      if (request.method != "GET") return in.refuse(405, "391914", "neither GET nor POST");
      if (request.has_param("nullable")) return in.refuse(400, "391915", "nullable is no parameter of GET");
      const Answer first = describe(handle, submitted, true);
      if (first.status != 200 || !request.has_param("partition")) return first;
      return Inside::outcome(handle, submitted, static_cast<std::size_t>(std::stoi(request.get_param_value("partition"))),
                             rows_per_partition);
    }();
    if (fate == Fault::cut_after) return cut();
    if (fate == Fault::not_found) {
      response.status = 404;
      response.set_content("<html>404 Not Found</html>", "text/html");
      return;
    }
    if (fate == Fault::gateway) {
      response.status = 504;
      response.set_content("<html>gateway time-out</html>", "text/html");
      return;
    }
    if (fate == Fault::page) {
      response.set_content("<html>Welcome to our network</html>", "text/html");
      return;
    }
    if (fate == Fault::too_large && answer.status == 200) {
      response.set_content(R"({"code": "391908", "message": "The result set size exceeded the limit."})", "application/json");
      return;
    }
    response.status = answer.status;
    json body = answer.body;
    if (fate == Fault::short_result && body.contains("data") && !body["data"].empty()) body["data"].erase(body["data"].size() - 1);
    const std::string text = body.dump(-1, ' ', false, json::error_handler_t::replace);
    if (!answer.gzip) {
      response.set_content(text, "application/json");
      return;
    }
    // Whether it was asked for or not.
    response.set_header("Content-Encoding", "gzip");
    const std::string packed = gzipped(text);
    response.set_content_provider(
        packed.size(), "application/json",
        [packed](std::size_t offset, std::size_t size, httplib::DataSink& sink) { return sink.write(packed.data() + offset, size); });
  };
  in.http.set_tcp_nodelay(true);
  in.http.set_keep_alive_max_count(100'000);
  in.http.set_payload_max_length(16'000'000);
  in.http.Get("/api/v2/statements/.+", handle_request);
  in.http.Post("/api/v2/statements.*", handle_request);
  in.port = port == 0 ? in.http.bind_to_any_port("127.0.0.1") : (in.http.bind_to_port("127.0.0.1", port) ? port : -1);
  if (in.port <= 0) throw std::runtime_error("the stand-in for Snowflake cannot listen");
  in.thread = std::thread([&in] { in.http.listen_after_bind(); });
  while (!in.http.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));  // before that, stop() would not stop it
}

}  // namespace snowflake_standin
