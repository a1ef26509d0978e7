#include "text/connection_words.h"

#include <algorithm>
#include <array>

#include "text/ascii.h"

namespace weir::text {
namespace {

constexpr std::array<std::string_view, 20> kNames = {"host",
                                                     "hostaddr",
                                                     "port",
                                                     "dbname",
                                                     "user",
                                                     "password",
                                                     "passfile",
                                                     "service",
                                                     "options",
                                                     "sslmode",
                                                     "driver",
                                                     "dsn",
                                                     "server",
                                                     "database",
                                                     "uid",
                                                     "pwd",
                                                     "filedsn",
                                                     "target_session_attrs",
                                                     "connect_timeout",
                                                     "application_name"};

std::size_t skip_blanks(std::string_view words, std::size_t at) {
  return std::min(words.find_first_not_of(" \t\r\n", at), words.size());
}

// What stands in quotes at `at`; leaves `at` behind them.
std::optional<std::string> quoted(std::string_view words, std::size_t& at) {
  const bool is_braces = words[at] == '{';
  const char end = is_braces ? '}' : words[at];
  std::string value;
  for (++at; at < words.size(); ++at) {
    const bool is_doubled = words[at] == end && at + 1 < words.size() && words[at + 1] == end;
    const bool is_escaped = !is_braces && words[at] == '\\' && at + 1 < words.size();
    if (words[at] == end && !is_doubled) {
      ++at;
      return value;
    }
    if (is_doubled || is_escaped) ++at;
    value += words[at];
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::vector<ConnectionWord>> connection_words(std::string_view words,
                                                            char separator) {
  std::vector<ConnectionWord> found;
  const bool by_blanks = separator == ' ';
  for (std::size_t at = skip_blanks(words, 0); at < words.size(); at = skip_blanks(words, at)) {
    if (words[at] == separator) {
      ++at;
      continue;
    }
    const std::size_t equals = words.find('=', at);
    if (equals == std::string_view::npos || words.substr(at, equals - at).find(separator) <
                                                trimmed(words.substr(at, equals - at)).size())
      return std::nullopt;
    ConnectionWord word{.name = std::string(trimmed(words.substr(at, equals - at))), .value = {}};
    at = skip_blanks(words, equals + 1);
    const bool has_quotes = at < words.size() && (words[at] == '{' || words[at] == '\'');
    if (has_quotes) {
      const auto value = quoted(words, at);
      if (!value) return std::nullopt;
      word.value = *value;
    } else {
      const std::size_t end = std::min(
          by_blanks ? words.find_first_of(" \t\r\n", at) : words.find(separator, at), words.size());
      word.value = trimmed(words.substr(at, end - at));
      at = end;
    }
    found.push_back(std::move(word));
  }
  return found;
}

bool is_connection_words(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return false;
  const std::string_view name = trimmed(text.substr(0, equals));
  const std::string low = lowered(text);
  return std::any_of(kNames.begin(), kNames.end(),
                     [&](std::string_view known) { return same_but_for_case(name, known); }) ||
         low.find("password=") != std::string::npos || low.find("pwd=") != std::string::npos;
}

}  // namespace weir::text
