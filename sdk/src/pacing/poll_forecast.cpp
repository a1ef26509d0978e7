#include "pacing/poll_forecast.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace weir::pacing {
namespace {

// For rows of the mean weight.
constexpr double kLeastPrice = 1e-3;
constexpr double kMostPrice = 1e12;
constexpr int kHalvings = 50;

}  // namespace

PollForecast PollForecast::share(double part) const {
  std::vector<Source> sources = sources_;
  for (Source& source : sources) {
    source.root_integral *= part;
    source.fewest *= part;
    source.most *= part;
  }
  return PollForecast(std::move(sources), mean_weight_);
}

PollForecast PollForecast::with(const std::vector<Source>& more, double mean_weight) const {
  std::vector<Source> sources = sources_;
  sources.insert(sources.end(), more.begin(), more.end());
  return PollForecast(std::move(sources), mean_weight);
}

double PollForecast::calls_at(double price) const {
  double calls = 0;
  for (const Source& source : sources_) {
    const double looks = source.root_integral / std::sqrt(price * source.calls);
    calls += source.calls * std::clamp(looks, source.fewest, source.most);
  }
  return calls;
}

double PollForecast::price_for(double calls) const {
  if (calls <= 0) return std::numeric_limits<double>::infinity();
  double low = std::log(kLeastPrice * mean_weight_);
  double high = std::log(kMostPrice * mean_weight_);
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (low + high) / 2;
    (calls_at(std::exp(middle)) > calls ? low : high) = middle;
  }
  return std::exp(high);
}

}  // namespace weir::pacing
