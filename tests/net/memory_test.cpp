// Memory that is lacking while a request is made: it fails, or it goes out whole. None goes out without its headers, and none is taken for
// one whose address is wrong.
#include <curl/curl.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <new>

#include "net/call.hpp"
#include "net/fetch.hpp"

namespace chimplift {
namespace {

// Of this thread: libcurl's allocations until one fails; below zero: none does.
thread_local long left = -1;
thread_local bool was_hit = false;

bool fails() {
  if (left < 0 || left-- > 0) return false;
  was_hit = true;
  return true;
}

void* take_memory(std::size_t size) { return fails() ? nullptr : std::malloc(size); }
void give_back(void* memory) { std::free(memory); }
void* resize_memory(void* memory, std::size_t size) { return fails() ? nullptr : std::realloc(memory, size); }
void* take_zeroes(std::size_t count, std::size_t size) { return fails() ? nullptr : std::calloc(count, size); }
char* copy_text(const char* text) { return fails() ? nullptr : ::strdup(text); }

/// libcurl takes these functions from the first who begins to use it: false where that was another test.
bool has_our_memory() {
  static const bool has = [] {
    if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, take_memory, give_back, resize_memory, copy_text, take_zeroes) != CURLE_OK) return false;
    left = 0;
    was_hit = false;
    curl_slist* list = curl_slist_append(nullptr, "x");
    left = -1;
    curl_slist_free_all(list);
    return was_hit;
  }();
  return has;
}

TEST(Memory, ARequestFailsOrGoesOutWhole) {
  if (!has_our_memory()) GTEST_SKIP() << "another test of this process has begun to use libcurl";
  std::atomic<int> incomplete = 0;
  RawServer server([&incomplete](RawServer::Connection& connection, const std::string& head) {
    for (const char* part : {"GET /page?a=1 ", "X-One: 1", "X-Two: 2", "X-Three: 3", "Authorization: Basic "}) {
      if (head.find(part) == std::string::npos) ++incomplete;
    }
    return connection.answer(200, "ok");
  });
  int failures = 0;
  for (long number = 0;; ++number) {
    ASSERT_LT(number, 1'000);
    const std::unique_ptr<CallLoop> loop = make_call_loop({});
    HttpCall call;
    call.request = get(server.url("/page?a=1"));
    call.request.password = Secret("a-key");
    call.headers = {{"X-One", "1"}, {"X-Two", "2"}, {"X-Three", "3"}};
    std::optional<HttpResponse> answer;
    bool has_thrown = false;
    was_hit = false;
    left = number;
    try {
      loop->call(std::move(call), [&answer](HttpResponse response) { answer = std::move(response); });
    } catch (const std::bad_alloc&) {
      has_thrown = true;
    }
    left = -1;
    if (has_thrown) {
      ++failures;
      continue;
    }
    loop->run([&answer] { return answer.has_value(); });
    EXPECT_NE(answer->error, TransportError::bad_url) << number;
    EXPECT_EQ(answer->body, answer->error == TransportError::none ? "ok" : "") << number;
    if (!was_hit) break;
  }
  EXPECT_EQ(incomplete, 0);
  EXPECT_GT(failures, 5) << "the address, the headers and the key at least take memory";
}

TEST(Memory, AnAddressThatIsTooLongIsNone) {
  EXPECT_EQ(fetch(get("http://127.0.0.1:1/" + std::string(9'000'000, 'a'))).error, TransportError::bad_url);
}

}  // namespace
}  // namespace chimplift
