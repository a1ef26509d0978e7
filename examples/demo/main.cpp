// weir-demo: the storm day of examples/data/storm-day through the SDK into the mock server; ./dev
// demo.
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "comparison.h"
#include "replay.h"

namespace {

using weir::demo::Outcome;
using weir::demo::Progress;

constexpr const char* kHelp = R"(weir-demo [--keep] [--data FOLDER]

Replays a real day of changes through Weir, over HTTP, into a mock server that enforces the platform's limits.
  --keep   leave the mock server's portal page up until Ctrl-C
  --data   folder of the recorded day
)";

constexpr int kBarWidth = 32;
constexpr int kCallsPerDay = 2500;

struct Arguments {
  bool keep = false;
  bool help = false;
  std::string data = WEIR_DEMO_DATA;
};

Arguments parse(const std::vector<std::string>& words) {
  Arguments arguments;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--keep") {
      arguments.keep = true;
    } else if (words[i] == "--help" || words[i] == "-h") {
      arguments.help = true;
    } else if (words[i] == "--data" && i + 1 < words.size()) {
      arguments.data = words[++i];
    } else {
      throw std::invalid_argument("unknown argument '" + words[i] + "'; try --help");
    }
  }
  return arguments;
}

// In memory where the system offers that: the demo makes some 20,000 durable transactions in under
// a minute, and a slow disk would make it a demo of the disk.
std::filesystem::path demo_folder() {
  const std::filesystem::path memory = "/dev/shm";
  return ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
}

// A store of the demo's own, which goes with it.
class TemporaryStore {
 public:
  TemporaryStore() {
    std::string name = (demo_folder() / "weir-demo-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
      throw std::runtime_error("cannot make a folder in " + name);
    folder_ = name;
  }
  ~TemporaryStore() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  TemporaryStore(const TemporaryStore&) = delete;
  TemporaryStore& operator=(const TemporaryStore&) = delete;

  std::string path() const { return (folder_ / "demo.db").string(); }

 private:
  std::filesystem::path folder_;
};

// 11372 as 11,372
std::string grouped(std::int64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3 && at <= text.size(); at -= 3) text.insert(at - 3, ",");
  return text;
}

void show(const Progress& progress) {
  if (::isatty(STDERR_FILENO) == 0) return;
  const auto filled = static_cast<std::size_t>(progress.share_of_day * kBarWidth);
  const int minutes = static_cast<int>(progress.share_of_day * 24 * 60);
  std::fprintf(stderr, "\r  %02d:%02d [%s%s] %s changes, %s calls ", minutes / 60, minutes % 60,
               std::string(filled, '#').c_str(), std::string(kBarWidth - filled, '.').c_str(),
               grouped(progress.changes).c_str(), grouped(progress.calls).c_str());
}

void clear_progress() {
  if (::isatty(STDERR_FILENO) != 0) std::fputs("\r\033[K", stderr);
}

std::string duration(double seconds) {
  const std::int64_t whole = std::llround(seconds);
  if (whole >= 3600)
    return std::to_string(whole / 3600) + " h " + std::to_string(whole / 60 % 60) + " min";
  return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
}

void line(const std::string& what, const std::string& value) {
  std::printf("  %-38s%s\n", what.c_str(), value.c_str());
}

void report(const Outcome& outcome, std::int64_t repeated) {
  line("changes", grouped(outcome.changes) + " in " + std::to_string(outcome.sources_changed) +
                      " of " + std::to_string(outcome.sources) + " data sources; " +
                      grouped(repeated) + " rows come again as they were");
  line("calls spent", grouped(outcome.calls) + "; " + grouped(outcome.first_calls) +
                          " of them for the first publish of each data source");
  line("calls left", grouped(outcome.calls_left));
  if (outcome.calls_after_midnight > 0)
    line("sent after midnight", grouped(outcome.calls_after_midnight) +
                                    (outcome.calls_after_midnight == 1 ? " call" : " calls"));
  line("calls refused by the platform", grouped(outcome.refused));
  line("most connections at once", std::to_string(outcome.peak_connections) + " of 3");
  const std::size_t equal = outcome.sources - outcome.sources_that_differ.size();
  line("identical to the utility's at the end",
       std::to_string(equal) + " of " + std::to_string(outcome.sources) + " data sources");
  for (const std::string& source : outcome.sources_that_differ) line("DIFFERS", source);
}

// A day's changes wait for its midnight at the latest here, so those that came too late for the
// day's calls waited longer than the average says.
void compare(const Outcome& outcome, const std::vector<weir::demo::Alternative>& others) {
  std::printf("\nThe same day, computed in this run      calls   until a row was current, mean\n");
  const auto show_way = [](const std::string& name, std::int64_t calls, const std::string& wait) {
    std::printf("  %-34s%9s   %s\n", name.c_str(), grouped(calls).c_str(), wait.c_str());
  };
  show_way("Weir", outcome.calls - outcome.first_calls,
           duration(outcome.mean_seconds_until_current));
  for (const weir::demo::Alternative& other : others) {
    std::string wait = duration(other.mean_seconds_until_current);
    if (other.spent_at)
      wait = "over " + wait + "; wants " + grouped(other.calls_wanted) +
             ", the day's calls are gone by " + *other.spent_at;
    show_way(other.name, other.calls, wait);
  }
}

void wait_for_interrupt() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  int signal = 0;
  sigwait(&signals, &signal);
}

int run(const Arguments& arguments) {
  const TemporaryStore store;
  std::printf(
      "A winter storm on a utility's outage map, 5 February 2024, replayed through Weir over HTTP\n"
      "into a mock server that enforces the platform's limits, in virtual time.\n\n");
  std::fflush(stdout);
  weir::demo::Replay replay(weir::demo::load_storm_day(arguments.data), store.path());
  const Outcome outcome = replay.run(show);
  clear_progress();
  const std::int64_t repeated = outcome.changes - weir::demo::changes_that_matter(replay.day());
  report(outcome, repeated);
  compare(outcome, weir::demo::alternatives(replay.day(), kCallsPerDay - outcome.first_calls));
  std::printf(
      "\nYour own changes, replayed in the same way: weir help simulate. How Weir decides: "
      "docs/pacing.md.\n");
  if (arguments.keep) {
    std::printf("\nThe portal page is at %s and the call log at %s/logs. Ctrl-C ends.\n",
                replay.url().c_str(), replay.url().c_str());
    std::fflush(stdout);
    wait_for_interrupt();
  }
  return outcome.sources_that_differ.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) try {
  const Arguments arguments = parse(std::vector<std::string>(argv + 1, argv + argc));
  if (arguments.help) {
    std::fputs(kHelp, stdout);
    return 0;
  }
  if (arguments.keep) {
    // Blocked before the server's threads start, so that the wait at the end gets them.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  }
  return run(arguments);
} catch (const std::invalid_argument& problem) {
  std::cerr << "weir-demo: " << problem.what() << '\n';
  return 2;
} catch (const std::exception& problem) {
  std::cerr << "weir-demo: " << problem.what() << '\n';
  return 1;
}
