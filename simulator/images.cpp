// See images.hpp. PNG: W3C PNG (third edition); GIF: GIF89a; JPEG: ITU-T T.81; PDF: ISO 32000-1.
#include "simulator/images.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <array>
#include <bit>
#include <vector>

namespace mailchimp_sim {

namespace {

void append_be32(std::string& out, u64 value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>((value >> static_cast<unsigned>(shift)) & 0xffU);
}
void append_be16(std::string& out, i64 value) {
  out += static_cast<char>((value >> 8) & 0xff);
  out += static_cast<char>(value & 0xff);
}
void append_le16(std::string& out, i64 value) {
  out += static_cast<char>(value & 0xff);
  out += static_cast<char>((value >> 8) & 0xff);
}

void append_png_chunk(std::string& out, std::string_view type, std::string_view data) {
  append_be32(out, data.size());
  const std::string body = std::string(type) + std::string(data);
  out += body;
  append_be32(out, crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size())));
}

/// Bits as JPEG wants them: most significant first, and a 0 byte behind each 0xff.
class JpegBits {
 public:
  explicit JpegBits(std::string& out) : out_(out) {}
  void put(unsigned bits, unsigned count) {
    for (unsigned i = count; i > 0; --i) {
      current_ = (current_ << 1U) | ((bits >> (i - 1)) & 1U);
      if (++filled_ == 8) flush_byte();
    }
  }
  void finish() {
    while (filled_ != 0) put(1, 1);
  }

 private:
  void flush_byte() {
    out_ += static_cast<char>(current_);
    if (current_ == 0xffU) out_ += '\0';
    current_ = 0;
    filled_ = 0;
  }
  std::string& out_;
  unsigned current_ = 0;
  unsigned filled_ = 0;
};

}  // namespace

std::string make_png(i64 width, i64 height, Random& random) {
  std::string pixels;
  for (i64 y = 0; y < height; ++y) {
    pixels += '\0';  // filter: none
    for (i64 x = 0; x < width * 3; ++x) pixels += static_cast<char>(random.next() & 0xffU);
  }
  uLongf size = compressBound(pixels.size());
  std::string packed(size, '\0');
  compress2(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(pixels.data()), pixels.size(), 1);
  packed.resize(size);

  std::string header;
  append_be32(header, static_cast<u64>(width));
  append_be32(header, static_cast<u64>(height));
  header += std::string("\x08\x02\x00\x00\x00", 5);  // eight bits, RGB, deflate, no filter method of its own, not interlaced
  std::string png = "\x89PNG\r\n\x1a\n";
  append_png_chunk(png, "IHDR", header);
  append_png_chunk(png, "IDAT", packed);
  append_png_chunk(png, "IEND", "");
  return png;
}

std::string make_gif(i64 width, i64 height, Random& random) {
  std::string gif = "GIF89a";
  append_le16(gif, width);
  append_le16(gif, height);
  gif += std::string("\xf6\x00\x00", 3);  // a global table of 128 colours
  for (int i = 0; i < 128 * 3; ++i) gif += static_cast<char>(random.next() & 0xffU);
  gif += ',';
  append_le16(gif, 0);
  append_le16(gif, 0);
  append_le16(gif, width);
  append_le16(gif, height);
  gif += '\0';
  gif += '\x07';  // codes start at eight bits: 0…127 are colours, 128 clears, 129 ends
  std::string codes;
  for (i64 i = 0; i < width * height; ++i) {
    if (i % 100 == 0) codes += '\x80';
    codes += static_cast<char>(random.next() & 0x7fU);
  }
  codes += '\x81';
  for (std::size_t at = 0; at < codes.size(); at += 255) {
    const std::string block = codes.substr(at, 255);
    gif += static_cast<char>(block.size());
    gif += block;
  }
  gif += '\0';
  gif += ';';
  return gif;
}

std::string make_jpeg(i64 width, i64 height, Random& random) {
  const i64 across = (width + 7) / 8;
  const i64 down = (height + 7) / 8;
  std::string jpeg = std::string("\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00", 20);
  jpeg += std::string("\xff\xdb\x00\x43\x00", 5) + std::string(64, '\x08');  // quantisation: 8 everywhere
  jpeg += std::string("\xff\xc0\x00\x0b\x08", 5);
  append_be16(jpeg, down * 8);
  append_be16(jpeg, across * 8);
  jpeg += std::string("\x01\x01\x11\x00", 4);
  // Huffman codes of the DC differences: twelve categories of four bits each (the code is the category itself).
  jpeg += std::string("\xff\xc4\x00\x1f\x00\x00\x00\x00\x0c\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", 21);
  for (char category = 0; category < 12; ++category) jpeg += category;
  // Of the AC coefficients only "end of block" is ever written: one bit.
  jpeg += std::string("\xff\xc4\x00\x14\x10\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", 22);
  jpeg += std::string("\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00", 10);
  JpegBits bits(jpeg);
  i64 previous = 0;
  for (i64 block = 0; block < across * down; ++block) {
    const i64 level = random.between(-120, 120);
    const i64 difference = level - previous;
    previous = level;
    const auto magnitude = static_cast<unsigned>(difference < 0 ? -difference : difference);
    const auto category = static_cast<unsigned>(std::bit_width(magnitude));
    bits.put(category, 4);
    bits.put(difference < 0 ? static_cast<unsigned>(difference - 1) : magnitude, category);
    bits.put(0, 1);
  }
  bits.finish();
  jpeg += "\xff\xd9";
  return jpeg;
}

std::string make_pdf(Random& random) {
  const std::string line = "BT /F1 24 Tf 72 700 Td (" + random.hex(24) + ") Tj ET";
  const std::vector<std::string> objects = {
      "<< /Type /Catalog /Pages 2 0 R >>",
      "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
      "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
      fmt::format("<< /Length {} >>\nstream\n{}\nendstream", line.size(), line),
      "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
  };
  std::string pdf = "%PDF-1.4\n%\xe2\xe3\xcf\xd3\n";
  std::string places = "0000000000 65535 f \n";
  for (std::size_t i = 0; i < objects.size(); ++i) {
    places += fmt::format("{:010} 00000 n \n", pdf.size());
    pdf += fmt::format("{} 0 obj\n{}\nendobj\n", i + 1, objects[i]);
  }
  const std::size_t start = pdf.size();
  pdf += fmt::format("xref\n0 {}\n{}trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{}\n%%EOF\n", objects.size() + 1, places,
                     objects.size() + 1, start);
  return pdf;
}

}  // namespace mailchimp_sim
