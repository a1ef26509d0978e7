#include "mixes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

namespace weir::bench {
namespace {

constexpr int kSources = 20;
constexpr double kZipf = 1.1;
constexpr double kDay = 86400;
constexpr double kFirstMidnight = 1704067200;  // 2024-01-01, a Monday
constexpr double kParetoTail = 1.5;
constexpr double kLargestBurst = 300;
constexpr double kBurstGap = 3;
constexpr double kVolumeSigma = 0.4;

// Relative business by the hour.
constexpr std::array<double, 24> kOfficeHours = {.05, .05, .05, .05, .05, .1, .4,  1.2,
                                                 2.4, 3,   2.8, 2.2, 1.4, 2,  2.6, 2.4,
                                                 1.6, .8,  .3,  .2,  .15, .1, .05, .05};
constexpr std::array<double, 24> kAlike = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                           1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};

const std::array<double, 24>& hours_of(const Mix& mix) {
  return mix.office_hours ? kOfficeHours : kAlike;
}

double sum(const std::array<double, 24>& hours) {
  double total = 0;
  for (const double hour : hours) total += hour;
  return total;
}

std::array<double, kSources> zipf_shares() {
  std::array<double, kSources> shares = {};
  double total = 0;
  for (int i = 0; i < kSources; ++i) total += shares.at(i) = std::pow(i + 1, -kZipf);
  for (double& share : shares) share /= total;
  return shares;
}

// The mean of the burst sizes below.
double mean_burst() {
  double mean = 0;
  for (int size = 1; size <= static_cast<int>(kLargestBurst); ++size)
    mean += std::pow(size, -kParetoTail);  // P(size or more)
  return mean;
}

class Maker {
 public:
  Maker(const Mix& mix, std::uint64_t seed) : mix_(mix), random_(seed) {}

  Recording make(double rows_a_day, int days) {
    Recording recording;
    for (int i = 0; i < kSources; ++i) recording.sources.push_back("source-" + std::to_string(i));
    const auto shares = zipf_shares();
    for (int day = 0; day <= days; ++day)
      recording.midnights.push_back(kFirstMidnight + day * kDay);
    for (int day = 0; day < days; ++day) {
      const double volume = mix_.volatile_days ? day_volume() : 1;
      for (int i = 0; i < kSources; ++i)
        add_day(recording, static_cast<std::uint32_t>(i), recording.midnights[day],
                rows_a_day * volume * shares.at(i));
    }
    std::stable_sort(recording.arrivals.begin(), recording.arrivals.end(),
                     [](const Arrival& a, const Arrival& b) { return a.at < b.at; });
    const double end = recording.midnights.back();
    std::erase_if(recording.arrivals, [&](const Arrival& arrival) { return arrival.at >= end; });
    std::vector<std::uint32_t> rows(kSources);
    for (Arrival& arrival : recording.arrivals) arrival.row = rows[arrival.source]++;
    return recording;
  }

 private:
  // Mean 1.
  double day_volume() {
    std::normal_distribution<double> normal(-kVolumeSigma * kVolumeSigma / 2, kVolumeSigma);
    return std::exp(normal(random_));
  }

  double uniform() { return std::uniform_real_distribution<double>(0, 1)(random_); }

  void add_day(Recording& recording, std::uint32_t source, double midnight, double rows) {
    const auto& hours = hours_of(mix_);
    const double events = rows / (mix_.bursts ? mean_burst() : 1);
    for (int hour = 0; hour < 24; ++hour) {
      const double rate = events * hours.at(hour) / sum(hours) / 3600;
      std::exponential_distribution<double> gap(rate);
      const double begin = midnight + hour * 3600;
      for (double at = begin + gap(random_); at < begin + 3600; at += gap(random_))
        add_event(recording, source, at);
    }
  }

  void add_event(Recording& recording, std::uint32_t source, double at) {
    int size = 1;
    if (mix_.bursts)
      size = static_cast<int>(
          std::min(kLargestBurst, std::floor(std::pow(1 - uniform(), -1 / kParetoTail))));
    std::exponential_distribution<double> gap(1 / kBurstGap);
    for (int i = 0; i < size; ++i) {
      // The engine's time has milliseconds.
      recording.arrivals.push_back(
          {.at = std::floor(at * 1000) / 1000, .source = source, .row = 0, .after = 1});
      at += gap(random_);
    }
  }

  const Mix& mix_;
  std::mt19937_64 random_;
};

}  // namespace

const std::vector<Mix>& mixes() {
  static const std::vector<Mix> all = {
      {.name = "even"},
      {.name = "office hours", .office_hours = true},
      {.name = "bursts", .bursts = true},
      {.name = "bursts, volatile days", .bursts = true, .volatile_days = true},
  };
  return all;
}

Recording make_recording(const Mix& mix, double rows_a_day, int days, std::uint64_t seed) {
  return Maker(mix, seed).make(rows_a_day, days);
}

double oracle_polls(const Mix& mix, double rows_a_day, std::int64_t calls) {
  const auto& hours = hours_of(mix);
  double roots = 0;
  for (const double share : zipf_shares()) {
    for (const double hour : hours)
      roots += 3600 * std::sqrt(rows_a_day * share * hour / sum(hours) / 3600);
  }
  return roots * roots / (2 * static_cast<double>(calls));
}

}  // namespace weir::bench
