#include "polling/poll_memory.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace weir {
namespace {

using pacing::ChangesSeen;
using pacing::CommonHabits;
using pacing::FactorEvidence;
using pacing::HoursSeen;
using pacing::SourceHabits;
using store::SqlRow;
using store::Statements;

// Both stores keep integers.
constexpr double kScale = 1000;
// The hours that an older program has learned counted rows; they are not believed more than so many
// events.
constexpr double kMostOfBefore = 300;
constexpr std::size_t kNumberBytes = 8;

std::int64_t scaled(double value) { return std::llround(value * kScale); }
double unscaled(std::int64_t value) { return static_cast<double>(value) / kScale; }

template <typename Seen, typename Each>
void each_number_seen(Seen& seen, const Each& each) {
  each(seen.found);
  each(seen.expected);
}

template <typename Evidence, typename Each>
void each_number_of_evidence(Evidence& evidence, const Each& each) {
  each(evidence.hours);
  each(evidence.burst);
  each(evidence.rest);
}

// The numbers of the message, always in this order. What is usual has columns of its own.
template <typename Habits, typename Each>
void each_number(Habits& habits, const Each& each) {
  if constexpr (std::is_same_v<std::remove_const_t<Habits>, SourceHabits>) {
    each(habits.events.surprise);
    each(habits.events.rows);
    for (auto* look : {&habits.events.before_last, &habits.events.last}) {
      each(look->found);
      each(look->width);
    }
    each_number_seen(habits.burst, each);
    each(habits.rest);
    each(habits.hours.since);
    for (auto& busy : habits.hours.busy) each(busy);
    for (auto& seen : habits.hours.seen) each_number_seen(seen, each);
  } else {
    for (auto& seen : habits.hours) each_number_seen(seen, each);
    each_number_seen(habits.this_hour, each);
    each(habits.this_hour_at);
  }
  each_number_of_evidence(habits.evidence, each);
}

// The bits of each number, the lowest byte first: so a program that starts again decides just as
// one that has gone on.
template <typename Habits>
std::string encode(const Habits& habits) {
  std::string bytes;
  each_number(habits, [&](double number) {
    auto bits = std::bit_cast<std::uint64_t>(number);
    for (std::size_t i = 0; i < kNumberBytes; ++i, bits >>= 8)
      bytes.push_back(static_cast<char>(bits & 0xFF));
  });
  return bytes;
}

// Nothing is learned from a message of another length, or with what is no number.
template <typename Habits>
Habits decode(std::string_view bytes) {
  Habits habits;
  bool is_whole = true;
  each_number(habits, [&](double& number) {
    std::uint64_t bits = 0;
    is_whole &= bytes.size() >= kNumberBytes;
    if (!is_whole) return;
    for (std::size_t i = kNumberBytes; i-- > 0;)
      bits = bits << 8 | static_cast<unsigned char>(bytes[i]);
    number = std::bit_cast<double>(bits);
    is_whole &= std::isfinite(number);
    bytes.remove_prefix(kNumberBytes);
  });
  return is_whole && bytes.empty() ? habits : Habits{};
}

SourceHabits habits_of(const SqlRow& line) {
  SourceHabits habits = line.is_null(2) ? SourceHabits{} : decode<SourceHabits>(line.bytes(2));
  habits.usual = {.found = unscaled(line.integer(0)), .expected = unscaled(line.integer(1))};
  return habits;
}

// What a program has kept that knew whole hours.
HoursSeen hours_of_before(Statements& sql) {
  HoursSeen hours = {};
  double expected = 0;
  sql.for_each("SELECT hour, found_milli, expected_milli FROM poll_hours", {},
               [&](const SqlRow& line) {
                 const auto first = 2 * static_cast<std::size_t>(line.integer(0));
                 for (std::size_t half = first; half < first + 2; ++half)
                   hours.at(half) = {.found = unscaled(line.integer(1)) / 2,
                                     .expected = unscaled(line.integer(2)) / 2};
                 expected += unscaled(line.integer(2));
               });
  const double part = std::min(1.0, kMostOfBefore / std::max(expected, 1.0));
  for (ChangesSeen& seen : hours)
    seen = {.found = seen.found * part, .expected = seen.expected * part};
  return hours;
}

}  // namespace

Result<SourceHabits> PollMemory::load(const std::string& poll) {
  return database_.read([&](Statements& sql) -> Result<SourceHabits> {
    const auto lines = sql.run(
        "SELECT found_milli, expected_milli, habits FROM poll_rates WHERE poll = $1", {poll});
    return lines.empty() ? SourceHabits{} : habits_of(lines.front());
  });
}

Result<CommonHabits> PollMemory::load_common() {
  return database_.read([&](Statements& sql) -> Result<CommonHabits> {
    const auto lines = sql.run("SELECT habits FROM poll_common WHERE id = 1");
    if (!lines.empty()) return decode<CommonHabits>(lines.front().bytes(0));
    CommonHabits before;
    before.hours = hours_of_before(sql);
    return before;
  });
}

Result<void> PollMemory::keep(const std::string& poll, const SourceHabits& habits,
                              const CommonHabits& common) {
  return database_.write([&](Statements& sql) -> Result<void> {
    sql.run(
        "INSERT INTO poll_rates (poll, found_milli, expected_milli, habits) "
        "VALUES ($1, $2, $3, $4) ON CONFLICT (poll) DO UPDATE SET "
        "found_milli = excluded.found_milli, expected_milli = excluded.expected_milli, "
        "habits = excluded.habits",
        {poll, scaled(habits.usual.found), scaled(habits.usual.expected),
         store::Blob{.bytes = encode(habits)}});
    sql.run(
        "INSERT INTO poll_common (id, habits) VALUES (1, $1) "
        "ON CONFLICT (id) DO UPDATE SET habits = excluded.habits",
        {store::Blob{.bytes = encode(common)}});
    return {};
  });
}

}  // namespace weir
