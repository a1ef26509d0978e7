// PlayedPolls: the looks of polls for recorded news, in virtual time, by the schedule that real
// polls follow. For weir::rehearse(), within a SimulatedRun. Not thread-safe.
#pragma once

#include <weir/clock.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pacing/poll_schedule.h"

namespace weir::advice {

struct PlayedPoll {
  std::string key = {};
  pacing::PollNeed need = {};
  std::vector<TimePoint> news = {};  // when each came, in order
  // What a look takes that finds nothing, and one that finds something.
  std::int64_t calls_in_vain = 1;
  std::int64_t calls_with_news = 1;
};

class PlayedPolls {
 public:
  // `news`: when those came that were found, or that nobody has found until the end, for no call.
  using Watch = std::function<void(const std::string& poll, std::span<const TimePoint> news,
                                   std::int64_t calls, TimePoint now)>;

  PlayedPolls(std::vector<PlayedPoll> polls, Watch watch);

  // All is known until now.
  void begin(TimePoint now);

  // The next look.
  std::optional<TimePoint> next() const;

  // Carries it out; returns its calls.
  std::int64_t look(TimePoint now);

  // What is found after the end.
  void finish(TimePoint end);

  pacing::PollForecast forecast(TimePoint now, TimePoint end) const {
    return schedule_.forecast(now, end);
  }
  void set_price(double price, TimePoint midnight, TimePoint now) {
    schedule_.set_price(price, midnight, now);
  }

 private:
  std::span<const TimePoint> take_news(std::size_t poll, TimePoint until);

  const std::vector<PlayedPoll> polls_;
  const Watch watch_;
  std::vector<std::size_t> taken_;  // so many news of each
  pacing::PollSchedule schedule_;
};

}  // namespace weir::advice
