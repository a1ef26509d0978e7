// EventSize: how many rows of a source change together, as a row sees it: 1 where each changes
// alone, 3,000 where a list of 3,000 rows is reloaded.
//
// Rows belong together when a look has found more of them than the looks before and after it say of
// its time. Of rows that come alone, a look that expects m finds n with a variance of m, so
// n (n - m) is n on average; of events it is n times their size. A rate that rises and falls over
// hours makes no event, and an event that is expected at its hour is one no less. A value.
#pragma once

namespace weir::pacing {

struct EventSize {
  struct Look {
    double found = 0;
    double width = 0;  // seconds
  };

  // Sums over the looks that have one after them; later ones count more.
  double surprise = 0;  // rows times the rows that came with them
  double rows = 0;
  // The last two.
  Look before_last = {};
  Look last = {};
};

// A look has found so many rows of the time since the last.
void learn(EventSize& size, const EventSize::Look& look);

// The rows of an event, if a source of which nothing is known has `average`.
double rows_of(const EventSize& size, double average);

}  // namespace weir::pacing
