#include "standins/snowflake_jwt.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <memory>

#include "base/hash.hpp"

namespace snowflake_standin {
namespace {

using Key = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;

Key read_public(std::string_view pem) {
  const std::unique_ptr<BIO, int (*)(BIO*)> from(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  return {PEM_read_bio_PUBKEY(from.get(), nullptr, nullptr, nullptr), EVP_PKEY_free};
}

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

bool is_signed_by(std::string_view public_pem, std::string_view text, std::string_view signature) {
  const Key key = read_public(public_pem);
  if (key == nullptr) return false;
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  if (EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1) return false;
  return EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text), text.size()) == 1;
}

std::string fingerprint_of(std::string_view public_pem) {
  const Key key = read_public(public_pem);
  unsigned char* der = nullptr;
  const int size = key == nullptr ? 0 : i2d_PUBKEY(key.get(), &der);
  if (size <= 0) return {};
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int digest_size = 0;
  EVP_Digest(der, static_cast<std::size_t>(size), digest, &digest_size, EVP_sha256(), nullptr);
  OPENSSL_free(der);
  return "SHA256:" + chimplift::base64({reinterpret_cast<const char*>(digest), digest_size});
}

std::string from_base64_url(std::string_view text) {
  if (text.find_first_of("+/=") != std::string_view::npos) return {};
  std::string standard(text);
  std::ranges::replace(standard, '-', '+');
  std::ranges::replace(standard, '_', '/');
  while (standard.size() % 4 != 0) standard += '=';
  return chimplift::from_base64(standard).value_or("");
}

}  // namespace snowflake_standin
