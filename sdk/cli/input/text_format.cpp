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

constexpr const char* kIsUtf8 = "the file is UTF-8: leave --encoding out";

// Five of the bytes have no meaning, and stand for themselves in the table.
bool is_in_windows(unsigned char byte) { return kWindows[byte - 0x80U] != byte; }

Error usage_error(const std::string& message) {
  return {.code = ErrorCode::kInvalidArgument, .message = message};
}

std::string in_small_letters(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

std::optional<Encoding> encoding_of(const std::string& given) {
  const std::string name = in_small_letters(given);
  if (name == "utf-8" || name == "utf8") return Encoding::kUtf8;
  if (name == "latin1" || name == "latin-1" || name == "iso-8859-1") return Encoding::kLatin1;
  if (name == "windows-1252" || name == "cp1252") return Encoding::kWindows1252;
  if (name == "utf-16" || name == "utf16") return Encoding::kUtf16;
  return std::nullopt;
}

}  // namespace

std::optional<FileForm> form_by_name(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const std::string extension = in_small_letters(std::string(name.substr(dot)));
  if (extension == ".csv") return FileForm::kCsv;
  const bool is_json = extension == ".ndjson" || extension == ".jsonl" || extension == ".json";
  return is_json ? std::optional(FileForm::kNdjson) : std::nullopt;
}

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
    format.is_delimiter_given = true;
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
  return decode_bytes(bytes, text);
}

bool Decoder::decode_bytes(std::string_view bytes, std::string& text) {
  std::u16string units;
  units.reserve(bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    look_for_utf8(byte);
    if (meaningless_) continue;
    lines_.pass(c);
    const bool is_special = byte >= 0x80 && byte < 0xA0;
    if (is_special && (encoding_ == Encoding::kLatin1 || !is_in_windows(byte))) meaningless_ = byte;
    units += is_special ? kWindows[byte - 0x80U] : static_cast<char16_t>(byte);
  }
  return !meaningless_ && append_utf8(units, text);
}

std::string Decoder::problem() const {
  if (!meaningless_) return "";
  if (utf8_letters_ > 0 && other_letters_ == 0) return kIsUtf8;
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const std::string byte =
      std::string("byte 0x") + kDigits[*meaningless_ >> 4U] + kDigits[*meaningless_ & 0xFU];
  if (is_in_windows(*meaningless_))
    return byte + " is a control character in latin1: give --encoding windows-1252";
  return byte + " is no letter in " +
         (encoding_ == Encoding::kLatin1 ? "latin1 or windows-1252" : "windows-1252") +
         ": was the file written in another encoding? Write it as UTF-8";
}

std::string Decoder::doubt() const {
  if (utf8_letters_ <= other_letters_ || other_letters_ == 0) return "";
  return std::to_string(utf8_letters_) + " of its " +
         std::to_string(utf8_letters_ + other_letters_) +
         " letters beyond ASCII look like UTF-8; is --encoding " +
         (encoding_ == Encoding::kLatin1 ? "latin1" : "windows-1252") + " right?";
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
    if (--rest_of_letter_ == 0) ++utf8_letters_;
    return;
  }
  if (rest_of_letter_ > 0) ++other_letters_;
  rest_of_letter_ = 0;
  if (byte < 0x80) return;
  if (byte >= 0xC2 && byte < 0xF5) {
    rest_of_letter_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
  } else {
    ++other_letters_;
  }
}

}  // namespace weir::cli
