#include "input/sql_text.h"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "input/input_error.h"

namespace weir::cli {
namespace {

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Letters of other scripts are part of names in all databases.
bool is_name(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') || byte == '_' || byte >= 0x80;
}

// Walks over a query, one token at a time.
class Scanner {
 public:
  Scanner(std::string_view text, const SqlDialect& dialect, std::string_view parameter)
      : text_(text), dialect_(dialect), parameter_(parameter) {}

  bool is_at_end() const { return at_ >= text_.size(); }
  std::size_t at() const { return at_; }
  bool is_at_semicolon() const { return looking_at(";"); }

  bool is_at_parameter() const {
    return looking_at(parameter_) && !is_name(peek(parameter_.size())) && !follows_operand();
  }
  void skip_parameter() { at_ += parameter_.size(); }

  // The name of the parameter that begins here, such as "id" or "answer.size"; empty: none does.
  std::string parameter_name() const {
    if (!looking_at(":") || !begins_name(peek(1)) || follows_operand()) return "";
    std::size_t end = 1;
    while (is_name(peek(end)) || (peek(end) == '.' && is_name(peek(end + 1)))) ++end;
    return std::string(text_.substr(at_ + 1, end - 1));
  }
  void skip(std::size_t bytes) { at_ += bytes; }

  // Passes over one of these signs; false where another stands.
  bool skip_sign(std::string_view signs) {
    if (is_at_end() || signs.find(text_[at_]) == std::string_view::npos) return false;
    ++at_;
    return true;
  }

  // Passes over blanks and comments; false where neither begins.
  bool skip_blank() {
    if (is_at_end()) return false;
    const std::size_t begin = at_;
    if (is_blank(text_[at_])) {
      ++at_;
    } else if (is_at_dashes() || (dialect_.hash_comments && looking_at("#"))) {
      at_ = after("\n");
    } else if (looking_at("/*") && !is_executed()) {
      skip_comment();
    }
    return at_ > begin;
  }

  // The word that begins here; empty where none does.
  std::string_view word() const {
    std::size_t end = at_;
    while (end < text_.size() && is_name(text_[end])) ++end;
    return text_.substr(at_, end - at_);
  }

  // Passes over a literal, a quoted name, a word, or one sign.
  void skip_token() {
    const char c = text_[at_];
    if (c == '\'' || c == '"' || c == '`') {
      skip_quoted(c, dialect_.backslash_escapes && c != '`');
    } else if (c == '[' && dialect_.bracket_names) {
      at_ = after("]");
    } else if (c == '$' && dialect_.dollar_quotes && !follows_name()) {
      skip_dollar_quoted();
    } else if (looking_at("::")) {
      at_ += 2;
      while (!is_at_end() && is_name(text_[at_])) ++at_;
    } else if (is_name(c)) {
      skip_word();
    } else {
      ++at_;
    }
  }

 private:
  static bool begins_name(char c) { return is_name(c) && (c < '0' || c > '9'); }

  char peek(std::size_t ahead) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool looking_at(std::string_view what) const { return text_.substr(at_).starts_with(what); }

  std::size_t after(std::string_view end) const {
    const std::size_t found = text_.find(end, at_);
    return found == std::string_view::npos ? text_.size() : found + end.size();
  }

  // An operand is followed by the colon of a slice or of a time, never by a parameter.
  bool follows_operand() const {
    if (at_ == 0) return false;
    const char before = text_[at_ - 1];
    return is_name(before) || before == ')' || before == ']' || before == '\'' || before == '"' ||
           before == ':';
  }
  bool follows_name() const { return at_ > 0 && is_name(text_[at_ - 1]); }

  // In MySQL, 5--1 is 6.
  bool is_at_dashes() const {
    if (!looking_at("--")) return false;
    if (!dialect_.mysql_comments || at_ + 2 >= text_.size()) return true;
    const auto next = static_cast<unsigned char>(text_[at_ + 2]);
    return next <= 0x20 || next == 0x7F;
  }
  // What MySQL and MariaDB execute, and others take for a comment.
  bool is_executed() const {
    return dialect_.mysql_comments && (looking_at("/*!") || looking_at("/*M!"));
  }

  void skip_comment() {
    std::size_t depth = 0;
    do {
      if (looking_at("/*") && (depth == 0 || dialect_.nested_comments)) {
        ++depth;
        at_ += 2;
      } else if (looking_at("*/")) {
        --depth;
        at_ += 2;
      } else {
        ++at_;
      }
    } while (depth > 0 && !is_at_end());
  }

  // A quote that comes twice is one in the text: it is read as two texts side by side.
  void skip_quoted(char quote, bool escapes) {
    for (++at_; !is_at_end(); ++at_) {
      if (escapes && text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == quote) {
        break;
      }
    }
    at_ = std::min(at_ + 1, text_.size());
    if (escapes && peek(0) == quote) skip_quoted(quote, escapes);
  }

