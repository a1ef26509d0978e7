#include "advice/savings.h"

#include <algorithm>
#include <map>
#include <string>

#include "pacing/price_curve.h"

namespace weir::advice {
namespace {

constexpr double kSecondsPerDay = 86400;
// A data source connector fetches no more often (docs/platform-facts.md, "Limits").
constexpr double kConnectorSeconds = 15 * 60;
// What stays of a poll that a form connector replaces: a look an hour.
constexpr double kSafetyNet = 24;
// Of the day's calls, or of the staleness.
constexpr double kWorthSaying = 0.01;

const std::string kDataSources = "/api/v2/datasource ";

// Calls a day on one target.
struct Target {
  double pushes = 0;
  double deadline_pushes = 0;
  double polls = 0;
};

bool is_data_source(const std::string& target) { return target.starts_with(kDataSources); }

// A data source by its id, a form by its own.
std::string name_of(const std::string& target) {
  const std::size_t space = target.find(' ');
  return space == std::string::npos ? target : target.substr(space + 1);
}

std::map<std::string, Target> by_target(const Spent& spent) {
  std::map<std::string, Target> targets;
  const auto days = static_cast<double>(spent.days);
  for (const CallTotal& total : spent.totals) {
    const double calls = static_cast<double>(total.calls) / days;
    Target& target = targets[total.target];
    if (total.reason == "poll") {
      target.polls += calls;
    } else if (is_data_source(total.target) && total.reason != "adopt") {
      target.pushes += calls;
      if (total.reason == "deadline") target.deadline_pushes += calls;
    }
  }
  return targets;
}

class Savings {
 public:
  Savings(const Spent& spent, const std::optional<FreshnessCurve>& curve)
      : curve_(curve), targets_(by_target(spent)) {
    for (const auto& [name, target] : targets_) pushes_ += target.pushes;
    report_.days = spent.days;
    report_.calls = 0;
    for (const CallTotal& total : spent.totals)
      report_.calls += static_cast<double>(total.calls) / static_cast<double>(spent.days);
    if (curve_ && pushes_ > 0) report_.stale_row_seconds = curve_->stale_at(pushes_);
  }

  AdviceReport all() {
    for (const auto& [name, target] : targets_) {
      if (target.pushes > 0) without_pushes(name, target.pushes);
      if (target.deadline_pushes > 0) longer_deadline(name, target.deadline_pushes);
      if (target.polls > kSafetyNet) fewer_polls(name, target.polls - kSafetyNet);
    }
    if (report_.stale_row_seconds) {
      Advice advice{.measure = Measure::kMoreCalls};
      give(advice, curve_->stale_at(pushes_ + pacing::kMoreCalls));
      report_.advice.push_back(advice);
    }
    keep_the_best(report_);
    return std::move(report_);
  }

 private:
  // The data source is sent for its share of the calls at every price, so the others go by the same
  // curve, scaled down, and have its calls in addition.
  void without_pushes(const std::string& name, double pushes) {
    Advice advice{.measure = without_calls(pushes), .target = name_of(name), .calls_freed = pushes};
    const double others = 1 - pushes / pushes_;
    if (report_.stale_row_seconds && others > 0) {
      const double before = others * *report_.stale_row_seconds;
      const double after = others * curve_->stale_at(pushes_ / others);
      advice.row_seconds_saved = std::max(before - after, 0.0);
      advice.share_saved = before > 0 ? *advice.row_seconds_saved / before : 0;
    }
    report_.advice.push_back(std::move(advice));
  }

  // A data source that is sent by its deadline is sent at most half as often with twice of it.
  void longer_deadline(const std::string& name, double pushes) {
    freed(
        {.measure = Measure::kLongerDeadline, .target = name_of(name), .calls_freed = pushes / 2});
  }

  void fewer_polls(const std::string& name, double polls) {
    freed({.measure = Measure::kFormConnector, .target = name_of(name), .calls_freed = polls});
  }

  void freed(Advice advice) {
    if (report_.stale_row_seconds) give(advice, curve_->stale_at(pushes_ + advice.calls_freed));
    report_.advice.push_back(std::move(advice));
  }

  void give(Advice& advice, double stale_after) const {
    const double before = *report_.stale_row_seconds;
    advice.row_seconds_saved = std::max(before - stale_after, 0.0);
    advice.share_saved = before > 0 ? *advice.row_seconds_saved / before : 0;
  }

  const std::optional<FreshnessCurve>& curve_;
  const std::map<std::string, Target> targets_;
  double pushes_ = 0;
  AdviceReport report_;
};

}  // namespace

AdviceReport savings(const Spent& spent, const std::optional<FreshnessCurve>& curve) {
  if (spent.days == 0) return {};
  return Savings(spent, curve).all();
}

Measure without_calls(double calls_a_day) {
  return kSecondsPerDay / calls_a_day >= kConnectorSeconds ? Measure::kDataSourceConnector
                                                           : Measure::kPlatformSync;
}

void keep_the_best(AdviceReport& report) {
  std::erase_if(report.advice, [&](const Advice& advice) {
    return advice.calls_freed < kWorthSaying * report.calls &&
           advice.share_saved.value_or(0) < kWorthSaying;
  });
  std::stable_sort(report.advice.begin(), report.advice.end(),
                   [](const Advice& a, const Advice& b) {
                     return std::pair(a.row_seconds_saved.value_or(0), a.calls_freed) >
                            std::pair(b.row_seconds_saved.value_or(0), b.calls_freed);
                   });
}

}  // namespace weir::advice
