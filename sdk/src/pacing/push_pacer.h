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
#include <weir/why.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "outbox/pending_source.h"
#include "pacing/arrival_rates.h"
#include "pacing/call_history.h"
#include "pacing/calls_forecast.h"
#include "pacing/due_queue.h"
#include "pacing/lead.h"
#include "pacing/learned.h"
#include "pacing/mean_weight.h"
#include "pacing/poll_forecast.h"
#include "pacing/price_curve.h"
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

// A call that was made before; for a push, the data source.
struct PastCall {
  std::string source;
  TimePoint time;
  bool is_accepted = false;
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

  // A call has sent what waited for the data source. have_left() counts it.
  void sent(const std::string& source, TimePoint now);

  // What the ledger says the day has left after a call, be it of this process or of another, and
  // whether it came to something or not.
  void have_left(std::int64_t calls, TimePoint now);

  // Calls of before, made for these data sources: a burst does not begin anew with each program.
  void recall_calls(const std::vector<PastCall>& oldest_first);

  // Solves the price at which pushes and polls together spend what the day has left.
  void reprice(TimePoint now, const DayLeft& left, const PollForecast& polls = PollForecast({}));

  // The earliest push, as of now; empty when nothing is worth a call.
  std::optional<DuePush> next(TimePoint now);

  // When what waits for the data source is worth a call, as of now.
  std::optional<TimePoint> due_of(const std::string& source, TimePoint now);

  // Whether it is due then by its deadline, before it is worth the price.
  bool is_forced(const std::string& source) const;

  // Why what waits for the data source is not sent yet, by what next() goes by. Without rows it is
  // kNothingWaits; what is due is kConnection. sent_by reckons with rows that change as they do
  // now.
  WaitReason why(const std::string& source, TimePoint now) const;

  // The same sent_by alone; empty: nothing waits, or nobody can tell.
  std::optional<TimePoint> sent_by(const std::string& source, TimePoint now) const;

  // What was learned since this was last asked.
  Learned take_learned();

  // What all pacers of the organization have learned in these slots, of these data sources and in
  // all.
  void remember(const Learned& known, TimePoint now);

  // In stale row-seconds; infinite when nothing may be spent.
  double price() const { return price_; }

  // The same if the organization had so many more calls a day.
  double price_with(std::int64_t more_calls_per_day, TimePoint now) const;

  // How many calls the deadlines take until midnight at any price, when that is more than are left:
  // then none is kept that asks for more than a quarter of an even share. Empty: all can be kept.
  std::optional<double> deadlines_need() const { return deadlines_need_; }

 private:
  struct Source {
    std::string name = {};
    Urgency urgency = {};
    outbox::PendingSource waiting = {};
    std::optional<TimePoint> last_sent = {};
    Lead lead = {};
    // How many calls had been made when its due was found.
    std::int64_t due_found_after = 0;
    LimitedBy limited_by = LimitedBy::kNothingWaits;
  };
  struct Due {
    TimePoint at;
    LimitedBy limited_by = LimitedBy::kPrice;
  };
  // From when on rows are reckoned to change, and how many a second; a decision reckons with none.
  struct Growth {
    TimePoint from = {};
    double rows_a_second = 0;
  };
  struct Batch {
    double rows = 0;
    double row_seconds = 0;
  };

  static TimePoint lively_until(const Growth& growth, TimePoint t);
  static Batch batch_at(const outbox::PendingSource& waiting, const Growth& growth, TimePoint t);
  std::size_t index_of(const std::string& source, TimePoint now);
  bool is_weighed(const std::string& source) const;
  void weigh(const std::string& source);
  void set_due(std::size_t source, TimePoint now);
  std::optional<Due> due(std::size_t index, const Growth& growth, TimePoint now) const;
  std::optional<TimePoint> worth_it_at(std::size_t index, const Growth& growth,
                                       TimePoint now) const;
  TimePoint outside_of_doubt(TimePoint due) const;
  double surplus(std::size_t source, const Growth& growth, TimePoint t) const;
  double worth(std::size_t source, const Batch& batch, TimePoint t) const;
  double needed_by_lead(const Source& source, TimePoint t) const;
  void find_due_anew(std::size_t source, TimePoint now);
  void read_price(TimePoint now);
  double price_at(double calls, TimePoint now) const;
  double seconds_left(TimePoint now) const;
  CallsByPrice calls_by_price(TimePoint now, TimePoint from) const;
  double usual_price(TimePoint now) const;
  void expect_a_burst(CallsByPrice& calls, TimePoint now) const;
  double most_forced_calls(double seconds_left) const;
  void fit_deadlines(CallsByPrice& calls, BudgetLeft& budget);
  Milliseconds deadline_of(const Source& source) const;
  void learn(TimePoint now);
  void add_to_history(TimePoint now, const std::vector<ExpectedRate>& rates);
  void choose_rule(TimePoint now);
  std::size_t best_rule() const;
  void look_up_days(TimePoint now);
  std::optional<TimePoint> renewed_at() const;
  Growth growth_of(std::size_t source, TimePoint now) const;
  std::optional<WaitReason::Deadline> deadline_instead(std::size_t source, const WaitReason& reason,
                                                       TimePoint now) const;

  const PacerOptions options_;
  // Of the data sources that are named in the options, have been seen here, or are remembered.
  MeanWeight weights_;
  double mean_weight_ = 1;  // when the price was solved
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
  std::unordered_set<std::size_t> waiting_;  // those that wait, and maybe some that were sent since
  DueQueue queue_;
  std::vector<OrgDay> days_;
  std::size_t rule_ = kFirstRule;
  std::optional<TimePoint> rule_chosen_;
  bool is_new_ = true;  // has not solved a price yet
  DayLeft left_ = {};
  PriceCurve curve_;
  bool is_first_price_ = true;  // nothing was known when it was solved
  double price_ = 0;
  std::optional<double> deadlines_need_ = {};
  double pace_ = 0;      // seconds from call to call when those that are left are spread evenly
  Lead lead_;            // of all
  double own_pace_ = 0;  // at which data sources lose their leads; longer while all are far ahead
  std::int64_t calls_made_ = 0;
};

}  // namespace weir::pacing
