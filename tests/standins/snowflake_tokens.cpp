#include "standins/snowflake_tokens.hpp"

#include <cctype>

namespace snowflake_standin {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$'; }

/// Reads up to the closing quote, which doubled stands for itself; in '…' a backslash escapes.
std::string quoted(std::string_view sql, std::size_t& at, char quote) {
  std::string text;
  for (++at; at < sql.size(); ++at) {
    if (quote == '\'' && sql[at] == '\\') {
      if (++at == sql.size()) break;
      const char c = sql[at];
      text += c == 'n' ? '\n' : c == 't' ? '\t' : c == '0' ? '\0' : c;
    } else if (sql[at] != quote) {
      text += sql[at];
    } else if (at + 1 < sql.size() && sql[at + 1] == quote) {
      text += quote;
      ++at;
    } else {
      ++at;
      return text;
    }
  }
  syntax_error("<EOF>");
}

Token next_token(std::string_view sql, std::size_t& at) {
  const char c = sql[at];
  if (c == '"') return {TokenKind::identifier, quoted(sql, at, '"')};
  if (c == '\'') return {TokenKind::text, quoted(sql, at, '\'')};
  const std::size_t from = at;
  if (c == '@') {
    constexpr std::string_view kEnds = " \t\r\n();,'";
    for (bool inside = false; at < sql.size() && (inside || kEnds.find(sql[at]) == kEnds.npos); ++at) inside ^= sql[at] == '"';
    return {TokenKind::stage, std::string(sql.substr(from, at - from))};
  }
  if (is_word(c)) {
    while (at < sql.size() && is_word(sql[at])) ++at;
    std::string text(sql.substr(from, at - from));
    if (std::isdigit(static_cast<unsigned char>(c)) != 0) return {TokenKind::number, text};
    // What stands behind a colon is a key of JSON: its case counts.
    if (from == 0 || sql[from - 1] != ':' || (from > 1 && sql[from - 2] == ':')) {
      for (char& each : text) each = static_cast<char>(std::toupper(static_cast<unsigned char>(each)));
    }
    return {TokenKind::word, text};
  }
  at += sql.substr(at, 2) == "::" ? 2 : 1;
  return {TokenKind::sign, std::string(sql.substr(from, at - from))};
}

}  // namespace

void syntax_error(const std::string& near) {
  throw SqlError("001003", "42000", "SQL compilation error:\nsyntax error unexpected '" + near + "'.");
}

std::vector<std::vector<Token>> take_apart(std::string_view sql) {
  std::vector<std::vector<Token>> statements(1);
  for (std::size_t at = 0; at < sql.size();) {
    if (std::isspace(static_cast<unsigned char>(sql[at])) != 0) {
      ++at;
    } else if (sql[at] == ';') {
      statements.emplace_back();
      ++at;
    } else {
      statements.back().push_back(next_token(sql, at));
    }
  }
  if (statements.back().empty()) statements.pop_back();  // a semicolon at the end begins nothing
  return statements;
}

const Token& TokenReader::next(std::size_t ahead) const {
  static const Token kEnd{TokenKind::end, "<EOF>"};
  return at_ + ahead < tokens_->size() ? (*tokens_)[at_ + ahead] : kEnd;
}

bool TokenReader::takes(std::string_view phrase) {
  const std::vector<std::vector<Token>> wanted = take_apart(phrase);
  for (std::size_t i = 0; i < wanted[0].size(); ++i) {
    if (next(i).kind != wanted[0][i].kind || next(i).text != wanted[0][i].text) return false;
  }
  at_ += wanted[0].size();
  return true;
}

void TokenReader::expect(std::string_view phrase) {
  if (!takes(phrase)) syntax_error(next().text);
}

std::string TokenReader::take(TokenKind kind) {
  if (next().kind != kind) syntax_error(next().text);
  return (*tokens_)[at_++].text;
}

std::string TokenReader::identifier() { return take(TokenKind::identifier); }
std::string TokenReader::text() { return take(TokenKind::text); }
std::string TokenReader::number() { return take(TokenKind::number); }
std::string TokenReader::stage() { return take(TokenKind::stage); }

void TokenReader::expect_identifier(std::string_view name) {
  if (identifier() != name) syntax_error(std::string(name));
}

void TokenReader::expect_end() {
  if (next().kind != TokenKind::end) syntax_error(next().text);
}

}  // namespace snowflake_standin