  void skip_word() {
    const std::size_t begin = at_;
    while (!is_at_end() && (is_name(text_[at_]) || text_[at_] == '$')) ++at_;
    const bool is_escaping = at_ - begin == 1 && (text_[begin] == 'e' || text_[begin] == 'E');
    if (dialect_.dollar_quotes && is_escaping && peek(0) == '\'') skip_quoted('\'', true);
  }

  void skip_dollar_quoted() {
    std::size_t end = at_ + 1;
    while (end < text_.size() && is_name(text_[end])) ++end;
    const bool is_number = end > at_ + 1 && text_[at_ + 1] >= '0' && text_[at_ + 1] <= '9';
    if (end >= text_.size() || text_[end] != '$' || is_number) {
      at_ = end;
      return;
    }
    const std::string_view tag = text_.substr(at_, end + 1 - at_);
    at_ = end + 1;
    at_ = after(tag);
  }

  const std::string_view text_;
  const SqlDialect& dialect_;
  const std::string_view parameter_;
  std::size_t at_ = 0;
};

Error error_of(SqlFault fault) {
  return {.code = ErrorCode::kInvalidArgument,
          .message = fault == SqlFault::kEmpty
                         ? "the query is empty"
                         : "there are several statements in it, but it must be one"};
}

using Pieces = std::variant<std::vector<std::string>, SqlFault>;

// What stands between the parameters of the one statement; `skip_parameter` passes over one where
// it begins.
template <class SkipParameter>
Pieces pieces_of(std::string_view query, Scanner& scanner, const SkipParameter& skip_parameter) {
  std::vector<std::string> pieces;
  std::size_t begin = 0;
  std::size_t end = 0;  // after the statement; 0 before it has begun
  bool has_ended = false;
  while (!scanner.is_at_end()) {
    if (scanner.skip_blank()) {
      if (end > 0 && !has_ended) end = scanner.at();
      continue;
    }
    if (scanner.is_at_semicolon()) {
      if (!has_ended && end > 0) has_ended = true;
      if (end == 0) begin = scanner.at() + 1;
      scanner.skip_token();
      continue;
    }
    if (has_ended) return SqlFault::kSeveralStatements;
    const std::size_t at = scanner.at();
    if (skip_parameter()) {
      pieces.emplace_back(query.substr(begin, at - begin));
      begin = scanner.at();
    } else {
      scanner.skip_token();
    }
    end = scanner.at();
  }
  if (end == 0) return SqlFault::kEmpty;
  pieces.emplace_back(query.substr(begin, end - begin));
  return pieces;
}

std::string first_word_of(std::string_view query, const SqlDialect& dialect) {
  Scanner scanner(query, dialect, "");
  while (scanner.skip_blank() || scanner.skip_sign("({;")) {
  }
  std::string word(scanner.word());
  for (char& c : word) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return word;
}

}  // namespace

std::optional<SqlFault> SqlText::fault_of(std::string_view query, const SqlDialect& dialect) {
  Scanner scanner(query, dialect, "");
  const Pieces pieces = pieces_of(query, scanner, [] { return false; });
  const SqlFault* fault = std::get_if<SqlFault>(&pieces);
  return fault != nullptr ? std::optional(*fault) : std::nullopt;
}

Result<SqlText> SqlText::scan(std::string_view query, const SqlDialect& dialect,
                              std::string_view parameter) {
  Scanner scanner(query, dialect, parameter);
  Pieces pieces = pieces_of(query, scanner, [&] {
    if (!scanner.is_at_parameter()) return false;
    scanner.skip_parameter();
    return true;
  });
  if (const SqlFault* fault = std::get_if<SqlFault>(&pieces)) return error_of(*fault);
  SqlText text;
  text.parts_ = std::get<std::vector<std::string>>(std::move(pieces));
  text.first_word_ = first_word_of(query, dialect);
  return text;
}

std::string SqlText::with(std::string_view parameter) const {
  std::string query = parts_.front();
  for (std::size_t i = 1; i < parts_.size(); ++i) {
    query += parameter;
    query += parts_[i];
  }
  return query;
}

Result<NamedSql> NamedSql::scan(std::string_view statement, const SqlDialect& dialect) {
  NamedSql sql;
  Scanner scanner(statement, dialect, "");
  Pieces pieces = pieces_of(statement, scanner, [&] {
    const std::string name = scanner.parameter_name();
    if (name.empty()) return false;
    scanner.skip(1 + name.size());
    sql.names_.push_back(name);
    return true;
  });
  if (const SqlFault* fault = std::get_if<SqlFault>(&pieces)) return error_of(*fault);
  sql.parts_ = std::get<std::vector<std::string>>(std::move(pieces));
  return sql;
}

std::string NamedSql::with(const std::function<std::string(std::size_t number)>& mark) const {
  std::string statement = parts_.front();
  for (std::size_t i = 1; i < parts_.size(); ++i) statement += mark(i) + parts_[i];
  return statement;
}

}  // namespace weir::cli
