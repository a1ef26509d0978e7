// Arrivals: the changes of a data source's rows, or of all data sources, in a few numbers that
// fade.
#pragma once

#include <array>
#include <cstddef>

#include "rows/row_change.h"

namespace weir::pacing {

// What became of the row. One that has just come is likelier to change again than one whose
// neighbour has gone.
enum class ChangeKind { kInsert, kUpdate, kDelete };
inline constexpr std::size_t kChangeKinds = 3;

ChangeKind kind_of(const outbox::RowChange& change);

struct Arrivals {
  // As of the last one: of each kind, fading over 45 minutes, and of all, over 7.5.
  std::array<double, kChangeKinds> recent = {};
  double just_now = 0;
  double changes = 0;  // in all, fading over months
  double last = 0;     // seconds since 1970
};

// One more at `t`.
void add_one(Arrivals& arrivals, ChangeKind kind, double t);

// Both together.
void add(Arrivals& arrivals, const Arrivals& more);

// Changes per second.
struct Pace {
  std::array<double, kChangeKinds> recent = {};
  double just_now = 0;

  double of_all_kinds() const;
};

// At `t`, since the last change or at it.
Pace pace_at(const Arrivals& arrivals, double t);

// The same if the changes have been watched for so many seconds only: part of the recent ones has
// not been seen.
Pace pace_at(const Arrivals& arrivals, double t, double watched);

}  // namespace weir::pacing
