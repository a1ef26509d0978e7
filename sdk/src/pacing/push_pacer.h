// PushPacer: the price of a call and the moment at which each data source's batch is worth it.
//
// Composes the engine: arrival rates and shadows learn from the changes, the history and the
// forecast turn them into the calls to expect, and the price follows from what the day has left. A
// state machine on virtual time, the same in a program and in a simulation: it is told what
// changes, what waits and what is left, and asked for the next push. A decision costs O(log n) in
// the number of data sources; reprice(), every five minutes, O(n). Not thread-safe: its owner
// locks.
#pragma once

#include <weir/clock.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "outbox/pending_source.h"
#include "pacing/arrival_rates.h"
#include "pacing/call_history.h"
#include "pacing/calls_forecast.h"
#include "pacing/due_queue.h"
#include "pacing/learned.h"
#include "pacing/poll_forecast.h"
#include "pacing/shadows.h"
#include "pacing/urgency.h"

namespace weir::pacing {

// How often the price is solved anew: a slot of the history. More often gains nothing.
inline constexpr Milliseconds kRepriceEvery = kSlot;

struct PacerOptions {
  std::int64_t calls_per_day = 2500;
  // Of the data sources that are named here, and of all others.
  std::map<std::string, Urgency> urgencies = {};
  Urgency other_sources = {};
  // A price that is not solved: for comparison, and for who wants to set it.
  std::optional<double> fixed_price = {};
  // The org day of an instant.
  std::function<OrgDay(TimePoint)> org_day = {};
};

// What the day has left for automatic calls.
struct DayLeft {
  std::int64_t calls = 0;
  // Before and after midnight so long a call may count for both days.
  Milliseconds doubt = {};
};

struct DuePush {
  std::string source;
  TimePoint due;
};

class PushPacer {
 public:
  explicit PushPacer(PacerOptions options);

  // A row's value has changed.
  void changed(const std::string& source, const RowChange& change, TimePoint now);

  // What now waits for a data source; no rows: nothing.
  void waits(const outbox::PendingSource& waiting, TimePoint now);

  // What waits for all data sources; nothing for those that are not named.
  void set_waiting(const std::vector<outbox::PendingSource>& waiting, TimePoint now);

  // A call has sent what waited for the data source.
  void sent(const std::string& source, TimePoint now);

  // Solves the price at which pushes and polls together spend what the day has left.
  void reprice(TimePoint now, const DayLeft& left, const PollForecast& polls = PollForecast({}));

  // The earliest push; empty when nothing is worth a call.
  std::optional<DuePush> next() const;

  // When what waits for the data source is worth a call.
  std::optional<TimePoint> due_of(const std::string& source) const;

  // Whether it is due then by its deadline, before it is worth the price.
  bool is_forced(const std::string& source) const;

  // What was learned since this was last asked.
  Learned take_learned();

  // What all pacers of the organization have learned in these slots, of these data sources and in
  // all.
  void remember(const Learned& known, TimePoint now);

  // In stale row-seconds; infinite when nothing may be spent.
  double price() const { return price_; }

 private:
  struct Source {
    std::string name = {};
    Urgency urgency = {};
    outbox::PendingSource waiting = {};
    std::optional<TimePoint> last_sent = {};
    bool is_forced = false;
  };
  struct Due {
    TimePoint at;
    bool is_forced = false;
  };

  std::size_t index_of(const std::string& source, TimePoint now);
  void set_due(std::size_t source, TimePoint now);
  std::optional<Due> due(const Source& source, std::size_t index, TimePoint now) const;
  std::optional<TimePoint> worth_it_at(const Source& source, std::size_t index,
                                       TimePoint now) const;
  TimePoint outside_of_doubt(TimePoint due) const;
  bool is_worth_it(std::size_t source, TimePoint t) const;
  double calls_at(std::size_t i, TimePoint now) const;
  void learn(TimePoint now);
  void add_to_history(TimePoint now);
  void choose_rule(TimePoint now);
  std::size_t best_rule() const;
  void look_up_days(TimePoint now);

  const PacerOptions options_;
  std::vector<Source> sources_;
  std::unordered_map<std::string, std::size_t> numbers_;
  ArrivalRates rates_;
  // Of data sources that have not been seen here.
  std::unordered_map<std::string, Arrivals> remembered_;
  Shadows shadows_;
  ShadowTotals recorded_;  // of the shadows, at the last look
  ShadowTotals totals_;    // of all pacers
  // Calls of the shadows, and in part those under way, that are in the history.
  std::array<double, kShadowCount> in_history_ = {};
  std::optional<TimePoint> faded_;
  Learned unshared_;
  CallHistory history_;
  CallsForecast forecast_;
  DueQueue queue_;
  std::vector<OrgDay> days_;
  std::size_t rule_ = kFirstRule;
  std::optional<TimePoint> rule_chosen_;
  bool is_new_ = true;  // has not solved a price yet
  DayLeft left_ = {};
  double price_ = 0;
};

}  // namespace weir::pacing
