// Pricing: the one price of a client's calls, for pushes and polls alike.
//
// Runs the pacer on real time: hands it what changes and what waits, lets it solve the price every
// five minutes from what the ledger says is left, and keeps what it learns in the store. Changes
// are only noted when they come and learned from by whoever asks next, so that keeping a change
// stays quick. Safe to use from several threads at once; never calls back while it is asked.
#pragma once

#include <weir/clock.h>
#include <weir/log.h>
#include <weir/result.h>

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "budget/ledger.h"
#include "outbox/pending_source.h"
#include "pacing/push_pacer.h"
#include "pricing/pacing_memory.h"
#include "rows/row_change.h"
#include "store/database.h"

namespace weir {

// What polls need to know.
struct PollPrice {
  double row_seconds;
  double row_seconds_with_more_calls;  // if the organization had 1,000 more a day
  pacing::OrgDay day;                  // by the local clock
};

class Pricing {
 public:
  struct Seams {
    std::shared_ptr<Clock> clock;
    budget::Ledger& ledger;
    budget::OrgCalendar calendar;
    store::Database& database;
    LogSink log;
  };

  // Of `pacing`, the org days are filled in.
  Pricing(Seams seams, pacing::PacerOptions pacing);

  // Rows have changed.
  void changed(const std::string& source, std::vector<outbox::RowChange> changes, TimePoint now);

  // A call for the data source has arrived.
  void sent(const std::string& source);

  // Takes what waits into account, and solves the price when it is time.
  Result<void> look_at(const std::vector<outbox::PendingSource>& waiting);

  // When what waits for the data source is worth a call, as of the last look.
  std::optional<TimePoint> due_of(const std::string& source);

  // Whether its deadline makes it due then, not the price.
  bool is_forced(const std::string& source) const;

  // Why what waits for the data source, among all that waits, is not sent yet. Before the first
  // look of this process the price is solved for this answer alone.
  Result<WaitReason> why(const std::string& source,
                         const std::vector<outbox::PendingSource>& waiting);

  // When what waits goes, by data source, as rows change now. Empty before the first look of this
  // process.
  std::map<std::string, TimePoint> sent_by(const std::vector<outbox::PendingSource>& waiting);
  bool has_looked() const;

  // When the price is solved anew, and things may look different; empty when it never changes.
  std::optional<TimePoint> renews_at() const;

  // The org day that it is now, by the local clock, as far as is known.
  pacing::OrgDay today() const;

  // Solves the price for polls, which would spend `forecast` from now until the end of today(). It
  // is kept for the prices of pushes until polls ask again.
  Result<PollPrice> for_polls(pacing::PollForecast forecast);

  // What all processes have learned of the last days and kept.
  Result<pacing::Learned> learned() { return memory_.load(seams_.clock->now()); }

  // The price as a usage report shows it: solved here, else by another process lately, else now.
  Result<double> shown();

 private:
  struct Noted {
    std::string source;
    std::vector<outbox::RowChange> changes;
    TimePoint time;
  };

  Result<void> look(const std::vector<outbox::PendingSource>& waiting);
  Result<void> count_calls(TimePoint now);
  Result<void> recall_calls();
  std::optional<std::string> news_of_deadlines();
  bool is_fixed() const { return fixed_.has_value(); }
  void learn_noted();
  Result<void> solve(TimePoint now);
  Result<void> solve_for_show(TimePoint now);
  Result<void> load(TimePoint now);
  void share(TimePoint now);
  pacing::OrgDay org_day(TimePoint time) const;
  pacing::PollForecast polls_until(TimePoint now, TimePoint end) const;

  const Seams seams_;
  const std::optional<double> fixed_;
  PacingMemory memory_;

  mutable std::mutex mutex_;  // guards all below but noted_
  pacing::PushPacer pacer_;
  bool is_loaded_ = false;
  bool has_recalled_calls_ = false;
  std::optional<TimePoint> solved_at_;
  pacing::OrgDay today_ = {};
  // What polls would spend from that time until then.
  pacing::PollForecast polls_{std::vector<pacing::PollForecast::Source>()};
  TimePoint polls_from_ = {};
  TimePoint polls_until_ = {};
  bool deadlines_are_kept_ = true;
  // How far the local clock is ahead of the platform's.
  Milliseconds ahead_ = {};

  std::mutex noting_;
  std::vector<Noted> noted_;
  std::size_t noted_rows_ = 0;
};

}  // namespace weir
