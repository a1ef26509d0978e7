// Progress on a terminal: one line on standard error that is rewritten in place. Silent when
// standard error is not a terminal, and when asked to be. Safe to use from several threads.
//
// Whatever else the program writes to std::cout or std::cerr meanwhile first clears the line.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
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

  // What is going to be sent: "OUTAGES: call 1 of 16". More calls than these may come to it.
  void expect(const std::string& what, std::int64_t calls);
  // A call has ended.
  void called();

 private:
  class Line;

  std::string line() const;

  const std::unique_ptr<Line> shown_;  // none: nothing is shown
  std::mutex mutex_;
  std::string what_;
  std::int64_t expected_ = 0;
  std::int64_t calls_ = 0;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

// "OUTAGES: call 3 of 16, 4 s", or "call 3" of what is not known beforehand.
std::string progress_line(const std::string& what, std::int64_t call, std::int64_t expected,
                          std::chrono::seconds passed);

}  // namespace weir::cli
