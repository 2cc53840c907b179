// SHA-256 and HMAC (OpenSSL), base64, hex and random ids.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace chimplift {

/// SHA-256 of bytes that come in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  void update(std::string_view bytes);
  /// 64 lower-case hex digits. Ends the computation.
  [[nodiscard]] std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// SHA-256 as 64 lower-case hex digits.
std::string sha256_hex(std::string_view bytes);

/// HMAC with SHA-256: 32 bytes.
std::string hmac_sha256(std::string_view key, std::string_view bytes);

/// Lower-case hex digits.
std::string to_hex(std::string_view bytes);
/// The bytes, or an empty string where the text is not pairs of hex digits.
std::string from_hex(std::string_view text);

/// Standard base64 with padding.
std::string base64(std::string_view bytes);
/// The bytes; nullopt where the text is not base64.
std::optional<std::string> from_base64(std::string_view text);

/// 32 hex digits from the operating system's random source.
std::string random_id();

}  // namespace chimplift
