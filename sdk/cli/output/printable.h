// Foreign text as it may be shown: it must not steer a terminal or break a line. Pure, thread-safe.
#pragma once

#include <string>

namespace weir::cli {

// Control characters become blanks, those of two bytes (U+0080 to U+009F) too.
inline std::string printable(const std::string& text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  std::string shown;
  shown.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_long =
        byte(i) == 0xC2 && i + 1 < text.size() && byte(i + 1) >= 0x80 && byte(i + 1) <= 0x9F;
    const bool is_control = byte(i) < 0x20 || byte(i) == 0x7F || is_long;
    shown += is_control ? ' ' : text[i];
    if (is_long) ++i;
  }
  return shown;
}

}  // namespace weir::cli
