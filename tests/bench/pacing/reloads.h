// Reloads: made-up streams whose rows change many at a time: lists that are reloaded each night,
// beside data sources that are worked on by day, and a catalogue that is brought up to date every
// few hours. Where and when is chance; the same seed gives the same stream.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "recording.h"

namespace weir::bench {

struct ReloadMix {
  std::string name;
  // Data sources that are reloaded once a day, at an hour of their own within `latest_hour`.
  int lists = 0;
  double list_rows = 0;
  double rows_sigma = 0;  // log-normal, from list to list
  double latest_hour = 24;
  int move_on_day = 0;  // to another hour; 0 never
  bool rests_at_weekends = false;
  // Worked on in office hours, row by row; the rates are log-normal from one to the other.
  int orders = 0;
  double orders_a_day = 0;
  // Brought up to date every so many hours, give or take.
  int catalogues = 0;
  double every_hours = 0;
  double unsteady_minutes = 0;
  std::vector<std::int64_t> calls_a_day = {};
};

const std::vector<ReloadMix>& reload_mixes();

Recording make_reloads(const ReloadMix& mix, int days, std::uint64_t seed);

}  // namespace weir::bench
