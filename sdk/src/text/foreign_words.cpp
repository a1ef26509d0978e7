#include <weir/foreign_words.h>

namespace weir::inline v0 {
namespace {

constexpr std::string_view kOpen = "“";
constexpr std::string_view kClose = "”";
constexpr std::string_view kLeftOut = "…";

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

}  // namespace

std::string foreign_words(std::string_view words) {
  std::string text(words);
  replace_all(text, kOpen, "\"");
  replace_all(text, kClose, "\"");
  return text.insert(0, kOpen).append(kClose);
}

std::string without_foreign_words(std::string_view message) {
  std::string text;
  while (true) {
    const std::size_t open = message.find(kOpen);
    text.append(message.substr(0, open));
    if (open == std::string_view::npos) return text;
    text.append(kLeftOut);
    const std::size_t close = message.find(kClose, open);
    if (close == std::string_view::npos) return text;
    message.remove_prefix(close + kClose.size());
  }
}

}  // namespace weir::inline v0
