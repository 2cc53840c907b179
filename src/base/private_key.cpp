#include "base/private_key.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <new>
#include <stdexcept>

#include "base/hash.hpp"
#include "base/text.hpp"

namespace chimplift {
namespace {

using Key = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;
using Bytes = std::unique_ptr<BIO, int (*)(BIO*)>;
using Digest = std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)>;

constexpr int kFewestBits = 2048;  // what Snowflake takes at least

/// Without it OpenSSL would ask for a passphrase on the terminal.
int give_passphrase(char* into, int room, int /*writing*/, void* from) {
  const auto* passphrase = static_cast<const Secret*>(from);
  const std::string& text = passphrase->reveal();
  if (text.empty() || static_cast<int>(text.size()) > room) return 0;
  std::copy(text.begin(), text.end(), into);
  return static_cast<int>(text.size());
}

/// Literal "\n" into line breaks; armour around a bare body.
std::string tidy(std::string_view pem) {
  std::string text;
  for (std::size_t i = 0; i < pem.size(); ++i) {
    if (pem[i] == '\r' || (pem[i] == '\\' && i + 1 < pem.size() && pem[i + 1] == 'r')) {
      i += pem[i] == '\\' ? 1 : 0;
    } else if (pem[i] == '\\' && i + 1 < pem.size() && pem[i + 1] == 'n') {
      text += '\n';
      ++i;
    } else {
      text += pem[i];
    }
  }
  text = std::string(trim(text));
  if (text.empty()) return text;
  if (!text.starts_with("-----")) {
    std::erase_if(text, [](char c) { return c == ' ' || c == '\n' || c == '\t'; });
    std::string lines;
    for (std::size_t i = 0; i < text.size(); i += 64) lines += text.substr(i, 64) + "\n";
    text = "-----BEGIN PRIVATE KEY-----\n" + lines + "-----END PRIVATE KEY-----";
  }
  return text + "\n";
}

/// OpenSSL gives nullptr where memory is lacking: that a key is not one, or a signature wrong, is another matter.
template <typename Thing>
Thing* there(Thing* thing) {
  if (thing == nullptr) throw std::bad_alloc();
  return thing;
}

Bytes reader(const std::string& text) { return {there(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))), BIO_free}; }

EVP_PKEY* key_of(const std::shared_ptr<void>& key) { return static_cast<EVP_PKEY*>(key.get()); }

}  // namespace

Result<PrivateKey> PrivateKey::parse(std::string_view pem, const Secret& passphrase) {
  const std::string text = tidy(pem);
  const Bytes from = reader(text);
  Secret given = passphrase;
  Key key(PEM_read_bio_PrivateKey(from.get(), nullptr, give_passphrase, &given), EVP_PKEY_free);
  ERR_clear_error();
  if (key == nullptr) {
    const bool is_encrypted = text.find("ENCRYPTED") != std::string::npos;
    if (is_encrypted && passphrase.empty()) return fail(ErrorKind::usage, "the private key is encrypted, and no passphrase was given", "");
    return fail(ErrorKind::usage,
                is_encrypted ? "the private key cannot be read with that passphrase" : "the private key is not PEM that OpenSSL can read",
                "Make one with: openssl genrsa 2048 | openssl pkcs8 -topk8 -inform PEM -out key.p8 -nocrypt");
  }
  if (EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA || EVP_PKEY_bits(key.get()) < kFewestBits) {
    return fail(ErrorKind::usage, "the private key is not an RSA key of 2048 bits or more", "");
  }
  PrivateKey parsed;
  parsed.key_ = std::shared_ptr<void>(key.release(), [](void* one) { EVP_PKEY_free(static_cast<EVP_PKEY*>(one)); });
  return parsed;
}

std::string PrivateKey::fingerprint() const {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key_of(key_), &der);
  if (size <= 0) return {};
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int digest_size = 0;
  EVP_Digest(der, static_cast<std::size_t>(size), digest, &digest_size, EVP_sha256(), nullptr);
  OPENSSL_free(der);
  return "SHA256:" + base64({reinterpret_cast<const char*>(digest), digest_size});
}

std::string PrivateKey::sign(std::string_view text) const {
  const Digest context(there(EVP_MD_CTX_new()), EVP_MD_CTX_free);
  std::size_t size = 0;
  std::string signature;
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_of(key_)) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) != 1) {
    throw std::runtime_error("OpenSSL cannot sign");
  }
  signature.resize(size);
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes, text.size()) != 1) {
    throw std::runtime_error("OpenSSL cannot sign");
  }
  signature.resize(size);
  return signature;
}

std::string PrivateKey::public_pem() const {
  const Bytes into(there(BIO_new(BIO_s_mem())), BIO_free);
  if (PEM_write_bio_PUBKEY(into.get(), key_of(key_)) != 1) throw std::bad_alloc();
  char* data = nullptr;
  const long size = BIO_get_mem_data(into.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string base64_url(std::string_view bytes) {
  std::string text = base64(bytes);
  while (text.ends_with('=')) text.pop_back();
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

}  // namespace chimplift
