// An RSA private key that signs (OpenSSL): how a program proves who it is without sending a password.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/secret.hpp"

namespace chimplift {

class PrivateKey {
 public:
  /// Reads PEM (PKCS#8, encrypted or not, or PKCS#1). Line breaks may be literal "\n", as secrets pasted into JSON often have them; the
  /// base64 body alone does too. Errors: usage, and never a word of the key.
  static Result<PrivateKey> parse(std::string_view pem, const Secret& passphrase);

  /// "SHA256:" and the base64 of the SHA-256 of the public key's DER (SubjectPublicKeyInfo).
  [[nodiscard]] std::string fingerprint() const;
  /// The raw RSASSA-PKCS1-v1_5 signature with SHA-256 (RS256).
  [[nodiscard]] std::string sign(std::string_view text) const;
  /// The public key as PEM.
  [[nodiscard]] std::string public_pem() const;

 private:
  PrivateKey() = default;
  std::shared_ptr<void> key_;
};

/// base64 with - and _ and without padding, as tokens have it.
std::string base64_url(std::string_view bytes);

}  // namespace chimplift
