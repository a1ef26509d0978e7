// What it costs a pacer to keep what it has learned of 10,000 data sources and to hear what others
// have, in both stores. While it does, no other process of the organization writes; the baseline is
// the five minutes until the next time.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <stdexcept>
#include <vector>

#include "pacing/seconds.h"
#include "pricing/pacing_memory.h"
#include "support/any_store.h"

namespace {

using namespace weir;
using weir::testing::AnyStore;
using weir::testing::StoreKind;

constexpr int kSources = 10'000;
constexpr int kChanged = 300;  // in five minutes, as a rule
constexpr int kRounds = 9;
constexpr TimePoint kNow{std::chrono::days{19'723}};

// Of `count` data sources from this one on.
pacing::Learned learned(int first, int count, TimePoint now) {
  pacing::Learned learned;
  for (std::size_t shadow = 0; shadow < pacing::kShadowCount; ++shadow) {
    learned.slots[pacing::slot_of(now) - 1].at(shadow) = 3.5;
    learned.totals.calls.at(shadow) = 3.5;
    learned.totals.stale_row_seconds.at(shadow) = 12'345;
  }
  for (int i = first; i < first + count; ++i) {
    learned.arrivals.sources["source-" + std::to_string(i % kSources)] = {
        .recent = {0, 1.2, 0}, .changes = 3, .last = pacing::seconds(now)};
  }
  learned.arrivals.all = {.recent = {0, 1.2, 0}, .changes = 3, .last = pacing::seconds(now)};
  return learned;
}

double milliseconds(const std::function<Result<pacing::Learned>()>& work) {
  const auto start = std::chrono::steady_clock::now();
  const Result<pacing::Learned> known = work();
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  if (!known) throw std::runtime_error(known.error().message);
  return took.count();
}

void bench(const char* name, StoreKind kind) {
  const AnyStore file(kind);
  const store::Store store = file.open();
  PacingMemory memory(*store.database);
  const pacing::Learned all = learned(0, kSources, kNow);
  const double first = milliseconds([&] { return memory.exchange(all, 60, kNow); });
  const double load = milliseconds([&] { return memory.load(kNow); });
  std::vector<double> usual;
  for (int round = 1; round <= kRounds; ++round) {
    const TimePoint now = kNow + round * pacing::kSlot;
    const pacing::Learned some = learned(round * kChanged, kChanged, now);
    usual.push_back(milliseconds([&] { return memory.exchange(some, 60, now); }));
  }
  std::nth_element(usual.begin(), usual.begin() + kRounds / 2, usual.end());
  const double share = usual[kRounds / 2] / pacing::seconds(pacing::kSlot) / 1000;
  std::printf(
      "%-12s %4.0f ms to keep %d data sources, %3.0f ms to read them, %4.0f ms to exchange %d: "
      "%.3f %% of five minutes\n",
      name, first, kSources, load, usual[kRounds / 2], kChanged, 100 * share);
}

}  // namespace

int main() {
  bench("SQLite", StoreKind::kSqlite);
  bench("PostgreSQL", StoreKind::kPostgres);
}
