#include "daemon/entries/handover.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "output/command_words.h"
#include "text/shortened.h"

namespace weir::daemon {
namespace {

constexpr Milliseconds kFirstRest = std::chrono::seconds{1};
constexpr Milliseconds kLongestRest = std::chrono::minutes{10};

// Until a person decides.
constexpr TimePoint kNotByItself{std::chrono::sys_days{std::chrono::year{9999} / 1 / 1}};

// No rest is longer; a clock that was set back must not make one.
constexpr Milliseconds kNoRestIsLonger = std::chrono::hours{25};

// Its id in a line of the log, which is the platform's and may be of any length.
std::string shown(const QueuedEntry& entry) {
  constexpr std::size_t kMostShown = 200;
  return text::shortened(entry.id, kMostShown);
}

bool is_resting(const QueuedEntry& entry, TimePoint now) {
  return entry.due > now && (entry.due >= kNotByItself || entry.due - now <= kNoRestIsLonger);
}

}  // namespace

Milliseconds rest_after(std::int64_t failed_attempts) {
  Milliseconds rest = kFirstRest;
  for (std::int64_t i = 1; i < failed_attempts && rest < kLongestRest; ++i) rest *= 2;
  return std::min(rest, kLongestRest);
}

Handover::Handover(HandoverOptions options, Parts parts)
    : options_(std::move(options)), parts_(std::move(parts)), batch_(parts_.recipient->batch()) {}

void Handover::log(LogLevel level, const std::string& text) const {
  if (parts_.log) parts_.log(level, options_.poll + ": " + text);
}

Result<Handover::Step> Handover::step(const std::stop_token& stop, std::size_t most) {
  if (stop.stop_requested()) return Step{.progress = Progress::kStopped};
  Result<std::vector<QueuedEntry>> entries = parts_.queue.first(std::min(batch_, most));
  if (!entries) return entries.error();
  if (entries->empty()) return problem_.clear(), Step{.progress = Progress::kIdle};
  const TimePoint now = parts_.clock->now();
  const QueuedEntry& first = entries->front();
  problem_ = first.attempts > 0 ? first.reason : "";
  if (first.due >= kNotByItself) return Step{.progress = Progress::kNeedsPerson};
  if (is_resting(first, now)) return Step{.progress = Progress::kWaits, .next = first.due};
  const auto resting =
      std::find_if(entries->begin(), entries->end(),
                   [&](const QueuedEntry& entry) { return is_resting(entry, now); });
  entries->erase(resting, entries->end());
  return settle(*entries, parts_.recipient->hand_over(*entries, stop));
}

Result<Handover::Step> Handover::settle(std::span<const QueuedEntry> entries,
                                        const Handed& handed) {
  if (handed.verdict == HandlerAnswer::kDone) return settle_done(entries);
  if (handed.verdict == HandlerAnswer::kStopped) return Step{.progress = Progress::kStopped};
  const QueuedEntry& first = entries.front();
  ++failed_;
  problem_ = handed.reason;
  const bool stands_alone = entries.size() == 1;
  batch_ = std::max<std::size_t>(1, entries.size() / 2);
  // Which of them was refused, smaller batches tell.
  if (handed.verdict == HandlerAnswer::kNever && !stands_alone)
    return Step{.progress = Progress::kWorked};
  if (handed.verdict == HandlerAnswer::kNever) return bury_or_stop(first, handed.reason);
  if (stands_alone && first.attempts + 1 >= options_.attempts && !options_.is_strict)
    return bury_or_stop(first, handed.reason);
  const Milliseconds rest =
      std::max(rest_after(first.attempts + 1), handed.rest.value_or(Milliseconds{0}));
  const TimePoint due = parts_.clock->now() + rest;
  const Result<void> noted = parts_.queue.failed(first.number, handed.reason, due);
  if (!noted) return noted.error();
  log(LogLevel::kWarning, "entry " + shown(first) + ": " + handed.reason +
                              "; it is tried again in " + std::to_string(rest.count() / 1000) +
                              " s");
  return Step{.progress = Progress::kWaits, .next = due};
}

Result<Handover::Step> Handover::settle_done(std::span<const QueuedEntry> entries) {
  std::vector<std::int64_t> numbers;
  for (const QueuedEntry& entry : entries) numbers.push_back(entry.number);
  if (Result<void> noted = parts_.queue.done(numbers); !noted) return noted.error();
  done_ += static_cast<std::int64_t>(numbers.size());
  problem_.clear();
  batch_ = std::min(batch_ * 2, parts_.recipient->batch());
  for (const QueuedEntry& entry : entries) log(LogLevel::kInfo, "entry " + shown(entry) + ": done");
  return Step{.progress = Progress::kWorked};
}

Result<Handover::Step> Handover::bury_or_stop(const QueuedEntry& entry, const std::string& reason) {
  const Result<void> noted = options_.is_strict
                                 ? parts_.queue.failed(entry.number, reason, kNotByItself)
                                 : parts_.queue.bury(entry.number, reason);
  if (!noted) return noted.error();
  const std::string number = std::to_string(entry.number);
  const auto command = [&](const std::string& words) { return cli::command(words, options_.org); };
  if (options_.is_strict) {
    log(LogLevel::kError, "entry " + shown(entry) + ": " + reason +
                              "; none is handed over before " + command("entries retry " + number) +
                              ", or drop");
    return Step{.progress = Progress::kNeedsPerson};
  }
  ++buried_;
  problem_.clear();
  log(LogLevel::kError, "entry " + shown(entry) + " is a dead letter: " + reason + "; " +
                            command("entries retry " + number) + " hands it over again");
  return Step{.progress = Progress::kWorked};
}

}  // namespace weir::daemon
