// InputBytes: the bytes of an input, which can be read from the beginning as often as is needed.
//
// A regular file is opened by its name each time. What can be read only once, such as a pipe, a
// terminal or standard input (named "-"), is put into a temporary file without a name at the first
// time, and stays there as long as the program runs. A stop by a signal ends the waiting. Not
// thread-safe, but for open().
#pragma once

#include <weir/result.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace weir::cli {

class InputBytes {
 public:
  // kInvalidArgument: no such file, a folder, no permission; kCancelled: stopped by a signal.
  static Result<InputBytes> open(const std::string& path);

  ~InputBytes();
  InputBytes(InputBytes&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)), at_(other.at_), failed_(other.failed_) {}
  InputBytes& operator=(InputBytes&&) = delete;

  // The next bytes; 0 at the end, or when reading has failed.
  std::size_t read(std::span<char> buffer);

  bool has_failed() const { return failed_; }

  // Differs whenever the file was replaced or written.
  std::string version() const;

 private:
  explicit InputBytes(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
  std::int64_t at_ = 0;
  bool failed_ = false;
};

// A file that others may exchange at any moment, held open: while it lives, this path is that of
// the file which was there at first. Of one path there is one at a time. Thread-safe.
class PinnedFile {
 public:
  // Empty: no regular file is there; a link is none. kInvalidArgument: it may not be read.
  static Result<std::optional<PinnedFile>> open(const std::string& path);

  ~PinnedFile();
  PinnedFile(PinnedFile&& other) noexcept
      : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}
  PinnedFile& operator=(PinnedFile&&) = delete;

  const std::string& path() const { return path_; }
  int descriptor() const { return descriptor_; }

 private:
  PinnedFile(std::string path, int descriptor);

  std::string path_;
  int descriptor_;
};

// What messages call an input.
std::string shown_input(const std::string& path);

// The version of the file at this path, without reading it.
Result<std::string> file_version(const std::string& path);

}  // namespace weir::cli
