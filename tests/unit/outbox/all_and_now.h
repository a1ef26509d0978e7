// What most tests of the outbox ask for and when: all changes, and a moment that is not the first.
#pragma once

#include <weir/clock.h>

#include <cstdint>

namespace weir::outbox {

inline constexpr std::int64_t kAll = 1'000'000;
inline const TimePoint kNow{std::chrono::hours{1}};

}  // namespace weir::outbox
