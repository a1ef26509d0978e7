#include "daemon/seeing/pace_words.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "daemon/seeing/page_parts.h"
#include "output/numbers.h"

namespace weir::daemon {
namespace {

constexpr Milliseconds kInSeconds = std::chrono::minutes{2};
// What is no other interval to a person.
constexpr double kSame = 0.95;

// Two digits that mean something, and no less than 0.01.
std::string rate_words(double rate) {
  if (rate >= 10) return cli::grouped(std::llround(rate));
  if (rate < 0.01) return "less than 0.01";
  char text[16];
  std::snprintf(text, sizeof text, rate >= 1 ? "%.1f" : "%.2f", rate);
  return text;
}

std::string limit_words(const PollPace& pace) {
  if (pace.interval_by == LimitedBy::kShortest) return ", and no sooner";
  return pace.interval_by == LimitedBy::kDeadline ? ", and no later" : "";
}

}  // namespace

std::string interval_words(Milliseconds interval) {
  if (interval < kInSeconds) {
    const Milliseconds shown = std::max<Milliseconds>(interval, std::chrono::seconds{1});
    return std::to_string(std::chrono::round<std::chrono::seconds>(shown).count()) + " s";
  }
  return duration_words(interval);
}

std::string pace_words(const PollPace& pace) {
  if (!pace.interval) return "the calls of today are spent";
  std::string words = rate_words(pace.rows_per_hour) + " rows/h at price " +
                      cli::row_seconds(pace.price) + limit_words(pace);
  const auto& more = pace.interval_with_more_calls;
  const auto is_shorter = [&] {
    return static_cast<double>(more->count()) < kSame * static_cast<double>(pace.interval->count());
  };
  if (more && is_shorter()) words += "; " + interval_words(*more) + " with 1,000 more calls";
  return words;
}

}  // namespace weir::daemon
