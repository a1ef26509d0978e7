#include "simulation/many_seeds.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace weir::simulation {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// The seeds as the threads take them, and what comes of them.
class Batch {
 public:
  Batch(std::uint64_t first, std::uint64_t seeds, const std::function<bool()>& stop)
      : next_(first), end_(first + seeds), stop_(stop) {}

  void play() {
    while (!stop_()) {
      const std::uint64_t seed = next_++;
      if (seed >= end_) break;
      const Outcome outcome = simulate(seed);
      std::lock_guard lock(mutex_);
      ++summary_.played;
      summary_.counts += outcome.counts;
      if (outcome.violation) summary_.broken.push_back(outcome);
    }
  }

  Summary summary() const {
    std::lock_guard lock(mutex_);
    return summary_;
  }

 private:
  std::atomic<std::uint64_t> next_;
  const std::uint64_t end_;
  const std::function<bool()>& stop_;
  mutable std::mutex mutex_;
  Summary summary_;
};

std::string number(std::int64_t value) { return std::to_string(value); }

}  // namespace

Summary simulate_many(std::uint64_t first, std::uint64_t seeds, const std::function<bool()>& stop,
                      const std::function<void(const Progress&)>& progress) {
  const auto start = std::chrono::steady_clock::now();
  Batch batch(first, seeds, stop);
  std::mutex mutex;
  std::condition_variable_any ended;
  bool is_ended = false;
  std::thread shows([&] {
    std::unique_lock lock(mutex);
    while (!ended.wait_for(lock, std::chrono::seconds{1}, [&] { return is_ended; })) {
      const Summary so_far = batch.summary();
      progress({.played = so_far.played,
                .of = static_cast<std::int64_t>(seeds),
                .broken = static_cast<std::int64_t>(so_far.broken.size()),
                .per_second = static_cast<double>(so_far.played) / seconds_since(start)});
    }
  });
  {
    std::vector<std::jthread> players;
    for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i)
      players.emplace_back([&] { batch.play(); });
  }
  {
    std::lock_guard lock(mutex);
    is_ended = true;
  }
  ended.notify_all();
  shows.join();
  Summary summary = batch.summary();
  summary.seconds = seconds_since(start);
  std::sort(summary.broken.begin(), summary.broken.end(),
            [](const Outcome& a, const Outcome& b) { return a.seed < b.seed; });
  return summary;
}

std::string in_words(const Outcome& outcome) {
  std::string words = "seed " + std::to_string(outcome.seed) + ": ";
  if (!outcome.violation) {
    std::array<char, 17> hash = {};
    std::snprintf(hash.data(), hash.size(), "%016llx",
                  static_cast<unsigned long long>(outcome.hash));
    return words + number(outcome.counts.calls) + " calls, " + number(outcome.counts.kills) +
           " kills, no rule broken, trace " + hash.data();
  }
  return words + "BROKE " + outcome.violation->rule + ": " + outcome.violation->what +
         "\n  to see it: ./dev simulate --seed " + std::to_string(outcome.seed) + " --trace";
}

std::string in_words(const Summary& summary) {
  std::string words;
  for (std::size_t i = 0; i < summary.broken.size() && i < 10; ++i)
    words += in_words(summary.broken[i]) + "\n";
  const Counts& counts = summary.counts;
  std::array<char, 64> speed = {};
  std::snprintf(speed.data(), speed.size(), "%.1f s, %.0f seeds/s", summary.seconds,
                static_cast<double>(summary.played) / summary.seconds);
  words += number(summary.played) + " org-weeks: " + number(counts.calls) + " calls, " +
           number(counts.changes) + " changes, " + number(counts.publishes) + " snapshots, " +
           number(counts.faults) + " faults, " + number(counts.kills) + " kills, " +
           number(counts.clock_jumps) + " clock jumps, " + number(counts.host_restarts) +
           " host restarts, " + number(counts.dead_letters) + " dead letters, " +
           number(counts.transactions) + " transactions, " + number(counts.steps) + " steps; " +
           number(static_cast<std::int64_t>(summary.broken.size())) + " broke a rule; " +
           speed.data();
  return words;
}

}  // namespace weir::simulation
