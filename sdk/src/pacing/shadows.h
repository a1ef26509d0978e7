// Shadows: each flush rule at each grid price, run beside the real thing on the organization's own
// changes, to learn how many calls a price would cost and how stale the rows would be.
//
// A shadow sends a data source as soon as its batch is worth the shadow's price; nothing is really
// sent, and its day never ends. State machine on virtual time; not thread-safe.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "pacing/flush_rule.h"
#include "pacing/price_grid.h"
#include "pacing/row_versions.h"
#include "pacing/urgency.h"

namespace weir::pacing {

inline constexpr std::size_t kShadowCount = kRuleCount * kPriceCount;

constexpr std::size_t shadow_of(std::size_t rule, std::size_t price) {
  return rule * kPriceCount + price;
}

// What the shadows have spent and let grow stale, over all data sources.
struct ShadowTotals {
  std::array<double, kShadowCount> calls = {};
  std::array<double, kShadowCount> stale_row_seconds = {};
};

using outbox::RowChange;

class Shadows {
 public:
  // The next data source, numbered from 0.
  void add_source(const Urgency& urgency);

  // That of the data sources; the prices and what is counted are for rows of it.
  void set_mean_weight(double weight) { mean_weight_ = weight; }

  void changed(std::size_t index, const RowChange& change, double t, const ExpectedRate& rate);

  // Time goes on without a change.
  void advance(std::size_t index, double t, const ExpectedRate& rate);

  // Forgets those that were added after the first so many, if there are any.
  void keep_sources(std::size_t count) { sources_.resize(std::min(count, sources_.size())); }

  // Adds to `progress` how far each shadow has come towards its next call for the data source, 0 to
  // 1. A batch's worth grows with the square of time, so its root with time.
  void add_progress(std::size_t index, const ExpectedRate& rate,
                    std::array<double, kShadowCount>& progress) const;

  std::size_t source_count() const { return sources_.size(); }
  const ShadowTotals& totals() const { return totals_; }

 private:
  struct Waiting {
    float rows = 0;
    float row_seconds = 0;
    float first_stale = 0;   // seconds after the data source was added
    std::uint32_t sent = 0;  // the data source's change number at the last call
  };
  struct Source {
    Urgency urgency = {};
    double at = 0;
    ExpectedRate rate = {};  // at that time
    double began = 0;
    std::uint32_t changes = 0;
    bool anything_waits = false;
    std::array<Waiting, kShadowCount> shadows = {};
    std::unordered_map<std::uint64_t, RowVersions> rows = {};
    std::size_t versions_kept = 0;
    std::size_t versions_limit = 64;
  };

  double weight_of(const Source& source) const { return source.urgency.weight / mean_weight_; }
  double price_of(const Source& source, std::size_t shadow) const;
  void pass_time(Source& source, double elapsed, const ExpectedRate& rate);
  bool pass_time(Source& source, std::size_t shadow, double elapsed, const ExpectedRate& rate,
                 const FlushRule::Rate& at_end);
  double worth_it_after(const Source& source, std::size_t shadow, double elapsed,
                        const ExpectedRate& rate) const;
  void take(Source& source, const RowVersions& row, const RowChange& change,
            const ExpectedRate& rate);
  static void add_effect(Waiting& waiting, const RowEffect& effect, double now, double began);
  static std::vector<std::uint32_t> sent_by_waiting(const Source& source);
  static void forget(Source& source);

  std::vector<Source> sources_;
  double mean_weight_ = 1;
  ShadowTotals totals_;
};

}  // namespace weir::pacing
