// A server that says byte for byte what a test wants it to say: whole answers, broken ones, endless ones; over TLS too.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace chimplift {

class RawServer {
 public:
  /// One connection, after its request's head was read.
  class Connection {
   public:
    Connection(int socket, SSL* tls, std::string& buffer) : socket_(socket), tls_(tls), buffer_(&buffer) {}
    /// So much of the request's body; less where the other side stopped before.
    std::string take(std::size_t size) {
      while (buffer_->size() < size) {
        char piece[65536];
        const auto got = tls_ != nullptr ? SSL_read(tls_, piece, sizeof piece) : static_cast<int>(recv(socket_, piece, sizeof piece, 0));
        if (got <= 0) break;
        buffer_->append(piece, static_cast<std::size_t>(got));
      }
      std::string body = buffer_->substr(0, size);
      buffer_->erase(0, body.size());
      return body;
    }
    /// False where the other side has gone, or the server is to end.
    bool say(std::string_view bytes) {
      while (!bytes.empty()) {
        const auto sent = tls_ != nullptr ? SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()))
                                          : static_cast<int>(send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
      }
      return true;
    }
    /// A whole answer, behind which the connection stays open.
    bool answer(int status, std::string_view body, const std::string& headers = "") {
      return say("HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + headers + "\r\n" +
                 std::string(body));
    }
    /// Ends the connection with a reset.
    void reset() {
      const linger now{1, 0};
      setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    /// Waits until the other side hangs up.
    void hold() {
      char one = 0;
      while (recv(socket_, &one, 1, 0) > 0) {
      }
    }

   private:
    int socket_;
    SSL* tls_;
    std::string* buffer_;
  };

  /// Handles a request given by its head; the connection ends where it returns false.
  using Handler = std::function<bool(Connection&, const std::string& head)>;

  explicit RawServer(Handler handler, SSL_CTX* tls = nullptr, int family = AF_INET) : handler_(std::move(handler)), tls_(tls) {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
    listener_ = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_storage address{};
    socklen_t size = sizeof(sockaddr_in);
    if (family == AF_INET) {
      auto& v4 = reinterpret_cast<sockaddr_in&>(address);
      v4.sin_family = AF_INET;
      v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    } else {
      auto& v6 = reinterpret_cast<sockaddr_in6&>(address);
      v6.sin6_family = AF_INET6;
      v6.sin6_addr = in6addr_loopback;
      size = sizeof(sockaddr_in6);
    }
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 64) != 0)
      throw std::runtime_error("no port");
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(reinterpret_cast<sockaddr_in&>(address).sin_port);  // at the same place in both families
    acceptor_ = std::thread([this] { accept_all(); });
  }
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;
  ~RawServer() {
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    {
      std::unique_lock lock(mutex_);
      for (const int open : open_) shutdown(open, SHUT_RDWR);
      all_ended_.wait(lock, [this] { return open_.empty(); });
    }
    for (const int ended : ended_) close(ended);
    close(listener_);
  }

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string url(const std::string& path, const std::string& host = "127.0.0.1") const {
    return (tls_ != nullptr ? "https://" : "http://") + host + ":" + std::to_string(port_) + path;
  }
  [[nodiscard]] std::vector<std::string> heads() const {
    const std::lock_guard lock(mutex_);
    return heads_;
  }
  [[nodiscard]] int connections() const {
    const std::lock_guard lock(mutex_);
    return connections_;
  }
  [[nodiscard]] int most_at_once() const { return most_at_once_; }

 private:
  void accept_all() {
    while (true) {
      const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) return;
      const std::lock_guard lock(mutex_);
      open_.insert(connection);
      ++connections_;
      std::thread([this, connection] { serve(connection); }).detach();
    }
  }

  void serve(int connection) {
    SSL* tls = nullptr;
    if (tls_ != nullptr) {
      tls = SSL_new(tls_);
      SSL_set_fd(tls, connection);
    }
    if (tls == nullptr || SSL_accept(tls) == 1) serve_requests(connection, tls);
    if (tls != nullptr) SSL_free(tls);
    const std::lock_guard lock(mutex_);
    shutdown_or_reset(connection);
    // Closed some time later: closing at once what has bytes that nobody read would send a reset.
    ended_.push_back(connection);
    open_.erase(connection);
    for (; ended_.size() > kMostEnded; ended_.pop_front()) close(ended_.front());
    all_ended_.notify_all();
  }

  void serve_requests(int socket, SSL* tls) {
    std::string buffer;
    Connection connection(socket, tls, buffer);
    while (true) {
      std::size_t end = buffer.find("\r\n\r\n");
      while (end == std::string::npos) {
        char piece[4096];
        const auto got = tls != nullptr ? SSL_read(tls, piece, sizeof piece) : static_cast<int>(recv(socket, piece, sizeof piece, 0));
        if (got <= 0) return;
        buffer.append(piece, static_cast<std::size_t>(got));
        end = buffer.find("\r\n\r\n");
      }
      const std::string head = buffer.substr(0, end + 2);
      buffer.erase(0, end + 4);
      const int now = ++at_once_;
      for (int most = most_at_once_; now > most && !most_at_once_.compare_exchange_weak(most, now);) {
      }
      {
        const std::lock_guard lock(mutex_);
        heads_.push_back(head);
      }
      const bool goes_on = handler_(connection, head);
      --at_once_;
      if (!goes_on) return;
    }
  }

  /// With SO_LINGER set by reset(), only closing sends the reset; a copy of the number keeps the place.
  static void shutdown_or_reset(int connection) {
    linger set{};
    socklen_t size = sizeof set;
    getsockopt(connection, SOL_SOCKET, SO_LINGER, &set, &size);
    if (set.l_onoff == 0) {
      shutdown(connection, SHUT_RDWR);
      return;
    }
    const int placeholder = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    dup3(placeholder, connection, O_CLOEXEC);
    close(placeholder);
  }

  Handler handler_;
  SSL_CTX* tls_;
  int listener_ = -1;
  int port_ = 0;
  std::thread acceptor_;
  mutable std::mutex mutex_;
  static constexpr std::size_t kMostEnded = 100;
  int connections_ = 0;
  std::set<int> open_;     // a thread of its own is at work on each
  std::deque<int> ended_;  // shut down, and not closed yet
  std::condition_variable all_ended_;
  std::vector<std::string> heads_;
  std::atomic<int> at_once_ = 0;
  std::atomic<int> most_at_once_ = 0;
};

}  // namespace chimplift
