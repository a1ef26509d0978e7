#include "output/progress.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <streambuf>

#include "output/printable.h"

namespace weir::cli {

// The line on the terminal, and the two streams that would write on behind it.
class Progress::Line {
 public:
  Line() = default;
  ~Line() { write(""); }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  void write(const std::string& line) {
    const std::lock_guard lock(mutex_);
    if (line.empty() && !is_there_) return;
    put("\r\033[K" + line);
    is_there_ = !line.empty();
  }

 private:
  // Words for a stream, behind the cleared line.
  class Behind final : public std::streambuf {
   public:
    Behind(Line& line, std::ostream& stream)
        : line_(line), stream_(stream), target_(stream.rdbuf(this)) {}
    ~Behind() override {
      // Another buffer makes a stream good again that has failed.
      const std::ios::iostate state = stream_.rdstate();
      stream_.rdbuf(target_);
      stream_.setstate(state);
    }

    std::streambuf& target() { return *target_; }

   private:
    int overflow(int letter) override {
      line_.write("");
      return traits_type::eq_int_type(letter, traits_type::eof())
                 ? traits_type::not_eof(letter)
                 : target_->sputc(traits_type::to_char_type(letter));
    }
    std::streamsize xsputn(const char* text, std::streamsize length) override {
      line_.write("");
      return target_->sputn(text, length);
    }
    int sync() override { return target_->pubsync(); }

    Line& line_;
    std::ostream& stream_;
    std::streambuf* const target_;
  };

  void put(const std::string& text) {
    errors_.target().sputn(text.data(), static_cast<std::streamsize>(text.size()));
    errors_.target().pubsync();
  }

  std::mutex mutex_;
  bool is_there_ = false;
  Behind words_{*this, std::cout};
  Behind errors_{*this, std::cerr};
};

Progress::Progress(bool wanted)
    : shown_(wanted && ::isatty(STDERR_FILENO) == 1 ? std::make_unique<Line>() : nullptr) {}

Progress::~Progress() = default;

void Progress::show(const std::string& what) {
  if (shown_) shown_->write(what);
}

void Progress::expect(const std::string& what, std::int64_t calls) {
  const std::lock_guard lock(mutex_);
  what_ = what;
  expected_ = calls;
  calls_ = 0;
  began_ = std::chrono::steady_clock::now();
  if (calls > 0 && shown_) shown_->write(line());
}

void Progress::called() {
  const std::lock_guard lock(mutex_);
  ++calls_;
  if (shown_) shown_->write(line());
}

// The call that is under way, as far as one more is expected, else the last one.
std::string Progress::line() const {
  return progress_line(
      what_, std::max<std::int64_t>(1, calls_ < expected_ ? calls_ + 1 : calls_), expected_,
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
