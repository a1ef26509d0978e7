// TextFormat: how a text file is written, and Decoder: its bytes as UTF-8.
#pragma once

#include <weir/result.h>

#include <optional>
#include <string>
#include <string_view>

namespace weir::cli {

enum class Encoding { kUtf8, kLatin1, kWindows1252, kUtf16 };

struct TextFormat {
  char delimiter = ',';
  Encoding encoding = Encoding::kUtf8;
};

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
  bool is_utf8_after_all() const { return has_utf8_ && !has_others_ && rest_of_letter_ == 0; }

 private:
  bool decode_utf16(std::string_view bytes, std::string& text);
  void look_for_utf8(unsigned char byte);

  const Encoding encoding_;
  std::string kept_;
  std::optional<bool> is_big_endian_;  // known after the first two bytes
  int rest_of_letter_ = 0;             // bytes to come, were this UTF-8
  bool has_utf8_ = false;
  bool has_others_ = false;
};

}  // namespace weir::cli
