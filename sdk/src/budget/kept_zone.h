// The time zone by whose days a store counts its calls, kept with the first client that makes
// calls. A second one would be a second midnight, and so a second budget, without a word: it is
// refused until somebody says that the organization has moved.
//
// After a move the day of the new zone begins with the calls that were made since its midnight, and
// the day of the old zone counts on until it ends: neither gets more calls than the limit. Works
// within a transaction; no state of its own.
#pragma once

#include <weir/clock.h>
#include <weir/result.h>

#include <cstdint>
#include <optional>
#include <string>

#include "budget/org_calendar.h"
#include "store/database.h"

namespace weir::budget {

enum class ZoneUse {
  kLook,  // only compares
  kKeep,  // keeps the zone of a store that has none yet
  kMove,  // the organization has moved to this zone
};

// Empty when none is kept yet.
std::string kept_zone(store::Statements& sql);

// Compares the zone with the one that is kept, and keeps it; `location` is the store's, for the
// message. kInvalidConfig: it is another one. Zones that have the same midnights are the same.
Result<void> claim_zone(store::Statements& sql, const OrgCalendar& calendar, ZoneUse use,
                        const std::string& location, TimePoint now);

// The day of the old zone that was under way when the organization moved.
struct OldDay {
  TimePoint ends = {};
  std::int64_t used = 0;
};

// Empty when there was no move, or that day has ended.
std::optional<OldDay> old_day(store::Statements& sql, TimePoint now);

// Counts a call for it; false when its calls are spent.
bool charge_old_day(store::Statements& sql, std::int64_t limit);

// A call that was counted for it was not made.
void refund_old_day(store::Statements& sql);

}  // namespace weir::budget
