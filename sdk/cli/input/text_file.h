// TextFile: an input as UTF-8 text, in order, with a look ahead, and what tells one version of it
// from another.
//
// A file that is written while it is read would be taken for a shorter one, so readers call
// finish() at the end. A file that is replaced by a rename is read to its own end. Not thread-safe.
#pragma once

#include <weir/result.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "input/input_bytes.h"
#include "input/text_format.h"

namespace weir::cli {

// Which line a text is on that ends its lines with LF, CRLF or CR.
class LineCount {
 public:
  void pass(std::string_view text) {
    for (const char c : text) pass(c);
  }
  void pass(char c) {
    if (c == '\r' || (c == '\n' && last_ != '\r')) ++line_;
    last_ = c;
  }
  std::size_t line() const { return line_; }

 private:
  std::size_t line_ = 1;
  char last_ = '\0';
};

class TextFile {
 public:
  static constexpr int kEnd = -1;

  // Passes over a byte order mark. kInvalidArgument: no such file, a folder, or another encoding
  // than this by its byte order mark. "-" is standard input.
  static Result<TextFile> open(const std::string& path, Encoding encoding = Encoding::kUtf8);

  const std::string& path() const { return path_; }

  int peek() {
    return at_ < text_.size() || fill() ? static_cast<unsigned char>(text_[at_]) : kEnd;
  }
  int get() {
    const int c = peek();
    if (c != kEnd) ++at_;
    return c;
  }

  bool is_at_end() { return peek() == kEnd; }

  // The text at hand, at least one byte unless the file has ended; and passing over some of it.
  std::string_view ahead();
  void skip(std::size_t bytes) { at_ += bytes; }

  // Passes over the rest of the file, handing it on.
  Result<void> read_rest(const std::function<void(std::string_view)>& take);

  // Whether the last line, so far, has its end.
  bool ends_with_line_break() const { return last_ == '\n' || last_ == '\r'; }

  // What is wrong with what was read: a failure of the disk, or a writer at work. To be called
  // before the rows that were read are trusted.
  Result<void> finish() const;

 private:
  TextFile(std::string path, InputBytes bytes, Encoding encoding);
  bool fill();

  std::string path_;
  InputBytes bytes_;
  std::string version_;
  std::unique_ptr<Decoder> decoder_;
  std::vector<char> buffer_;
  std::string text_;  // decoded, and not all of it read yet
  std::size_t at_ = 0;
  char last_ = '\n';
  bool is_undecodable_ = false;
};

}  // namespace weir::cli
