// Why a poll looks as often as it does, in words. Pure functions.
#pragma once

#include <weir/why.h>

#include <string>

namespace weir::daemon {

// "40 s", "14 min", "3 h 5 min".
std::string interval_words(Milliseconds interval);

// "3.1 rows/h at price 310; 7 min with 1,000 more calls", which stands after "every 14 min: ".
std::string pace_words(const PollPace& pace);

}  // namespace weir::daemon
