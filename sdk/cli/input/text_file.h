// TextFile: an input as UTF-8 text, in order, with a look ahead, and what tells one version of it
// from another.
//
// A file that is written while it is read would be taken for a shorter one, so readers call
// finish() at the end. A file that is replaced by a rename is read to its own end. Not thread-safe.
#pragma once

#include <weir/result.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "input/input_bytes.h"
#include "input/line_count.h"
#include "input/text_format.h"

namespace weir::cli {

class TextFile {
 public:
  static constexpr int kEnd = -1;

  // Passes over a byte order mark. kInvalidArgument: no such file, a folder, no text by its first
  // bytes, or another encoding than this by its byte order mark. "-" is standard input.
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

  // Where reading has stopped at bytes that mean nothing in this encoding: what was read last may
  // be half of something.
  std::optional<Error> undecodable() const;

  // What to tell, after the whole file, of an encoding that may be the wrong one; mostly empty.
  std::string doubt() const;

 private:
  TextFile(std::string path, InputBytes bytes, Encoding encoding);
  bool fill();

  std::string path_;
  InputBytes bytes_;
  std::string version_;
  std::unique_ptr<Decoder> decoder_;
  std::vector<char> buffer_;
  std::string start_;  // the first bytes, as they are in the file
  std::string text_;   // decoded, and not all of it read yet
  std::size_t at_ = 0;
  char last_ = '\n';
  bool is_undecodable_ = false;
};

}  // namespace weir::cli
