// TextFormat: how a text file is written, and Decoder: its bytes as UTF-8.
#pragma once

#include <weir/result.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "input/line_count.h"

namespace weir::cli {

enum class Encoding { kUtf8, kLatin1, kWindows1252, kUtf16 };

struct TextFormat {
  char delimiter = ',';
  bool is_delimiter_given = false;  // else a header that looks divided otherwise is refused
  Encoding encoding = Encoding::kUtf8;
};

enum class FileForm { kCsv, kNdjson };

// What the extension of a file's name says, in letters of any case: .csv, or .ndjson, .jsonl and
// .json. Empty when it has another, or none; the folders that it lies in do not matter.
std::optional<FileForm> form_by_name(std::string_view path);

// A sign or "tab"; "utf-8", "latin1", "windows-1252" or "utf-16". kInvalidArgument says what is
// known.
Result<TextFormat> parse_text_format(const std::optional<std::string>& delimiter,
                                     const std::optional<std::string>& encoding);

// Bytes of a file, in pieces, to UTF-8. Not thread-safe.
class Decoder {
 public:
  explicit Decoder(Encoding encoding) : encoding_(encoding) {}

  // Appends what the bytes mean. A letter that is not whole yet is kept for the next piece. False
  // when they mean nothing in this encoding.
  bool decode(std::string_view bytes, std::string& text);

  // Whether the file may end here.
  bool is_whole() const { return kept_.empty(); }

  // Whether the bytes were called Latin-1 or windows-1252, and all letters beyond ASCII are UTF-8.
  bool is_utf8_after_all() const {
    return utf8_letters_ > 0 && other_letters_ == 0 && rest_of_letter_ == 0;
  }

  // After bytes of Latin-1 or windows-1252 that mean nothing: their line, and what is wrong.
  std::size_t line() const { return lines_.line(); }
  std::string problem() const;

  // What to tell of bytes that were called Latin-1 or windows-1252 and mostly are UTF-8; empty when
  // they are not.
  std::string doubt() const;

 private:
  bool decode_utf16(std::string_view bytes, std::string& text);
  bool decode_bytes(std::string_view bytes, std::string& text);
  void look_for_utf8(unsigned char byte);

  const Encoding encoding_;
  std::string kept_;
  std::optional<bool> is_big_endian_;  // known after the first two bytes
  LineCount lines_;                    // of Latin-1 and windows-1252
  std::optional<unsigned char> meaningless_;
  int rest_of_letter_ = 0;  // bytes to come, were this UTF-8
  std::size_t utf8_letters_ = 0;
  std::size_t other_letters_ = 0;
};

}  // namespace weir::cli
