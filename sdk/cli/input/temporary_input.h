// TemporaryInput: what a command or a server has handed over, kept in a temporary file without a
// name until it is read. Nothing is left behind, whatever happens. Not thread-safe.
#pragma once

#include <weir/result.h>

#include <string>
#include <string_view>
#include <utility>

namespace weir::cli {

// A new file without a name, in TMPDIR or /tmp, in memory where no folder takes it; -1 when there
// is no room at all.
int open_temporary_file();

class TemporaryInput {
 public:
  // kStoreFull: there is no room for a temporary file.
  static Result<TemporaryInput> make();

  ~TemporaryInput();
  TemporaryInput(TemporaryInput&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)) {}
  TemporaryInput& operator=(TemporaryInput&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }

  // Adds bytes at the end. kStoreFull: they are not all there.
  Result<void> append(std::string_view bytes);

  int descriptor() const { return descriptor_; }

  // By which readers of files open it, as long as this lives.
  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  explicit TemporaryInput(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace weir::cli
