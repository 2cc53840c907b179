// Snowflake's SQL, as far as chimplift writes it, taken apart into words.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace snowflake_standin {

/// What Snowflake answers to a statement that fails.
struct SqlError : std::runtime_error {
  SqlError(std::string error_code, std::string state, const std::string& message)
      : std::runtime_error(message), code(std::move(error_code)), sql_state(std::move(state)) {}
  std::string code;
  std::string sql_state;
};

[[noreturn]] void syntax_error(const std::string& near);

enum class TokenKind { word, identifier, text, number, sign, stage, end };

struct Token {
  TokenKind kind = TokenKind::end;
  std::string text;  // words in upper case; identifiers and texts without their quotes; a stage as "@" and all up to the next blank or sign
};

/// The statements between semicolons. Comments are no part of what chimplift writes, and so an error.
std::vector<std::vector<Token>> take_apart(std::string_view sql);

/// Reads one statement's tokens from the front; whatever is not as expected is Snowflake's syntax error.
class TokenReader {
 public:
  explicit TokenReader(const std::vector<Token>& tokens) : tokens_(&tokens) {}

  /// True where these words and signs come next; reads them.
  bool takes(std::string_view phrase);
  void expect(std::string_view phrase);
  std::string identifier();
  std::string text();
  std::string number();
  std::string stage();
  /// The column `name`, in double quotes.
  void expect_identifier(std::string_view name);
  void expect_end();
  [[nodiscard]] const Token& next(std::size_t ahead = 0) const;

 private:
  std::string take(TokenKind kind);
  const std::vector<Token>* tokens_;
  std::size_t at_ = 0;
};

}  // namespace snowflake_standin
