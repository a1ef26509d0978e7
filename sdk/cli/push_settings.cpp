#include "push_settings.h"

#include <charconv>

namespace weir::cli {

std::optional<DeletesLimit> read_deletes(const std::string& text) {
  const bool is_share = text.ends_with('%');
  const char* end = text.data() + text.size() - (is_share ? 1 : 0);
  std::int64_t number = 0;
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stopped != end || number < 0 || (is_share && number > 100))
    return std::nullopt;
  if (is_share) return DeletesLimit{.percent = static_cast<double>(number)};
  return DeletesLimit{.rows = number};
}

FirstPublish first_publish_of(const std::string& word) {
  return word == "adopt" ? FirstPublish::kAdopt : FirstPublish::kReplace;
}

}  // namespace weir::cli
