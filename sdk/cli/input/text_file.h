// TextFile: the bytes of a text file, in order, with a look ahead, and what tells one version of it
// from another.
//
// A file that is written while it is read would be taken for a shorter one, so readers call
// finish() at the end. A file that is replaced by a rename is read to its own end. Not thread-safe.
#pragma once

#include <weir/result.h>

#include <array>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace weir::cli {

class TextFile {
 public:
  static constexpr int kEnd = -1;

  // Passes over a UTF-8 byte order mark. kInvalidArgument: no such file, a folder, or UTF-16.
  static Result<TextFile> open(const std::string& path);

  const std::string& path() const { return path_; }

  int peek() { return at_ < size_ || fill() ? static_cast<unsigned char>((*buffer_)[at_]) : kEnd; }
  int get() {
    const int c = peek();
    if (c != kEnd) ++at_;
    return c;
  }

  // The bytes at hand, at least one unless the file has ended; and passing over some of them.
  std::string_view ahead();
  void skip(std::size_t bytes) { at_ += bytes; }

  // Passes over the rest of the file, handing it on.
  Result<void> read_rest(const std::function<void(std::string_view)>& take);

  // What is wrong with what was read: a failure of the disk, or a writer at work. To be called
  // before the rows that were read are trusted.
  Result<void> finish() const;

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  using Buffer = std::array<char, 64 * 1024>;

  TextFile(std::string path, std::FILE* file);
  bool fill();

  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
  std::string version_;
  std::unique_ptr<Buffer> buffer_ = std::make_unique<Buffer>();
  std::size_t at_ = 0;
  std::size_t size_ = 0;
};

// Differs whenever the file at this path was replaced or written.
Result<std::string> file_version(const std::string& path);

}  // namespace weir::cli
