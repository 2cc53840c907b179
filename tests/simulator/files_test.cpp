// Files are what they say: real images of the size that the listing gives, under the address that it gives.
#include <gtest/gtest.h>
#include <zlib.h>

#include "plain_client.hpp"
#include "simulator/images.hpp"
#include "simulator/truth.hpp"

namespace mailchimp_sim::testing {
namespace {

u64 big_endian(const std::string& bytes, std::size_t at) {
  u64 value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8U | static_cast<unsigned char>(bytes.at(at + i));
  return value;
}

/// True where the signature, each chunk's checksum and the pixels' length are right.
bool is_png(const std::string& bytes, u64 width, u64 height) {
  if (!bytes.starts_with("\x89PNG\r\n\x1a\n")) return false;
  std::string pixels((width * 3 + 1) * height, '\0');
  for (std::size_t at = 8; at < bytes.size();) {
    const u64 length = big_endian(bytes, at);
    const std::string body = bytes.substr(at + 4, length + 4);
    if (crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size())) != big_endian(bytes, at + 8 + length))
      return false;
    uLongf size = pixels.size();
    if (body.starts_with("IHDR") && (big_endian(body, 4) != width || big_endian(body, 8) != height)) return false;
    if (body.starts_with("IDAT") && (uncompress(reinterpret_cast<Bytef*>(pixels.data()), &size,
                                                reinterpret_cast<const Bytef*>(body.data()) + 4, static_cast<uLong>(length)) != Z_OK ||
                                     size != pixels.size()))
      return false;
    if (body == "IEND") return at + 12 == bytes.size();
    at += length + 12;
  }
  return false;
}

TEST(files, encoders_make_real_images) {
  Random random(3);
  EXPECT_TRUE(is_png(make_png(17, 9, random), 17, 9));
  const std::string gif = make_gif(30, 20, random);
  EXPECT_TRUE(gif.starts_with("GIF89a") && gif.ends_with(std::string("\0;", 2)));
  const std::string jpeg = make_jpeg(30, 20, random);
  EXPECT_TRUE(jpeg.starts_with("\xff\xd8\xff\xe0") && jpeg.ends_with("\xff\xd9"));
  EXPECT_TRUE(make_pdf(random).starts_with("%PDF-1.4"));
  EXPECT_NE(make_png(17, 9, random), make_png(17, 9, random));
}

TEST(files, are_served_with_the_bytes_that_the_truth_names) {
  const Running running;
  for (const std::string& line : file_truth_of(running.account())) {
    const auto file = nlohmann::json::parse(line);
    const std::string url = file.at("url");
    const Reply reply = request(running.simulator.port(), "GET", url.substr(url.find("/files/")), "");
    EXPECT_EQ(reply.status, 200) << url;
    EXPECT_EQ(reply.body.size(), file.at("bytes"));
    EXPECT_EQ(chimplift::sha256_hex(reply.body), file.at("sha256").get<std::string>());
  }
}

TEST(files, the_listing_gives_their_size_and_names_that_would_like_to_be_paths) {
  const Running running(SimulatorOptions{});
  bool climbs = false;
  for (const auto& file : running.rows("/file-manager/files?count=1000", "files")) {
    const std::string url = file.at("full_size_url");
    const Reply reply = request(running.simulator.port(), "GET", url.substr(url.find("/files/")), "");
    EXPECT_EQ(reply.body.size(), file.at("size"));
    if (reply.header("Content-Type") == "image/png") {
      EXPECT_TRUE(is_png(reply.body, file.at("width").get<u64>(), file.at("height").get<u64>()));
    }
    climbs = climbs || file.at("name").get<std::string>().starts_with("../");
  }
  EXPECT_TRUE(climbs);
}

TEST(files, campaigns_link_images_that_are_there_and_one_that_is_not) {
  const Running running(SimulatorOptions{});
  bool missing = false;
  bool ampersand = false;
  for (const auto& campaign : running.rows("/campaigns?count=100&fields=campaigns.id", "campaigns")) {
    const Reply content = running.get("/campaigns/" + campaign.at("id").get<std::string>() + "/content");
    ASSERT_EQ(content.status, 200);
    missing = missing || content.body.find("/linked/missing.png") != std::string::npos;
    ampersand = ampersand || content.body.find("&amp;h=2") != std::string::npos;
  }
  EXPECT_TRUE(missing);
  EXPECT_TRUE(ampersand);
  EXPECT_EQ(request(running.simulator.port(), "GET", "/files/0/linked/missing.png", "").status, 404);
}

}  // namespace
}  // namespace mailchimp_sim::testing
