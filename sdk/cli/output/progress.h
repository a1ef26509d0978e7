// Progress on a terminal: one line on standard error that is rewritten in place. Silent when
// standard error is not a terminal, and when asked to be. Not thread-safe.
#pragma once

#include <string>

namespace weir::cli {

class Progress {
 public:
  explicit Progress(bool wanted);
  // Clears the line.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(const std::string& what);

 private:
  const bool shown_;
};

}  // namespace weir::cli
