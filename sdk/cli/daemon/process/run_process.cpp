#include "daemon/process/run_process.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>
#include <weir/foreign_words.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "daemon/process/child.h"
#include "input/stop_event.h"
#include "output/printable.h"

namespace weir::daemon {
namespace {

using SteadyClock = std::chrono::steady_clock;
using Moment = SteadyClock::time_point;

constexpr std::size_t kMostLastWords = 4096;
// How long what a program has left behind may go on after it: a writer of a log at its end.
constexpr Milliseconds kRestOfGroup{1000};
// After SIGKILL a process is gone as soon as the kernel comes to it.
constexpr Milliseconds kAfterKill{2000};
constexpr Milliseconds kLookAtGroup{5};

Milliseconds left_until(Moment moment) {
  return std::max(Milliseconds{0}, std::chrono::ceil<Milliseconds>(moment - SteadyClock::now()));
}

// One program under way.
class Run {
 public:
  Run(const ProcessOrder& order, Child child)
      : order_(order), child_(std::move(child)), stop_(order.stop) {
    timeout_at_ = SteadyClock::now() + order.timeout;
  }

  ProcessEnd to_its_end() {
    while (!child_.status()) {
      give_signals();
      wait();
      read_pipes();
    }
    read_pipes();
    end_group();
    ProcessEnd end{.cause = cause_.value_or(ProcessEnd::Cause::kItself),
                   .last_words = std::move(last_words_)};
    const int status = child_.status().value_or(0);
    end.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return end;
  }

 private:
  void end_because(ProcessEnd::Cause cause) {
    if (cause_) return;
    cause_ = cause;
    child_.signal(SIGTERM);
    kill_at_ = SteadyClock::now() + order_.patience;
  }

  void give_signals() {
    const Moment now = SteadyClock::now();
    if (!stop_at_ && order_.stop.stop_requested()) stop_at_ = now + order_.stop_grace;
    if (now >= timeout_at_) end_because(ProcessEnd::Cause::kTimeout);
    if (stop_at_ && now >= *stop_at_) end_because(ProcessEnd::Cause::kStop);
    if (kill_at_ && now >= *kill_at_) child_.signal(SIGKILL);
  }

  Milliseconds until_next_signal() const {
    if (kill_at_) return std::max(left_until(*kill_at_), kLookAtGroup);
    const Moment next = stop_at_ ? std::min(*stop_at_, timeout_at_) : timeout_at_;
    return left_until(next);
  }

  void wait() {
    // A descriptor of -1 is passed over.
    std::array<pollfd, 4> waits = {{{child_.end(), POLLIN, 0},
                                    {child_.output().get(), POLLIN, 0},
                                    {child_.errors().get(), POLLIN, 0},
                                    {stop_at_ ? -1 : stop_.descriptor(), POLLIN, 0}}};
    // Without a descriptor for its end, it is looked at now and then.
    const Milliseconds longest = child_.end() < 0 ? Milliseconds{50} : Milliseconds{60'000};
    ::poll(waits.data(), waits.size(),
           static_cast<int>(std::min(until_next_signal(), longest).count()));
  }

  // What is there now; the end of a pipe closes it.
  void read_pipes() {
    read(child_.output(), [this](std::string_view bytes) {
      if (order_.on_output && !cause_ && !order_.on_output(bytes))
        end_because(ProcessEnd::Cause::kOutputRefused);
    });
    read(child_.errors(), [this](std::string_view bytes) {
      last_words_ += bytes;
      if (last_words_.size() > kMostLastWords)
        last_words_.erase(0, last_words_.size() - kMostLastWords);
    });
  }

  template <class Taker>
  void read(Descriptor& pipe, const Taker& take) {
    // No more than a pipe holds at once, so that a writer without end does not stop the clock.
    for (int pieces = 0; pipe.is_open() && pieces < 4; ++pieces) {
      const ssize_t got = ::read(pipe.get(), buffer_.data(), buffer_.size());
      if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
      if (got <= 0) return pipe.close();
      take(std::string_view(buffer_.data(), static_cast<std::size_t>(got)));
    }
  }

  // The program has ended; what it left behind in its group follows.
  void end_group() {
    if (!wait_for_group(cause_ ? left_until(*kill_at_) : kRestOfGroup)) return;
    if (!cause_) {
      child_.signal(SIGTERM);
      if (!wait_for_group(order_.patience)) return;
    }
    child_.signal(SIGKILL);
    wait_for_group(kAfterKill);
  }

  // Whether it is still there after so long.
  bool wait_for_group(Milliseconds longest) {
    const Moment until = SteadyClock::now() + longest;
    while (child_.has_group()) {
      if (SteadyClock::now() >= until) return true;
      ::poll(nullptr, 0, static_cast<int>(kLookAtGroup.count()));
      read_pipes();
    }
    // The last of it may have written before it ended.
    read_pipes();
    return false;
  }

  const ProcessOrder& order_;
  Child child_;
  const cli::StopEvent stop_;
  Moment timeout_at_;
  std::optional<Moment> stop_at_;
  std::optional<Moment> kill_at_;
  std::optional<ProcessEnd::Cause> cause_;
  std::string last_words_;
  std::array<char, 65536> buffer_ = {};
};

}  // namespace

Result<ProcessEnd> run_process(const ProcessOrder& order) {
  Result<Child> child = Child::start(order.command, order.input, order.environment);
  if (!child) return child.error();
  return Run(order, std::move(*child)).to_its_end();
}

std::string shown(const ProcessEnd& end, Milliseconds timeout) {
  std::string text;
  switch (end.cause) {
    case ProcessEnd::Cause::kTimeout:
      text = "did not end within " + std::to_string(timeout.count() / 1000) + " s and was ended";
      break;
    case ProcessEnd::Cause::kStop:
      text = "was ended, since Weir stops";
      break;
    case ProcessEnd::Cause::kOutputRefused:
      text = "was ended, since its output cannot be used";
      break;
    case ProcessEnd::Cause::kItself:
      text = end.exit_code > 128 ? "was ended by signal " + std::to_string(end.exit_code - 128)
                                 : "ended with exit code " + std::to_string(end.exit_code);
  }
  std::string words = cli::printable(end.last_words);
  const std::size_t last = words.find_last_not_of(' ');
  words.erase(last == std::string::npos ? 0 : last + 1);
  return words.empty() ? text : text + ": " + foreign_words(words);
}

}  // namespace weir::daemon
