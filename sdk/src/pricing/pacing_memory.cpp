#include "pricing/pacing_memory.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir {
namespace {

using pacing::Arrivals;
using pacing::Clustering;
using pacing::kShadowCount;
using pacing::Learned;
using pacing::LearnedArrivals;
using pacing::RateWeights;
using pacing::ShadowTotals;
using pacing::SlotCounts;
using store::Blob;
using store::SqlRow;
using store::Statements;

// Of the rules and prices of the shadows: numbers of another engine mean something else.
constexpr std::int64_t kEngine = 5;
constexpr std::int64_t kKeptSlots = std::chrono::hours{9 * 24} / pacing::kSlot;
constexpr std::int64_t kRecentSlots = std::chrono::minutes{30} / pacing::kSlot;
// Faded numbers of calls are no integers.
constexpr double kTotalsScale = 256;
constexpr double kPriceScale = 1000;
// A higher one, such as of weights of a million millions, is no number of the store.
constexpr double kMostPrice = 1e15;
constexpr double kArrivalsScale = 1000;
// The line of all data sources together; none has an empty id.
const std::string kAll;
// A data source that has been silent for so long is forgotten.
constexpr Milliseconds kSilent = 3 * pacing::kTotalsForget;

// A number takes seven bits a byte, and what follows the last that is not 0 takes nothing.
std::string encode(std::span<const double> numbers) {
  std::string bytes;
  std::size_t needed = 0;
  for (const double number : numbers) {
    auto rest = static_cast<std::uint64_t>(std::llround(std::max(number, 0.0)));
    if (rest > 0) needed = 0;
    for (; rest >= 0x80; rest >>= 7) bytes.push_back(static_cast<char>(0x80 | (rest & 0x7F)));
    bytes.push_back(static_cast<char>(rest));
    needed = bytes.back() != 0 ? 0 : needed + 1;
  }
  bytes.resize(bytes.size() - needed);
  return bytes;
}

std::vector<double> decode(std::string_view bytes, std::size_t count) {
  std::vector<double> numbers;
  std::uint64_t number = 0;
  int shift = 0;
  for (const char byte : bytes) {
    number |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    shift = std::min(shift + 7, 63);
    if ((byte & 0x80) != 0) continue;
    numbers.push_back(static_cast<double>(number));
    number = 0;
    shift = 0;
  }
  numbers.resize(count);
  return numbers;
}

std::string encode_slot(const SlotCounts& calls) {
  std::vector<double> numbers(calls.begin(), calls.end());
  for (double& number : numbers) number *= pacing::kPartsOfACall;
  return encode(numbers);
}

SlotCounts decode_slot(std::string_view bytes) {
  const std::vector<double> numbers = decode(bytes, kShadowCount);
  SlotCounts calls = {};
  std::transform(numbers.begin(), numbers.end(), calls.begin(),
                 [](double number) { return static_cast<float>(number / pacing::kPartsOfACall); });
  return calls;
}

// What was counted over all time, older counting less.
struct Totals {
  ShadowTotals shadows = {};
  RateWeights::Counts weights = {};
  Clustering::Counts clustering = {};
};

// The numbers of the weights and the clustering.
template <typename Each>
void for_each_count(Totals& totals, const Each& each) {
  for (double& came : totals.weights.came) each(came);
  for (auto& passed : totals.weights.passed) {
    for (double& both : passed) each(both);
  }
  for (Clustering::Counted& step : totals.clustering) {
    each(step.came);
    each(step.expected);
  }
}

std::string encode_totals(Totals totals) {
  std::vector<double> numbers;
  for (const double calls : totals.shadows.calls) numbers.push_back(calls * kTotalsScale);
  for (const double stale : totals.shadows.stale_row_seconds) numbers.push_back(stale);
  for_each_count(totals, [&](double count) { numbers.push_back(count * kTotalsScale); });
  return encode(numbers);
}

Totals decode_totals(std::string_view bytes) {
  Totals totals;
  std::size_t counts = 0;
  for_each_count(totals, [&](double) { ++counts; });
  const std::vector<double> numbers = decode(bytes, 2 * kShadowCount + counts);
  for (std::size_t i = 0; i < kShadowCount; ++i) {
    totals.shadows.calls.at(i) = numbers[i] / kTotalsScale;
    totals.shadows.stale_row_seconds.at(i) = numbers[kShadowCount + i];
  }
  auto number = numbers.begin() + 2 * kShadowCount;
  for_each_count(totals, [&](double& count) { count = *number++ / kTotalsScale; });
  return totals;
}

std::int64_t unix_ms(TimePoint time) { return time.time_since_epoch().count(); }

Totals load_totals(Statements& sql, TimePoint now) {
  const auto lines =
      sql.run("SELECT totals, as_of_ms FROM pacing_totals WHERE engine = $1", {kEngine});
  if (lines.empty()) return {};
  Totals totals = decode_totals(lines.front().bytes(0));
  const Milliseconds elapsed{unix_ms(now) - lines.front().integer(1)};
  pacing::fade(totals.shadows, elapsed);
  for_each_count(totals, [&](double& count) { count *= pacing::kept_after(elapsed); });
  return totals;
}

void keep_totals(Statements& sql, const Totals& totals, TimePoint now) {
  sql.run_later(
      "INSERT INTO pacing_totals (engine, totals, as_of_ms) VALUES ($1, $2, $3) "
      "ON CONFLICT (engine) DO UPDATE SET totals = excluded.totals, as_of_ms = excluded.as_of_ms",
      {kEngine, Blob{encode_totals(totals)}, unix_ms(now)});
}

constexpr std::string_view kArrivalsColumns =
    "inserted_milli, updated_milli, deleted_milli, just_now_milli, changes_milli, last_ms, "
    "as_of_ms";

Arrivals arrivals_of(const SqlRow& line, std::size_t column, TimePoint now) {
  const Milliseconds elapsed{unix_ms(now) - line.integer(column + 6)};
  const auto part = [&](std::size_t i) {
    return static_cast<double>(line.integer(column + i)) / kArrivalsScale;
  };
  return {.recent = {part(0), part(1), part(2)},
          .just_now = part(3),
          .changes = part(4) * pacing::kept_after(elapsed),
          .last = static_cast<double>(line.integer(column + 5)) / 1000};
}

void sort_in(LearnedArrivals& known, const std::string& source, const Arrivals& arrivals) {
  (source == kAll ? known.all : known.sources[source]) = arrivals;
}

LearnedArrivals load_arrivals(Statements& sql, TimePoint now) {
  LearnedArrivals known;
  sql.for_each(
      "SELECT source, " + std::string(kArrivalsColumns) + " FROM pacing_arrivals WHERE engine = $1",
      {kEngine},
      [&](const SqlRow& line) { sort_in(known, line.text(0), arrivals_of(line, 1, now)); });
  return known;
}

void keep_arrivals(Statements& sql, const std::string& source, const Arrivals& arrivals,
                   TimePoint now) {
  const auto scaled = [](double number, double scale) {
    return static_cast<std::int64_t>(std::llround(number * scale));
  };
  sql.run_later(
      "INSERT INTO pacing_arrivals (engine, source, " + std::string(kArrivalsColumns) +
          ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
          "ON CONFLICT (engine, source) DO UPDATE SET "
          "inserted_milli = excluded.inserted_milli, "
          "updated_milli = excluded.updated_milli, "
          "deleted_milli = excluded.deleted_milli, "
          "just_now_milli = excluded.just_now_milli, "
          "changes_milli = excluded.changes_milli, last_ms = excluded.last_ms, "
          "as_of_ms = excluded.as_of_ms",
      {kEngine, source, scaled(arrivals.recent[0], kArrivalsScale),
       scaled(arrivals.recent[1], kArrivalsScale), scaled(arrivals.recent[2], kArrivalsScale),
       scaled(arrivals.just_now, kArrivalsScale), scaled(arrivals.changes, kArrivalsScale),
       scaled(arrivals.last, 1000), unix_ms(now)});
}

// Adds to the lines of the data sources that have changed and of all together, and gives what they
// say then. All lines are read at once and written together: nobody else writes meanwhile, and over
// a network one after the other would take seconds.
LearnedArrivals share_arrivals(Statements& sql, const LearnedArrivals& own, TimePoint now) {
  LearnedArrivals kept = load_arrivals(sql, now);
  LearnedArrivals known{.all = kept.all};
  if (own.all.changes > 0) {
    pacing::add(known.all, own.all);
    keep_arrivals(sql, kAll, known.all, now);
  }
  for (const auto& [source, arrivals] : own.sources) {
    Arrivals& sum = known.sources[source] = kept.sources[source];
    pacing::add(sum, arrivals);
    keep_arrivals(sql, source, sum, now);
  }
  for (const auto& [source, arrivals] : kept.sources) {
    if (!known.sources.contains(source)) known.others[source] = arrivals;
  }
  sql.run_later("DELETE FROM pacing_arrivals WHERE as_of_ms < $1", {unix_ms(now - kSilent)});
  return known;
}

std::map<std::int64_t, SlotCounts> load_slots(Statements& sql, std::int64_t since) {
  std::map<std::int64_t, SlotCounts> slots;
  sql.for_each("SELECT slot, calls FROM pacing_calls WHERE engine = $1 AND slot >= $2",
               {kEngine, since},
               [&](const SqlRow& line) { slots[line.integer(0)] = decode_slot(line.bytes(1)); });
  return slots;
}

void add_slot(Statements& sql, std::int64_t slot, const SlotCounts& own, SlotCounts& known) {
  for (std::size_t i = 0; i < kShadowCount; ++i) known.at(i) += own.at(i);
  sql.run_later(
      "INSERT INTO pacing_calls (engine, slot, calls) VALUES ($1, $2, $3) "
      "ON CONFLICT (engine, slot) DO UPDATE SET calls = excluded.calls",
      {kEngine, slot, Blob{encode_slot(known)}});
}

void keep_price(Statements& sql, double row_seconds, TimePoint now) {
  store::SqlValue milli;
  if (std::isfinite(row_seconds))
    milli =
        static_cast<std::int64_t>(std::llround(std::min(row_seconds, kMostPrice) * kPriceScale));
  sql.run_later(
      "INSERT INTO pacing_prices (id, price_milli, solved_ms) VALUES (1, $1, $2) "
      "ON CONFLICT (id) DO UPDATE SET price_milli = excluded.price_milli, "
      "solved_ms = excluded.solved_ms",
      {milli, unix_ms(now)});
}

}  // namespace

