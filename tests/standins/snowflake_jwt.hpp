// What Snowflake does with a key pair's token: the other side of src/base/private_key.hpp.
#pragma once

#include <string>
#include <string_view>

namespace snowflake_standin {

/// True where the signature (RS256) is that public key's (PEM) for the text.
bool is_signed_by(std::string_view public_pem, std::string_view text, std::string_view signature);

/// "SHA256:" and the base64 of the SHA-256 of the public key's DER; "" where the PEM is none.
std::string fingerprint_of(std::string_view public_pem);

/// The bytes of base64 with - and _ and without padding, or an empty string where the text is not that.
std::string from_base64_url(std::string_view text);

}  // namespace snowflake_standin
