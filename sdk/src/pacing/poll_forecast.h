// PollForecast: how many calls polls would spend until a time, by price, and the price at which
// they spend a number of calls.
//
// At a price p a source is looked at sqrt(weight rate / (2 p)) times a second, so the calls of all
// fall with the root of the price. A value; thread-safe.
#pragma once

#include <utility>
#include <vector>

namespace weir::pacing {

class PollForecast {
 public:
  // A source whose looks take `calls` each: sqrt(weight rate / 2) integrated until the end of the
  // forecast, and the fewest and most looks until then that its limits allow.
  struct Source {
    double root_integral;
    double calls;
    double fewest;
    double most;
  };

  // `mean_weight` is that of the sources (pacing/mean_weight.h): about where prices are looked for.
  explicit PollForecast(std::vector<Source> sources, double mean_weight = 1)
      : sources_(std::move(sources)), mean_weight_(mean_weight) {}

  bool empty() const { return sources_.empty(); }
  double mean_weight() const { return mean_weight_; }

  // The same and these beside them, at another mean weight.
  PollForecast with(const std::vector<Source>& more, double mean_weight) const;

  // The same for a part of the time, such as what is left of it.
  PollForecast share(double part) const;

  double calls_at(double price) const;

  // Infinite when there are no calls to spend.
  double price_for(double calls) const;

 private:
  std::vector<Source> sources_;
  double mean_weight_;
};

}  // namespace weir::pacing
