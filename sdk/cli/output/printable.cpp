#include "output/printable.h"

#include <algorithm>
#include <string_view>

#include "text/printable.h"
#include "text/shortened.h"

namespace weir::cli {
namespace {

constexpr std::string_view kOpen = "“";
constexpr std::string_view kClose = "”";
constexpr std::size_t kLongestQuote = 1000;
// A quote that was cut off where it was made ends with "…" behind its last byte.
constexpr std::size_t kMostQuoted = kLongestQuote + std::string_view("…").size();

std::string with_short_quotes(const std::string& message) {
  std::string text;
  for (std::size_t at = 0;;) {
    const std::size_t open = message.find(kOpen, at);
    if (open == std::string::npos) return text + message.substr(at);
    const std::size_t begin = open + kOpen.size();
    const std::size_t end = std::min(message.find(kClose, begin), message.size());
    text += message.substr(at, begin - at);
    const std::string quote = message.substr(begin, end - begin);
    text += quote.size() <= kMostQuoted ? quote : first_bytes(quote, kLongestQuote);
    at = end;
  }
}

}  // namespace

std::string printable(const std::string& text) { return text::printable(text); }

std::string first_bytes(const std::string& text, std::size_t most) {
  return printable(text::shortened(text, most)) + (text.size() > most ? "…" : "");
}

std::string shown_message(const std::string& message) {
  const std::string text = with_short_quotes(message);
  std::string shown;
  for (std::size_t begin = 0;;) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    shown += printable(text.substr(begin, end - begin));
    if (end == text.size()) return shown;
    shown += '\n';
    begin = end + 1;
  }
}

}  // namespace weir::cli
