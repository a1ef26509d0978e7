// The baselines: what others do, what could have been done in hindsight, and the optimum.
//
// Each is for one day and a number of calls. Of the first kind, the rules that know nothing:
// equal_interval, largest_first, immediate. Chosen in hindsight, with one number for the day:
// best_interval, best_linger, best_price. The optimum knows every change in advance.
#pragma once

#include <cstdint>

#include "day.h"

namespace weir::bench {

// Every data source is looked at equally often, one after the other at even distances; a look that
// finds nothing costs a call too. What cron does.
Outcome equal_interval(const Day& day, std::int64_t calls);

// One call after the other at even distances, for whatever has piled up most row-seconds. What a
// pacing library does.
Outcome largest_first(const Day& day, std::int64_t calls);

// Each change at once, until the day's calls are spent.
Outcome immediate(const Day& day, std::int64_t calls);

// All data sources are looked at together, those with stale rows are sent; the shortest interval
// whose calls fit.
Outcome best_interval(const Day& day, std::int64_t calls);

// A data source is sent so long after its first change; the shortest time whose calls fit. What
// producers of message queues do.
Outcome best_linger(const Day& day, std::int64_t calls);

// A data source is sent when its row-seconds reach one price; the lowest whose calls fit.
Outcome best_price(const Day& day, std::int64_t calls);

// The fewest row-seconds with so many calls, all changes known in advance: a price per call, a
// dynamic programme per data source, bisection on the price. Batches of rows that do not change
// twice obey the quadrangle inequality, which makes the programme linear (tangents on a hull).
Outcome optimum(const Day& day, std::int64_t calls);

// Polls at even distances, `share` of the calls for each data source.
Outcome even_polls(const Day& day, const std::vector<double>& calls_by_source);

// Looks at even distances, as many at each data source, as stale as they are on average whenever
// the first one is: with one reload a day, a single phase is luck. Stale row-seconds.
double equal_polls_at_any_phase(const Day& day, std::int64_t calls);

// Polls shared by the square root of each data source's true number of changes that day.
Outcome rate_polls(const Day& day, std::int64_t calls);

}  // namespace weir::bench
