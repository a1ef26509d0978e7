#include "pacing/poll_pacer.h"

namespace weir::pacing {

void PollPacer::add(const std::string& source, const PollNeed& need, TimePoint now) {
  if (!numbers_.emplace(source, names_.size()).second) return;
  names_.push_back(source);
  schedule_.add(need, now);
}

void PollPacer::looked(const std::string& source, std::int64_t found, TimePoint now) {
  schedule_.looked(numbers_.at(source), found, 1, now);
  --calls_left_;
}

void PollPacer::reprice(TimePoint now, std::int64_t calls_left, TimePoint day_begin,
                        TimePoint day_end) {
  calls_left_ = calls_left;
  const PollForecast forecast = schedule_.forecast(now, day_end);
  schedule_.set_price(forecast.price_for(static_cast<double>(calls_left)), day_begin, now);
}

std::optional<DueLook> PollPacer::next() const {
  const auto look = schedule_.next();
  if (!look || calls_left_ <= 0) return std::nullopt;
  return DueLook{.source = names_[look->source], .due = look->due};
}

}  // namespace weir::pacing
