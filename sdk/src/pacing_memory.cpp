#include "pacing_memory.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir {
namespace {

using pacing::kShadowCount;
using pacing::Learned;
using pacing::ShadowTotals;
using pacing::SlotCounts;
using store::Blob;
using store::SqlRow;
using store::Statements;

// Of the rules and prices of the shadows: numbers of another engine mean something else.
constexpr std::int64_t kEngine = 2;
constexpr std::int64_t kKeptSlots = std::chrono::hours{8 * 24} / pacing::kSlot;
constexpr std::int64_t kRecentSlots = std::chrono::minutes{30} / pacing::kSlot;
// Faded numbers of calls are no integers.
constexpr double kTotalsScale = 256;
constexpr double kPriceScale = 1000;

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
  return encode(std::vector<double>(calls.begin(), calls.end()));
}

SlotCounts decode_slot(std::string_view bytes) {
  const std::vector<double> numbers = decode(bytes, kShadowCount);
  SlotCounts calls = {};
  std::transform(numbers.begin(), numbers.end(), calls.begin(),
                 [](double number) { return static_cast<float>(number); });
  return calls;
}

std::string encode_totals(const ShadowTotals& totals) {
  std::vector<double> numbers;
  for (const double calls : totals.calls) numbers.push_back(calls * kTotalsScale);
  for (const double stale : totals.stale_row_seconds) numbers.push_back(stale);
  return encode(numbers);
}

ShadowTotals decode_totals(std::string_view bytes) {
  const std::vector<double> numbers = decode(bytes, 2 * kShadowCount);
  ShadowTotals totals;
  for (std::size_t i = 0; i < kShadowCount; ++i) {
    totals.calls.at(i) = numbers[i] / kTotalsScale;
    totals.stale_row_seconds.at(i) = numbers[kShadowCount + i];
  }
  return totals;
}

std::int64_t unix_ms(TimePoint time) { return time.time_since_epoch().count(); }

ShadowTotals load_totals(Statements& sql, TimePoint now) {
  const auto lines =
      sql.run("SELECT totals, as_of_ms FROM pacing_totals WHERE engine = $1", {kEngine});
  if (lines.empty()) return {};
  ShadowTotals totals = decode_totals(lines.front().bytes(0));
  pacing::fade(totals, Milliseconds(unix_ms(now) - lines.front().integer(1)));
  return totals;
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
  sql.run(
      "INSERT INTO pacing_calls (engine, slot, calls) VALUES ($1, $2, $3) "
      "ON CONFLICT (engine, slot) DO UPDATE SET calls = excluded.calls",
      {kEngine, slot, Blob{encode_slot(known)}});
}

void keep_price(Statements& sql, double row_seconds, TimePoint now) {
  store::SqlValue milli;
  if (std::isfinite(row_seconds))
    milli = static_cast<std::int64_t>(std::llround(row_seconds * kPriceScale));
  sql.run(
      "INSERT INTO pacing_prices (id, price_milli, solved_ms) VALUES (1, $1, $2) "
      "ON CONFLICT (id) DO UPDATE SET price_milli = excluded.price_milli, "
      "solved_ms = excluded.solved_ms",
      {milli, unix_ms(now)});
}

}  // namespace

Result<Learned> PacingMemory::load(TimePoint now) {
  return database_.read([&](Statements& sql) -> Result<Learned> {
    return Learned{.slots = load_slots(sql, pacing::slot_of(now) - kKeptSlots),
                   .totals = load_totals(sql, now)};
  });
}

Result<Learned> PacingMemory::exchange(const Learned& own, double price_row_seconds,
                                       TimePoint now) {
  return database_.write([&](Statements& sql) -> Result<Learned> {
    std::int64_t since = pacing::slot_of(now) - kRecentSlots;
    if (!own.slots.empty()) since = std::min(since, own.slots.begin()->first);
    Learned known{.slots = load_slots(sql, since), .totals = load_totals(sql, now)};
    for (const auto& [slot, calls] : own.slots) add_slot(sql, slot, calls, known.slots[slot]);
    pacing::add(known.totals, own.totals);
    sql.run(
        "INSERT INTO pacing_totals (engine, totals, as_of_ms) VALUES ($1, $2, $3) "
        "ON CONFLICT (engine) DO UPDATE SET totals = excluded.totals, as_of_ms = excluded.as_of_ms",
        {kEngine, Blob{encode_totals(known.totals)}, unix_ms(now)});
    keep_price(sql, price_row_seconds, now);
    sql.run("DELETE FROM pacing_calls WHERE slot < $1", {pacing::slot_of(now) - kKeptSlots});
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
