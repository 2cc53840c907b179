// See http_server.hpp. The only file that includes httplib.h, which is slow to compile.
#include "simulator/http_server.hpp"

#include <dirent.h>
#include <fmt/format.h>
#include <httplib.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>

namespace mailchimp_sim {

namespace {

int port_of(int (*ask)(int, sockaddr*, socklen_t*), int socket) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (ask(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0 || address.sin_family != AF_INET) return -1;
  return ntohs(address.sin_port);
}

/// Calls `use` with each socket of this process that belongs to the server at `port`, and its peer's port or -1. The library does not hand
/// out its sockets, so they are looked for among all files that the process has open.
template <typename Use>
void for_each_socket(int port, Use use) {
  DIR* open_files = opendir("/proc/self/fd");
  if (open_files == nullptr) return;
  while (const dirent* entry = readdir(open_files)) {
    const int number = std::atoi(entry->d_name);
    if (number <= 2 || port_of(getsockname, number) != port) continue;
    use(number, port_of(getpeername, number));
  }
  closedir(open_files);
}

template <typename Use>
void for_each_connection(int port, Use use) {
  for_each_socket(port, [&](int socket, int peer) {
    if (peer > 0) use(socket, peer);
  });
}

/// The library lets five connections wait to be accepted; a sixth that comes at the same moment would be held up for a second.
void widen_backlog(int port) {
  for_each_socket(port, [](int socket, int peer) {
    if (peer <= 0) listen(socket, 1024);
  });
}

int find_socket(int port, int peer_port) {
  int found = -1;
  for_each_connection(port, [&](int socket, int peer) {
    if (peer == peer_port) found = socket;
  });
  return found;
}

/// Ends the connection with RST: on Linux that is what dissolving its association does.
void reset_connection(int socket) {
  sockaddr nowhere{};
  nowhere.sa_family = AF_UNSPEC;
  static_cast<void>(connect(socket, &nowhere, sizeof nowhere));
}

bool send_all(int socket, std::string_view text) {
  while (!text.empty()) {
    const auto count = send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

void send_half(int socket, const Answer& answer) {
  const std::string head = fmt::format("HTTP/1.1 {} OK\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n", answer.status,
                                       answer.content_type, answer.body.size());
  send_all(socket, head + answer.body.substr(0, answer.body.size() / 2));
  shutdown(socket, SHUT_RDWR);
}

bool is_hung_up(int socket) {
  pollfd state{socket, POLLRDHUP, 0};
  return poll(&state, 1, 0) > 0 && (state.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

void send_raw(int socket, const Answer& answer, const std::atomic<bool>& stopping) {
  using std::chrono::steady_clock;
  bool is_there = send_all(socket, answer.body);
  const auto end = steady_clock::now() + std::chrono::milliseconds(answer.pause_ms);
  if (answer.ending == Answer::Ending::silence) {
    while (is_there && !stopping && steady_clock::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      is_there = !is_hung_up(socket);
    }
  }
  if (answer.ending == Answer::Ending::more) {
    const std::string line = answer.body.substr(answer.body.rfind('\n', answer.body.size() - 2) + 1);
    while (is_there && !stopping) is_there = send_all(socket, line);
  }
  if (answer.ending == Answer::Ending::reset) {
    reset_connection(socket);
  } else {
    shutdown(socket, SHUT_RDWR);
  }
}

void send_slowly(httplib::Response& response, Answer answer, std::shared_ptr<void> slot, const std::atomic<bool>& stopping) {
  const auto pause = std::chrono::milliseconds(answer.pause_ms);
  const std::string type = answer.content_type;
  const std::size_t size = answer.body.size();
  response.set_content_provider(size, type,
                                [body = std::move(answer.body), slot = std::move(slot), pause, &stopping](
                                    std::size_t offset, std::size_t length, httplib::DataSink& sink) mutable {
                                  const std::size_t piece = std::min(length, std::max<std::size_t>(1, body.size() / 8));
                                  std::this_thread::sleep_for(pause);
                                  if (stopping) return false;
                                  if (piece == length) slot.reset();  // the last piece: the client may ask again once it has it
                                  return sink.write(body.data() + offset, piece);
                                });
}

void send_endlessly(httplib::Response& response, const std::atomic<bool>& stopping) {
  response.set_chunked_content_provider("image/png", [&stopping](std::size_t, httplib::DataSink& sink) {
    static const std::string kPiece(65'536, 'e');
    return !stopping && sink.write(kPiece.data(), kPiece.size());
  });
}

}  // namespace

struct HttpServer::Inside {
  httplib::Server server;
  int port = 0;
  std::thread thread;
  std::atomic<bool> stopping{false};

  void answer(const httplib::Request& asked, httplib::Response& response, const Handler& handler) {
    const int peer = asked.remote_port;
    Request request{asked.method, asked.target, asked.get_header_value("Authorization"), {}};
    int socket = -1;
    request.is_client_gone = [this, peer, &socket] {
      if (socket < 0) socket = find_socket(port, peer);
      return socket < 0 || is_hung_up(socket);
    };
    HeldAnswer held = handler(request);
    Answer& answer = held.answer;
    response.status = answer.status;
    for (const auto& [name, value] : answer.headers) response.set_header(name, value);
    switch (answer.delivery) {
      case Answer::Delivery::reset:
        held.slot.reset();
        reset_connection(find_socket(port, peer));
        break;
      case Answer::Delivery::truncate:
        held.slot.reset();
        send_half(find_socket(port, peer), answer);
        break;
      case Answer::Delivery::raw:
        held.slot.reset();
        send_raw(find_socket(port, peer), answer, stopping);
        break;
      case Answer::Delivery::slow:
        send_slowly(response, std::move(answer), std::move(held.slot), stopping);
        break;
      case Answer::Delivery::endless:
        send_endlessly(response, stopping);
        break;
      case Answer::Delivery::whole:
        response.body = std::move(answer.body);
        response.set_header("Content-Type", answer.content_type);
        // The place is free before the last byte is out: else a client that is quick would be refused for its next request.
        break;
    }
  }
};

HttpServer::HttpServer(int port, int threads) : inside_(std::make_unique<Inside>()) {
  httplib::Server& server = inside_->server;
  server.new_task_queue = [threads] { return new httplib::ThreadPool(static_cast<std::size_t>(threads)); };
  // The library's own options would let two servers share a port, and each get some of what is asked.
  server.set_socket_options([](int socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  server.set_tcp_nodelay(true);
  server.set_keep_alive_max_count(1'000'000'000);
  server.set_keep_alive_timeout(60);
  if (port == 0) {
    inside_->port = server.bind_to_any_port("127.0.0.1");
  } else {
    inside_->port = server.bind_to_port("127.0.0.1", port) ? port : -1;
  }
  if (inside_->port <= 0) throw std::runtime_error(fmt::format("cannot listen on 127.0.0.1:{}: is another program there?", port));
}

HttpServer::~HttpServer() { stop(); }

int HttpServer::port() const { return inside_->port; }

void HttpServer::start(Handler handler, Control control) {
  httplib::Server& server = inside_->server;
  server.set_pre_routing_handler([this, handler = std::move(handler)](const httplib::Request& request, httplib::Response& response) {
    if (request.path.starts_with("/_sim/")) return httplib::Server::HandlerResponse::Unhandled;
    inside_->answer(request, response, handler);
    return httplib::Server::HandlerResponse::Handled;
  });
  const auto controlled = [control = std::move(control)](const httplib::Request& request, httplib::Response& response) {
    const std::string said = control(request.method, request.path, request.body);
    response.status = said.empty() ? 404 : 200;
    response.set_content(said, "application/json");
  };
  server.Get("/_sim/.*", controlled);
  server.Post("/_sim/.*", controlled);
  server.Delete("/_sim/.*", controlled);
  inside_->thread = std::thread([this] { inside_->server.listen_after_bind(); });
  while (!inside_->server.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  widen_backlog(inside_->port);
}

void HttpServer::stop() {
  if (!inside_->thread.joinable()) return;
  inside_->stopping = true;
  inside_->server.stop();
  // Connections that clients keep open would hold the library's threads until they time out.
  std::atomic<bool> ended{false};
  std::thread closer([&] {
    while (!ended) {
      for_each_connection(inside_->port, [](int socket, int) { shutdown(socket, SHUT_RDWR); });
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  });
  inside_->thread.join();
  ended = true;
  closer.join();
}

}  // namespace mailchimp_sim
