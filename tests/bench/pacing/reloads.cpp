#include "reloads.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace weir::bench {
namespace {

constexpr double kDay = 86400;
constexpr double kHour = 3600;
constexpr double kFirstMidnight = 1704067200;  // 2024-01-01, a Monday
constexpr double kListJitter = 8 * 60;
constexpr double kListSeconds = 90;
constexpr double kOrdersSigma = 0.8;
constexpr double kWorkBegins = 7;
constexpr double kWorkHours = 11;
// A catalogue's rows, how many change at a time, and how often none does.
constexpr std::uint32_t kCatalogueRows = 2000;
constexpr double kFewestChanged = 10;
constexpr double kMostChanged = 40;
constexpr double kShortestUpdate = 4;
constexpr double kLongestUpdate = 240;
constexpr double kLeftOut = 0.1;

class Maker {
 public:
  Maker(const ReloadMix& mix, int days, std::uint64_t seed)
      : mix_(mix), days_(days), random_(seed) {}

  Recording make() {
    for (int day = 0; day <= days_; ++day)
      recording_.midnights.push_back(kFirstMidnight + day * kDay);
    for (int i = 0; i < mix_.lists; ++i) add_list(new_source("list-" + std::to_string(i)));
    for (int i = 0; i < mix_.orders; ++i) add_orders(new_source("orders-" + std::to_string(i)));
    for (int i = 0; i < mix_.catalogues; ++i)
      add_catalogue(new_source("catalogue-" + std::to_string(i)));
    auto& arrivals = recording_.arrivals;
    std::stable_sort(arrivals.begin(), arrivals.end(),
                     [](const Arrival& a, const Arrival& b) { return a.at < b.at; });
    std::erase_if(arrivals, [&](const Arrival& arrival) {
      return arrival.at < kFirstMidnight || arrival.at >= recording_.midnights.back();
    });
    return std::move(recording_);
  }

 private:
  double uniform(double from, double to) {
    return std::uniform_real_distribution<double>(from, to)(random_);
  }
  double normal(double sigma) { return std::normal_distribution<double>(0, sigma)(random_); }

  std::uint32_t new_source(const std::string& name) {
    recording_.sources.push_back(name);
    return static_cast<std::uint32_t>(recording_.sources.size() - 1);
  }

  // The engine's time has milliseconds.
  void change(double at, std::uint32_t source, std::uint32_t row) {
    recording_.arrivals.push_back(
        {.at = std::floor(at * 1000) / 1000, .source = source, .row = row, .after = ++version_});
  }

  void add_list(std::uint32_t source) {
    const double rows = mix_.list_rows * std::exp(normal(mix_.rows_sigma));
    double hour = uniform(0, mix_.latest_hour);
    for (int day = 0; day < days_; ++day) {
      if (mix_.move_on_day > 0 && day == mix_.move_on_day) hour = uniform(0, mix_.latest_hour);
      if (mix_.rests_at_weekends && day % 7 >= 5) continue;
      const double begin = std::max(0.0, hour * kHour + normal(kListJitter));
      for (double row = 0; row < rows; ++row)
        change(kFirstMidnight + day * kDay + begin + row / rows * kListSeconds, source,
               static_cast<std::uint32_t>(row));
    }
  }

  void add_orders(std::uint32_t source) {
    const double a_day = mix_.orders_a_day * std::exp(normal(kOrdersSigma));
    std::exponential_distribution<double> gap(a_day / (kWorkHours * kHour));
    std::uint32_t row = 0;
    for (int day = 0; day < days_; ++day) {
      const double begin = kFirstMidnight + day * kDay + kWorkBegins * kHour;
      for (double at = begin + gap(random_); at < begin + kWorkHours * kHour; at += gap(random_))
        change(at, source, row++);
    }
  }

  void add_catalogue(std::uint32_t source) {
    const double every = mix_.every_hours * kHour;
    for (double due = uniform(0, every); due < days_ * kDay; due += every) {
      if (uniform(0, 1) < kLeftOut) continue;
      const double begin = kFirstMidnight + due + normal(mix_.unsteady_minutes * 60);
      const double rows = std::floor(uniform(kFewestChanged, kMostChanged));
      const double seconds = uniform(kShortestUpdate, kLongestUpdate);
      for (double row = 0; row < rows; ++row)
        change(begin + row / rows * seconds, source,
               std::uniform_int_distribution<std::uint32_t>(0, kCatalogueRows - 1)(random_));
    }
  }

  const ReloadMix& mix_;
  const int days_;
  std::mt19937_64 random_;
  Recording recording_;
  std::uint64_t version_ = 0;
};

}  // namespace

const std::vector<ReloadMix>& reload_mixes() {
  static const std::vector<ReloadMix> all = {
      {.name = "nightly list, 11 orders",
       .lists = 1,
       .list_rows = 3000,
       .orders = 11,
       .orders_a_day = 10,
       .calls_a_day = {228, 900}},
      {.name = "12 lists",
       .lists = 12,
       .list_rows = 150,
       .rows_sigma = 1,
       .calls_a_day = {240, 1000}},
      {.name = "4 lists, 12 orders",
       .lists = 4,
       .list_rows = 1000,
       .rows_sigma = 0.7,
       .latest_hour = 6,
       .orders = 12,
       .orders_a_day = 12,
       .calls_a_day = {300, 1200}},
      {.name = "the same, moved on day 5",
       .lists = 4,
       .list_rows = 1000,
       .rows_sigma = 0.7,
       .move_on_day = 4,
       .orders = 12,
       .orders_a_day = 12,
       .calls_a_day = {240}},
      {.name = "the same, not at weekends",
       .lists = 4,
       .list_rows = 1000,
       .rows_sigma = 0.7,
       .rests_at_weekends = true,
       .orders = 12,
       .orders_a_day = 12,
       .calls_a_day = {240}},
      {.name = "one list", .lists = 1, .list_rows = 500, .calls_a_day = {24, 100}},
      {.name = "hourly, 5 orders",
       .orders = 5,
       .orders_a_day = 12,
       .catalogues = 2,
       .every_hours = 1,
       .unsteady_minutes = 1,
       .calls_a_day = {300}},
      {.name = "2 catalogues",
       .catalogues = 2,
       .every_hours = 4,
       .unsteady_minutes = 12,
       .calls_a_day = {29, 50, 79}},
  };
  return all;
}

Recording make_reloads(const ReloadMix& mix, int days, std::uint64_t seed) {
  return Maker(mix, days, seed).make();
}

}  // namespace weir::bench
