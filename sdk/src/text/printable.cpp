#include "text/printable.h"

#include <cstddef>

namespace weir::text {
namespace {

unsigned char byte_at(std::string_view text, std::size_t at) {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
}

bool is_between(unsigned char byte, unsigned char low, unsigned char high) {
  return byte >= low && byte <= high;
}

// How many bytes the letter at the beginning takes; 0 when they are no UTF-8 (Unicode, table 3-7).
std::size_t letter_bytes(std::string_view text) {
  const unsigned char first = byte_at(text, 0);
  const unsigned char second = byte_at(text, 1);
  if (first < 0x80) return 1;
  if (is_between(first, 0xC2, 0xDF)) return is_between(second, 0x80, 0xBF) ? 2 : 0;
  const bool third = is_between(byte_at(text, 2), 0x80, 0xBF);
  if (is_between(first, 0xE0, 0xEF)) {
    const unsigned char low = first == 0xE0 ? 0xA0 : 0x80;
    const unsigned char high = first == 0xED ? 0x9F : 0xBF;
    return is_between(second, low, high) && third ? 3 : 0;
  }
  if (!is_between(first, 0xF0, 0xF4)) return 0;
  const unsigned char low = first == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = first == 0xF4 ? 0x8F : 0xBF;
  return is_between(second, low, high) && third && is_between(byte_at(text, 3), 0x80, 0xBF) ? 4 : 0;
}

bool is_control(std::string_view letter) {
  const unsigned char first = byte_at(letter, 0);
  if (letter.size() == 1) return first < 0x20 || first == 0x7F;
  return letter.size() == 2 && first == 0xC2 && byte_at(letter, 1) < 0xA0;
}

// Marks and isolates that turn the direction of a text, and what ends a line or a paragraph.
bool is_turning(std::string_view letter) {
  if (letter == "\u061C") return true;
  const unsigned char third = byte_at(letter, 2);
  if (letter.starts_with("\xE2\x80"))
    return is_between(third, 0x8E, 0x8F) || is_between(third, 0xA8, 0xAE);
  return letter.starts_with("\xE2\x81") && is_between(third, 0xA6, 0xA9);
}

}  // namespace

std::string printable(std::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  while (!text.empty()) {
    const std::size_t bytes = letter_bytes(text);
    const std::string_view letter = text.substr(0, bytes == 0 ? 1 : bytes);
    if (bytes == 0) {
      shown += '?';
    } else if (is_control(letter) || is_turning(letter)) {
      shown += ' ';
    } else {
      shown += letter;
    }
    text.remove_prefix(letter.size());
  }
  return shown;
}

bool is_printable(std::string_view text) { return printable(text) == text; }

}  // namespace weir::text
