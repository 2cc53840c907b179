// Our signatures against botocore's, and against the example that AWS publishes.
#include "aws/sigv4.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>

#include <algorithm>
#include <fstream>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "built_paths.hpp"
#include "support/chance.hpp"
#include "support/temporary_folder.hpp"

namespace chimplift {
namespace {

using nlohmann::json;

std::string header(const HttpHeaders& headers, const std::string& name) {
  for (const auto& [key, value] : headers) {
    if (to_lower(key) == to_lower(name)) return value;
  }
  return "";
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, "Example: GET Object" and "PUT Object".
TEST(SigV4, SignsTheExamplesThatAmazonPublishes) {
  const AwsCredentials keys{"AKIAIOSFODNN7EXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), {}, 0, ""};
  constexpr i64 kMay24 = 1'369'353'600'000'000;  // 2013-05-24T00:00:00Z
  AwsRequest get{HttpMethod::get, "https://examplebucket.s3.amazonaws.com", "/test.txt", {}, {{"Range", "bytes=0-9"}}, ""};
  EXPECT_EQ(header(signed_headers(get, keys, {"s3", "us-east-1"}, kMay24), "authorization"),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
            "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  AwsRequest put{HttpMethod::put,
                 "https://examplebucket.s3.amazonaws.com",
                 "/test$file.text",
                 {},
                 {{"Date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
                 sha256_hex("Welcome to Amazon S3.")};
  EXPECT_THAT(header(signed_headers(put, keys, {"s3", "us-east-1"}, kMay24), "authorization"),
              testing::EndsWith("Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"));
  EXPECT_EQ(url_of(put), "https://examplebucket.s3.amazonaws.com/test%24file.text");
}

TEST(SigV4, TheUrlIsWhatWasSigned) {
  EXPECT_EQ(url_of({HttpMethod::get, "https://H.example:443", "/a b/ü+=~", {{"z", "1"}, {"a", "x y&"}, {"a", ""}}, {}, ""}),
            "https://h.example/a%20b/%C3%BC%2B%3D~?a=&a=x%20y%26&z=1");
  EXPECT_EQ(url_of({HttpMethod::get, "http://127.0.0.1:9000/gateway/", "/bucket//k/", {}, {}, ""}),
            "http://127.0.0.1:9000/gateway/bucket//k/");
  EXPECT_EQ(url_of({HttpMethod::get, "no endpoint", "/", {}, {}, ""}), "");
}

class Generator {
 public:
  json next() {
    static const std::vector<std::string> kMethods = {"GET", "HEAD", "PUT", "POST", "DELETE"};
    static const std::vector<std::string> kServices = {"s3", "s3", "secretsmanager", "sts", "execute-api"};
    static const std::vector<std::string> kRegions = {"us-east-1", "eu-central-1", "ap-southeast-2", "cn-north-1"};
    static const std::vector<std::string> kEndpoints = {"https://bucket.s3.amazonaws.com", "http://127.0.0.1:9000",
                                                        "https://h.example:8443", "http://[::1]:80", "https://h.example"};
    std::string path = "/";
    for (i64 i = chance.between(0, 6); i > 0; --i) path += chance.once_in(4) ? "/" : word(12);
    if (chance.once_in(4)) path += "/../" + word(3) + "/./";
    json query = json::array();
    for (i64 i = chance.between(0, 5); i > 0; --i) query.push_back({chance.once_in(3) ? "a" : word(6), word(10)});
    json headers = json::array();
    static const std::vector<std::string> kNames = {"Content-Type", "x-amz-ACL", "If-None-Match", "X-Amz-Meta-Z", "Range", "x-amz-target"};
    for (const std::string& name : kNames) {
      if (chance.once_in(3)) headers.push_back({name, header_value()});
    }
    const std::string body = chance.once_in(3) ? "" : chance.bytes(chance.between(1, 200));
    return {{"method", chance.one_of(kMethods)},
            {"endpoint", chance.one_of(kEndpoints)},
            {"path", path},
            {"query", query},
            {"headers", headers},
            {"body", base64(body)},
            {"payload_sha256", sha256_hex(body)},
            {"key", "AKIA" + to_hex(chance.bytes(8))},
            {"secret", base64(chance.bytes(30))},
            {"token", chance.once_in(2) ? "" : base64(chance.bytes(90))},
            {"service", chance.one_of(kServices)},
            {"region", chance.one_of(kRegions)},
            {"micros", chance.between(0, 4'000'000'000) * 1'000'000 + chance.between(0, 999'999)}};
  }

  Chance chance;

 private:
  std::string word(i64 longest) {
    static const std::vector<std::string> kLetters = {"a",  "Z",  "0",  "9",  "-",    "_",  ".",   "~",  " ",  "+",   "/", "%",
                                                      "=",  "&",  "?",  "#",  ":",    "@",  "!",   "$",  "'",  "(",   ")", "*",
                                                      ",",  ";",  "[",  "]",  "{",    "|",  "^",   "`",  "<",  ">",   "é", "ß",
                                                      "漢", "🙂", "\\", "\"", "\x01", "%2", "%41", "..", "//", "aws", "z", "B"};
    std::string text;
    for (i64 i = chance.between(0, longest); i > 0; --i) text += chance.one_of(kLetters);
    return text;
  }
  std::string header_value() {
    static const std::vector<std::string> kParts = {"a", "B", " ", "  ", "\t", ",", "\"x y\"", "=", "*", "bytes=0-9", "é"};
    std::string text;
    for (i64 i = chance.between(0, 8); i > 0; --i) text += chance.one_of(kParts);
    return text;
  }
};

HttpMethod method_of(const std::string& name) {
  for (const HttpMethod method : {HttpMethod::get, HttpMethod::head, HttpMethod::put, HttpMethod::post, HttpMethod::del}) {
    if (name_of(method) == name) return method;
  }
  return HttpMethod::get;
}

AwsRequest request_of(const json& made) {
  AwsRequest request{method_of(made["method"]), made["endpoint"], made["path"], {}, {}, made["payload_sha256"]};
  for (const json& pair : made["query"]) request.query.emplace_back(pair[0], pair[1]);
  for (const json& pair : made["headers"]) request.headers.emplace_back(pair[0], pair[1]);
  return request;
}

TEST(SigV4, SignsAsBotocoreDoes) {
  constexpr int kRequests = 500;
  const TemporaryFolder folder;
  Generator generator;
  std::vector<json> cases;
  std::ofstream in(folder / "in");
  for (int i = 0; i < kRequests; ++i) {
    cases.push_back(generator.next());
    in << cases.back().dump() << "\n";
  }
  in.close();
  // Debian's package is for Debian's python, which need not be the first one.
  int status = 0;
  for (const std::string python : {"python3 ", "/usr/bin/python3 "}) {
    const std::string files = " <" + (folder / "in").string() + " >" + (folder / "out").string();
    status = std::system((python + CHIMPLIFT_SOURCE "/tests/aws/botocore_sign.py" + files).c_str());
    if (WEXITSTATUS(status) != 77) break;
  }
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "python3-botocore is not installed: our signatures were not compared with botocore's";
  ASSERT_EQ(status, 0);
  std::ifstream out(folder / "out");
  for (const json& made : cases) {
    SCOPED_TRACE(generator.chance.seed() + "\n" + made.dump(1));
    std::string line;
    ASSERT_TRUE(std::getline(out, line));
    const json theirs = json::parse(line);
    const AwsRequest request = request_of(made);
    const AwsCredentials keys{made["key"], Secret(made["secret"]), Secret(made["token"]), 0, ""};
    const HttpHeaders ours = signed_headers(request, keys, {made["service"], made["region"]}, made["micros"]);
    ASSERT_EQ(header(ours, "authorization"), theirs["authorization"].get<std::string>());
    ASSERT_EQ(header(ours, "x-amz-date"), theirs["date"].get<std::string>());
    ASSERT_EQ(header(ours, "x-amz-content-sha256"), theirs["sha256"].get<std::string>());
    ASSERT_EQ(header(ours, "x-amz-security-token"), theirs["token"].get<std::string>());
    const std::string url = url_of(request);
    ASSERT_THAT(url.substr(0, url.find('?')), testing::EndsWith(theirs["path"].get<std::string>()));
  }
}

}  // namespace
}  // namespace chimplift
