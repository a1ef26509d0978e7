#include "input/sql_reading.h"

#include "input/input_error.h"

namespace weir::cli {

bool may_quote_rows(std::string_view state, int native) {
  const std::string_view kind = state.substr(0, 2);
  const bool is_unspecific = state == "HY000" && (native < 2000 || native >= 3000);
  return kind == "22" || kind == "23" || kind == "P0" || is_unspecific;
}

Error sql_error(const SqlQuestion& question, std::string_view words) {
  std::string text = question.address.cleaned(words);
  const std::string user = question.user.value_or("");
  constexpr std::string_view kShown = ":email";
  for (std::size_t at = user.empty() ? std::string::npos : text.find(user); at != std::string::npos;
       at = text.find(user, at + kShown.size())) {
    text.replace(at, user.size(), kShown);
  }
  return input_error(question.address.shown(), text);
}

Error too_late(const SqlQuestion& question) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(question.longest).count();
  return input_error(question.address.shown(),
                     "the query did not end within " + std::to_string(seconds) +
                         " s. Is the server at work? A longer time is --query-timeout, "
                         "query_timeout_seconds of a [[source]], or timeout of a [source.ID]");
}

Error stopped() {
  return {.code = ErrorCode::kCancelled,
          .message = "stopped while the rows were read; nothing was changed"};
}

Error gives_no_rows(const SqlQuestion& question) {
  return input_error(question.address.shown(),
                     "the query gives no rows: it must be one that does, such as a SELECT");
}

Error holds_bytes(const SqlQuestion& question, const std::string& column, const std::string& type,
                  const std::string& as_text) {
  return input_error(question.address.shown(),
                     "column '" + column + "' holds bytes (" + type +
                         "), not text. Leave it out, or make text of it in the query, such as " +
                         (as_text.empty() ? "hex(" + column + ")" : as_text));
}

Result<SqlText> parameter_text(const SqlQuestion& question, const SqlDialect& dialect) {
  Result<SqlText> text = SqlText::scan(question.query, dialect, question.since ? kSince : kEmail);
  if (!text) return sql_error(question, text.error().message);
  if (text->has_parameter()) return text;
  if (question.since)
    return input_error(question.address.shown(),
                       "the query has no :since, so it would give all rows each time; add WHERE " +
                           question.since->column + " > :since");
  if (question.user)
    return input_error(question.address.shown(),
                       "the query has no :email, so it cannot tell one user's rows from another's");
  return text;
}

std::optional<std::string> parameter_value(const SqlQuestion& question,
                                           const std::optional<std::string>& lowest) {
  if (!question.since) return question.user;
  return question.since->version ? question.since->version : lowest;
}

bool asks_for_lowest(const SqlQuestion& question) {
  return question.since && !question.since->version;
}

Error cannot_be_followed(const SqlQuestion& question, const std::string& type) {
  return input_error(question.address.shown(),
                     "column '" + question.since->column + "' is a " + type +
                         ", so it cannot be followed; it must be a moment, a number or a text");
}

Error lacks_version_column(const SqlQuestion& question) {
  return input_error(question.address.shown(),
                     "the query gives no column '" + question.since->column +
                         "', by which it is to be followed; add it to the SELECT");
}

}  // namespace weir::cli
