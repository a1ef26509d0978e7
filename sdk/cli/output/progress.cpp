#include "output/progress.h"

#include <unistd.h>

#include <iostream>

#include "output/printable.h"

namespace weir::cli {

Progress::Progress(bool wanted) : shown_(wanted && ::isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() { write(""); }

void Progress::show(const std::string& what) {
  const std::lock_guard lock(mutex_);
  write(what);
}

void Progress::expect(const std::string& what, std::int64_t calls) {
  const std::lock_guard lock(mutex_);
  what_ = what;
  expected_ = calls;
  calls_ = 0;
  began_ = std::chrono::steady_clock::now();
  if (calls > 0) write(line());
}

void Progress::called() {
  const std::lock_guard lock(mutex_);
  ++calls_;
  write(line());
}

void Progress::write(const std::string& line) const {
  if (shown_) std::cerr << "\r\033[K" << line << std::flush;
}

std::string Progress::line() const {
  return progress_line(
      what_, calls_ + 1, expected_,
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - began_));
}

std::string progress_line(const std::string& what, std::int64_t call, std::int64_t expected,
                          std::chrono::seconds passed) {
  std::string line = what.empty() ? "" : printable(what) + ": ";
  line += "call " + std::to_string(call);
  if (call <= expected) line += " of " + std::to_string(expected);
  return line + ", " + std::to_string(passed.count()) + " s";
}

}  // namespace weir::cli
