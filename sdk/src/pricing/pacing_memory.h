// pricing/: runs the engine of pacing/ on real time and keeps what it learns.
//
// PacingMemory: what the pacers of all processes of an organization have learned, in its store, so
// that it outlives them and they forecast from the whole.
//
// Kept for nine days, some hundred bytes per busy five minutes. What another version of the engine
// has learned is ignored. Safe to use from several threads and processes.
#pragma once

#include <weir/clock.h>
#include <weir/result.h>

#include <optional>

#include "pacing/learned.h"
#include "store/database.h"

namespace weir {

struct KeptPrice {
  double row_seconds;
  TimePoint solved_at;
};

class PacingMemory {
 public:
  explicit PacingMemory(store::Database& database) : database_(database) {}

  // All that is known.
  Result<pacing::Learned> load(TimePoint now);

  // Adds what this process has learned and the price it has solved (infinite: nothing may be
  // spent), and gives what all know in all, of the last half hour's slots, and of the slots and
  // data sources that were added to.
  Result<pacing::Learned> exchange(const pacing::Learned& own, double price_row_seconds,
                                   TimePoint now);

  // The last price that any process has solved.
  Result<std::optional<KeptPrice>> price();

 private:
  store::Database& database_;
};

}  // namespace weir
