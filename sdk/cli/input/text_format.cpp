#include "input/text_format.h"

#include <array>

#include "input/utf16.h"

namespace weir::cli {
namespace {

// What windows-1252 has in the place of Latin-1's control characters from 0x80 on.
constexpr std::array<char16_t, 32> kWindows = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

Error usage_error(const std::string& message) {
  return {.code = ErrorCode::kInvalidArgument, .message = message};
}

std::optional<Encoding> encoding_of(std::string name) {
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (name == "utf-8" || name == "utf8") return Encoding::kUtf8;
  if (name == "latin1" || name == "latin-1" || name == "iso-8859-1") return Encoding::kLatin1;
  if (name == "windows-1252" || name == "cp1252") return Encoding::kWindows1252;
  if (name == "utf-16" || name == "utf16") return Encoding::kUtf16;
  return std::nullopt;
}

}  // namespace

Result<TextFormat> parse_text_format(const std::optional<std::string>& delimiter,
                                     const std::optional<std::string>& encoding) {
  TextFormat format;
  if (delimiter) {
    const std::string sign = *delimiter == "tab" || *delimiter == "\\t" ? "\t" : *delimiter;
    const bool is_usable = sign.size() == 1 && static_cast<unsigned char>(sign[0]) < 0x80 &&
                           (sign[0] >= ' ' || sign[0] == '\t') && sign[0] != '"';
    if (!is_usable)
      return usage_error("the delimiter is '" + *delimiter +
                         "'; it must be one sign, such as ';' or '|', or tab");
    format.delimiter = sign[0];
  }
  if (encoding) {
    const std::optional<Encoding> known = encoding_of(*encoding);
    if (!known)
      return usage_error("the encoding is '" + *encoding +
                         "'; it must be utf-8, latin1, windows-1252 or utf-16");
    format.encoding = *known;
  }
  return format;
}

bool Decoder::decode(std::string_view bytes, std::string& text) {
  if (encoding_ == Encoding::kUtf16) return decode_utf16(bytes, text);
  if (encoding_ == Encoding::kUtf8) {
    text += bytes;
    return true;
  }
  std::u16string units;
  units.reserve(bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    look_for_utf8(byte);
    const bool is_special = encoding_ == Encoding::kWindows1252 && byte >= 0x80 && byte < 0xA0;
    units += is_special ? kWindows[byte - 0x80U] : static_cast<char16_t>(byte);
  }
  return append_utf8(units, text);
}

bool Decoder::decode_utf16(std::string_view bytes, std::string& text) {
  kept_ += bytes;
  std::size_t at = 0;
  if (!is_big_endian_ && kept_.size() >= 2) {
    const bool has_mark = kept_.starts_with("\xFE\xFF") || kept_.starts_with("\xFF\xFE");
    // Without a mark, the first letter tells: it is one of ASCII in nearly all files.
    is_big_endian_ = kept_.starts_with("\xFE\xFF") || (kept_[0] == '\0' && kept_[1] != '\0');
    if (has_mark) at = 2;
  }
  std::u16string units;
  for (; at + 2 <= kept_.size(); at += 2) {
    const auto one = static_cast<unsigned char>(kept_[at]);
    const auto two = static_cast<unsigned char>(kept_[at + 1]);
    units += static_cast<char16_t>(*is_big_endian_ ? one << 8 | two : two << 8 | one);
  }
  // The first half of a letter waits for the second.
  if (!units.empty() && units.back() >= 0xD800 && units.back() < 0xDC00) {
    units.pop_back();
    at -= 2;
  }
  kept_.erase(0, at);
  return append_utf8(units, text);
}

void Decoder::look_for_utf8(unsigned char byte) {
  const bool is_next = byte >= 0x80 && byte < 0xC0;
  if (rest_of_letter_ > 0 && is_next) {
    has_utf8_ = --rest_of_letter_ == 0 || has_utf8_;
    return;
  }
  has_others_ = has_others_ || rest_of_letter_ > 0;
  rest_of_letter_ = 0;
  if (byte < 0x80) return;
  if (byte >= 0xC2 && byte < 0xF5) {
    rest_of_letter_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
  } else {
    has_others_ = true;
  }
}

}  // namespace weir::cli