Result<Learned> PacingMemory::load(TimePoint now) {
  return database_.read([&](Statements& sql) -> Result<Learned> {
    const Totals totals = load_totals(sql, now);
    Learned known{.slots = load_slots(sql, pacing::slot_of(now) - kKeptSlots),
                  .totals = totals.shadows,
                  .arrivals = load_arrivals(sql, now)};
    known.arrivals.weights = totals.weights;
    known.arrivals.clustering = totals.clustering;
    return known;
  });
}

Result<Learned> PacingMemory::exchange(const Learned& own, double price_row_seconds,
                                       TimePoint now) {
  return database_.write([&](Statements& sql) -> Result<Learned> {
    std::int64_t since = pacing::slot_of(now) - kRecentSlots;
    if (!own.slots.empty()) since = std::min(since, own.slots.begin()->first);
    Totals totals = load_totals(sql, now);
    pacing::add(totals.shadows, own.totals);
    pacing::add(totals.weights, own.arrivals.weights);
    pacing::add(totals.clustering, own.arrivals.clustering);
    keep_totals(sql, totals, now);
    Learned known{.slots = load_slots(sql, since),
                  .totals = totals.shadows,
                  .arrivals = share_arrivals(sql, own.arrivals, now)};
    known.arrivals.weights = totals.weights;
    known.arrivals.clustering = totals.clustering;
    for (const auto& [slot, calls] : own.slots) add_slot(sql, slot, calls, known.slots[slot]);
    keep_price(sql, price_row_seconds, now);
    sql.run_later("DELETE FROM pacing_calls WHERE slot < $1", {pacing::slot_of(now) - kKeptSlots});
    return known;
  });
}

Result<std::optional<KeptPrice>> PacingMemory::price() {
  return database_.read([&](Statements& sql) -> Result<std::optional<KeptPrice>> {
    const auto lines = sql.run("SELECT price_milli, solved_ms FROM pacing_prices WHERE id = 1", {});
    if (lines.empty()) return std::optional<KeptPrice>();
    const SqlRow& line = lines.front();
    return std::optional(KeptPrice{
        .row_seconds = line.is_null(0) ? std::numeric_limits<double>::infinity()
                                       : static_cast<double>(line.integer(0)) / kPriceScale,
        .solved_at = TimePoint(Milliseconds(line.integer(1)))});
  });
}

}  // namespace weir
