// The key goes only to a server whose certificate says that it is who we asked.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "net/certificates.hpp"
#include "net/fetch.hpp"
#include "support/temporary_folder.hpp"

namespace chimplift {
namespace {

class Tls : public testing::Test {
 protected:
  Tls() { write_pem(settings_.ca_file, authority_); }

  /// The answer of a server with that certificate.
  HttpResponse ask(const Identity& identity, const std::string& host = "localhost", bool trusts_authority = true) {
    const TlsContext context = server_context(identity);
    RawServer server([](RawServer::Connection& c, const std::string&) { return c.answer(200, "secret"); }, context.get());
    HttpRequest request = get(server.url("/", host));
    request.password = Secret("0123456789abcdef0123456789abcdef-us1");
    const HttpResponse response = fetch(request, trusts_authority ? settings_ : HttpSettings{});
    requests_ = server.heads().size();
    return response;
  }

  void expect_refused(const HttpResponse& response) const {
    EXPECT_EQ(response.error, TransportError::tls) << response.message;
    EXPECT_EQ(response.body, "");
    EXPECT_EQ(requests_, 0U) << "nothing was asked, so no key was sent";
  }

  TemporaryFolder folder_;
  HttpSettings settings_{"chimplift-test", (folder_ / "ca.pem").string()};
  Identity authority_ = make_identity("authority", "", 10, nullptr);
  std::size_t requests_ = 0;
};

TEST_F(Tls, ACertificateOfATrustedAuthorityIsAccepted) {
  const HttpResponse response = ask(make_identity("localhost", "DNS:localhost,IP:127.0.0.1", 10, &authority_));
  EXPECT_EQ(response.error, TransportError::none) << response.message;
  EXPECT_EQ(response.body, "secret");
  EXPECT_EQ(ask(make_identity("localhost", "DNS:localhost,IP:127.0.0.1", 10, &authority_), "127.0.0.1").body, "secret");
}

TEST_F(Tls, AnAuthorityThatNobodyTrustsIsRefused) {
  expect_refused(ask(make_identity("localhost", "DNS:localhost", 10, &authority_), "localhost", false));
}

TEST_F(Tls, AnotherHostsCertificateIsRefused) {
  expect_refused(ask(make_identity("other.example", "DNS:other.example", 10, &authority_)));
  expect_refused(ask(make_identity("localhost", "DNS:localhost", 10, &authority_), "127.0.0.1"));
}

TEST_F(Tls, AnExpiredCertificateIsRefused) { expect_refused(ask(make_identity("localhost", "DNS:localhost", -1, &authority_))); }

TEST_F(Tls, ASelfSignedCertificateIsRefused) { expect_refused(ask(make_identity("localhost", "DNS:localhost", 10, nullptr))); }

TEST_F(Tls, TooOldAProtocolIsRefused) {
  const Identity good = make_identity("localhost", "DNS:localhost", 10, &authority_);
  const TlsContext context = server_context(good);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), TLS1_1_VERSION);
  RawServer server([](RawServer::Connection& c, const std::string&) { return c.answer(200, "secret"); }, context.get());
  const HttpResponse response = fetch(get(server.url("/", "localhost")), settings_);
  EXPECT_EQ(response.error, TransportError::unreachable);  // no certificate was judged
  EXPECT_EQ(response.body, "");
}

// It says nothing against the server, and passes: whoever asks may ask again.
TEST_F(Tls, AServerThatHangsUpWithinTheHandshakeWasNotReached) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(listener, 1), 0);
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  for (const bool is_reset : {false, true}) {
    std::thread server([&] {
      const int connection = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
      char hello[4096];
      (void)recv(connection, hello, is_reset ? 1 : sizeof hello, 0);  // closed with bytes that nobody read, it is reset
      close(connection);
    });
    const HttpResponse response = fetch(get("https://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/"), settings_);
    EXPECT_EQ(response.error, TransportError::unreachable) << response.message;
    server.join();
  }
  close(listener);
}

TEST_F(Tls, AServerWithoutTlsIsRefused) {
  RawServer server([](RawServer::Connection& c, const std::string&) { return c.say("HTTP/1.1 400 X\r\n\r\n") && false; });
  HttpRequest request = get("https://127.0.0.1:" + std::to_string(server.port()) + "/");
  request.timeout_millis = 300;  // it waits for a request that never comes
  const HttpResponse response = fetch(request, settings_);
  EXPECT_NE(response.error, TransportError::none);
  EXPECT_EQ(response.body, "");
}

TEST_F(Tls, AnAuthorityFileThatIsNotThereIsRefused) {
  settings_.ca_file = (folder_ / "none.pem").string();
  expect_refused(ask(make_identity("localhost", "DNS:localhost", 10, &authority_)));
}

}  // namespace
}  // namespace chimplift
