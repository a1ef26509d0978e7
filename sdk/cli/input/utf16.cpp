#include "input/utf16.h"

#include <cstdint>

namespace weir::cli {
namespace {

bool is_first_half(char16_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool is_second_half(char16_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

void append_letter(std::uint32_t letter, std::string& text) {
  const auto rest = [&](int shift) {
    text += static_cast<char>(0x80 | ((letter >> shift) & 0x3F));
  };
  if (letter < 0x80) {
    text += static_cast<char>(letter);
  } else if (letter < 0x800) {
    text += static_cast<char>(0xC0 | (letter >> 6));
    rest(0);
  } else if (letter < 0x10000) {
    text += static_cast<char>(0xE0 | (letter >> 12));
    rest(6);
    rest(0);
  } else {
    text += static_cast<char>(0xF0 | (letter >> 18));
    rest(12);
    rest(6);
    rest(0);
  }
}

}  // namespace

bool append_utf8(std::u16string_view units, std::string& text) {
  for (std::size_t i = 0; i < units.size(); ++i) {
    std::uint32_t letter = units[i];
    if (is_first_half(units[i])) {
      if (i + 1 == units.size() || !is_second_half(units[i + 1])) return false;
      letter = 0x10000 + ((letter - 0xD800) << 10) + (std::uint32_t{units[++i]} - 0xDC00);
    } else if (is_second_half(units[i])) {
      return false;
    }
    append_letter(letter, text);
  }
  return true;
}

std::optional<std::u16string> to_utf16(std::string_view text) {
  std::u16string units;
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (i + size > text.size() || (first >= 0x80 && first < 0xC2) || first > 0xF4)
      return std::nullopt;
    std::uint32_t letter = size == 1 ? first : first & (0xFFU >> (size + 1));
    for (std::size_t k = 1; k < size; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xC0) != 0x80) return std::nullopt;
      letter = letter << 6 | (next & 0x3F);
    }
    i += size;
    if (letter < 0x10000) {
      units += static_cast<char16_t>(letter);
    } else {
      letter -= 0x10000;
      units += static_cast<char16_t>(0xD800 + (letter >> 10));
      units += static_cast<char16_t>(0xDC00 + (letter & 0x3FF));
    }
  }
  return units;
}

}  // namespace weir::cli
