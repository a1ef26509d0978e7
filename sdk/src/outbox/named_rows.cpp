#include "outbox/named_rows.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace weir::outbox {
namespace {

constexpr std::array<std::string_view, 4> kBefore = {"row ", "key ", "id ", "rowid "};

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return text;
}

bool is_quoted(std::string_view text, std::size_t begin, std::size_t end) {
  if (begin == 0 || end >= text.size()) return false;
  const char quote = text[begin - 1];
  return (quote == '\'' || quote == '"') && text[end] == quote;
}

bool follows_a_word(const std::string& lowered, std::size_t begin, std::size_t end) {
  if (end < lowered.size() && is_word(lowered[end])) return false;
  return std::any_of(kBefore.begin(), kBefore.end(), [&](std::string_view word) {
    if (begin < word.size() || lowered.compare(begin - word.size(), word.size(), word) != 0)
      return false;
    return begin == word.size() || !is_word(lowered[begin - word.size() - 1]);
  });
}

bool names(const std::string& message, const std::string& lowered, const std::string& key) {
  for (std::size_t at = message.find(key); at != std::string::npos;
       at = message.find(key, at + 1)) {
    const std::size_t end = at + key.size();
    if (is_quoted(message, at, end) || follows_a_word(lowered, at, end)) return true;
  }
  return false;
}

}  // namespace

std::set<std::string> named_rows(const std::string& message, const Batch& batch) {
  const std::string lowered = lower(message);
  std::set<std::string> named;
  for (const BatchChange& change : batch.changes) {
    if (names(message, lowered, change.key)) named.insert(change.key);
  }
  return named;
}

}  // namespace weir::outbox
