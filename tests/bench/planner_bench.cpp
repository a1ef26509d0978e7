// What pacing costs a large organization: 10,000 data sources and 1,000,000 changes in a day,
// played through the pacer in virtual time. The baseline is a core that works all day; memory is
// what the pacer adds to the program.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "pacing/push_pacer.h"
#include "pacing/seconds.h"

namespace {

using namespace weir;

constexpr int kSources = 10'000;
constexpr int kChanges = 1'000'000;
constexpr std::int64_t kCalls = 2500;
constexpr TimePoint kMidnight{std::chrono::days{19'723}};  // 2024-01-01
constexpr std::chrono::days kDay{1};

double cpu_seconds() {
  rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double resident_mb() {
  std::ifstream statm("/proc/self/statm");
  long all = 0;
  long resident = 0;
  statm >> all >> resident;
  return static_cast<double>(resident) * 4096 / 1e6;
}

struct Costs {
  double cpu = 0;
  double most = 0;  // of a single one
  long count = 0;
  void add(double seconds) {
    cpu += seconds;
    most = std::max(most, seconds);
    ++count;
  }
};

// Plays a day; the stream itself costs next to nothing.
class DayOfWork {
 public:
  DayOfWork() : pacer_(options()), waiting_(kSources) {
    for (int i = 0; i < kSources; ++i) waiting_[i].source = "source-" + std::to_string(i);
  }

  void play() {
    std::mt19937_64 random(1);
    std::exponential_distribution<double> gap(kChanges / pacing::seconds(kDay));
    double at = 0;
    TimePoint solve = kMidnight;
    for (int i = 0; i < kChanges; ++i) {
      at += gap(random);
      const TimePoint now = kMidnight + Milliseconds(static_cast<std::int64_t>(at * 1000));
      for (; solve <= now; solve += pacing::kRepriceEvery) reprice(solve);
      send_due(now);
      // Busy data sources are few: the square of a uniform number.
      const double u = std::uniform_real_distribution<double>(0, 1)(random);
      change(static_cast<std::size_t>(u * u * kSources), random() % 20'000'000, now);
    }
  }

  const Costs& solves() const { return solves_; }
  std::int64_t calls() const { return calls_; }

 private:
  static pacing::PacerOptions options() {
    return {.calls_per_day = kCalls, .org_day = [](TimePoint time) {
              const TimePoint begin = std::chrono::floor<std::chrono::days>(time);
              return pacing::OrgDay{.begin = begin, .end = begin + kDay};
            }};
  }

  void reprice(TimePoint now) {
    const double before = cpu_seconds();
    pacer_.reprice(now, {.calls = kCalls - calls_});
    solves_.add(cpu_seconds() - before);
  }

  void send_due(TimePoint until) {
    while (calls_ < kCalls) {
      const auto push = pacer_.next(now_);
      if (!push || push->due > until) break;
      now_ = push->due;
      ++calls_;
      pacer_.sent(push->source, push->due);
      pacer_.have_left(kCalls - calls_, push->due);
      auto& waiting = waiting_[static_cast<std::size_t>(std::stol(push->source.substr(7)))];
      waiting = {.source = push->source};
    }
    now_ = until;
  }

  // Rows hardly ever change twice before they are sent.
  void change(std::size_t source, std::uint64_t key, TimePoint now) {
    outbox::PendingSource& waiting = waiting_[source];
    const std::int64_t ms = now.time_since_epoch().count();
    if (waiting.stale_rows++ == 0) waiting.oldest_stale_since_ms = ms;
    waiting.stale_since_sum_ms += ms;
    waiting.newest_stale_since_ms = ms;
    pacer_.changed(waiting.source, {.key = key, .before = 1, .after = 2}, now);
    pacer_.waits(waiting, now);
  }

  pacing::PushPacer pacer_;
  std::vector<outbox::PendingSource> waiting_;
  Costs solves_;
  TimePoint now_ = {};
  std::int64_t calls_ = 0;
};

}  // namespace

int main() {
  const double memory_before = resident_mb();
  const double before = cpu_seconds();
  DayOfWork day;
  day.play();
  const double cpu = cpu_seconds() - before;
  std::printf(
      "planner: %d data sources, %d changes, %lld calls: %.1f s of CPU, %.2f %% of a core's day\n",
      kSources, kChanges, static_cast<long long>(day.calls()), cpu,
      100 * cpu / pacing::seconds(kDay));
  std::printf("         of these %.1f s for %ld prices, the longest %.0f ms; memory %.0f MB\n",
              day.solves().cpu, day.solves().count, 1000 * day.solves().most,
              resident_mb() - memory_before);
}
