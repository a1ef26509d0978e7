#include "advice/played_polls.h"

#include <algorithm>
#include <utility>

namespace weir::advice {

PlayedPolls::PlayedPolls(std::vector<PlayedPoll> polls, Watch watch)
    : polls_(std::move(polls)), watch_(std::move(watch)), taken_(polls_.size()) {}

void PlayedPolls::begin(TimePoint now) {
  for (std::size_t poll = 0; poll < polls_.size(); ++poll) {
    schedule_.add(polls_[poll].need, now);
    take_news(poll, now);
  }
}

std::optional<TimePoint> PlayedPolls::next() const {
  const std::optional<pacing::NextLook> next = schedule_.next();
  return next ? std::optional(next->due) : std::nullopt;
}

std::int64_t PlayedPolls::look(TimePoint now) {
  const std::size_t poll = schedule_.next()->source;
  const std::span<const TimePoint> news = take_news(poll, now);
  const std::int64_t calls =
      news.empty() ? polls_[poll].calls_in_vain : polls_[poll].calls_with_news;
  schedule_.looked(poll, static_cast<std::int64_t>(news.size()), calls, now);
  watch_(polls_[poll].key, news, calls, now);
  return calls;
}

void PlayedPolls::finish(TimePoint end) {
  for (std::size_t poll = 0; poll < polls_.size(); ++poll)
    watch_(polls_[poll].key, take_news(poll, TimePoint::max()), 0, end);
}

std::span<const TimePoint> PlayedPolls::take_news(std::size_t poll, TimePoint until) {
  const std::vector<TimePoint>& news = polls_[poll].news;
  const auto first = news.begin() + static_cast<std::ptrdiff_t>(taken_[poll]);
  const auto end = std::upper_bound(first, news.end(), until);
  taken_[poll] = static_cast<std::size_t>(end - news.begin());
  return {first, end};
}

}  // namespace weir::advice
