// Pricing: the one price of a client's calls, for pushes and polls alike.
//
// Runs the pacer on real time: hands it what changes and what waits, lets it solve the price every
// five minutes from what the ledger says is left, and keeps what it learns in the store. Changes
// are only noted when they come and learned from by whoever asks next, so that keeping a change
// stays quick. Safe to use from several threads at once; never calls back while it is asked, but
// for the forecast of polls.
#pragma once

#include <weir/clock.h>
#include <weir/log.h>
#include <weir/result.h>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "budget/ledger.h"
#include "outbox/pending_source.h"
#include "outbox/row_change.h"
#include "pacing/push_pacer.h"
#include "pacing_memory.h"
#include "store/database.h"

namespace weir {

// What polls need to know.
struct PollPrice {
  double row_seconds;
  pacing::OrgDay day;  // by the local clock
};

class Pricing {
 public:
  struct Seams {
    std::shared_ptr<Clock> clock;
    budget::Ledger& ledger;
    budget::OrgCalendar calendar;
    store::Database& database;
    // What this client's polls would spend.
    std::function<pacing::PollForecast(TimePoint now, TimePoint end)> polls;
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
  std::optional<TimePoint> due_of(const std::string& source) const;

  // Whether its deadline makes it due then, not the price.
  bool is_forced(const std::string& source) const;

  // When the price is solved anew, and things may look different; empty when it never changes.
  std::optional<TimePoint> renews_at() const;

  // Solves the price for polls.
  Result<PollPrice> for_polls();

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

  bool is_fixed() const { return fixed_.has_value(); }
  void learn_noted();
  Result<void> solve(TimePoint now);
  Result<void> load(TimePoint now);
  void share(TimePoint now);
  pacing::OrgDay org_day(TimePoint time) const;

  const Seams seams_;
  const std::optional<double> fixed_;
  PacingMemory memory_;

  mutable std::mutex mutex_;  // guards all below but noted_
  pacing::PushPacer pacer_;
  bool is_loaded_ = false;
  std::optional<TimePoint> solved_at_;
  pacing::OrgDay today_ = {};
  // How far the local clock is ahead of the platform's.
  Milliseconds ahead_ = {};

  std::mutex noting_;
  std::vector<Noted> noted_;
  std::size_t noted_rows_ = 0;
};

}  // namespace weir
