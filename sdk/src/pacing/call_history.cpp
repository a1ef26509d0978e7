#include "pacing/call_history.h"

#include <algorithm>

namespace weir::pacing {

void CallHistory::open(std::int64_t slot) {
  if (slots_.empty()) {
    first_slot_ = slot;
    slots_.resize(1);
    return;
  }
  const std::int64_t count = slot - first_slot_ + 1;
  if (count > static_cast<std::int64_t>(slots_.size()))
    slots_.resize(static_cast<std::size_t>(count));
}

void CallHistory::add(std::int64_t slot, std::size_t shadow, double calls) {
  open(slot);
  if (slot < first_slot_) return;
  const auto k = static_cast<std::size_t>(slot - first_slot_);
  slots_[k][shadow] += static_cast<float>(calls);
  summed_ = std::min(summed_, k);
}

void CallHistory::set(std::int64_t slot, const SlotCounts& calls) {
  open(slot);
  if (slot < first_slot_) return;
  const auto k = static_cast<std::size_t>(slot - first_slot_);
  slots_[k] = calls;
  summed_ = std::min(summed_, k);
}

double CallHistory::before(std::int64_t slot, std::size_t shadow) const {
  if (slots_.empty() || slot <= first_slot_) return 0;
  bring_up_to_date();
  const auto k = static_cast<std::size_t>(slot - first_slot_);
  return sums_[std::min(k, slots_.size())][shadow];
}

void CallHistory::bring_up_to_date() const {
  if (sums_.size() != slots_.size() + 1) sums_.resize(slots_.size() + 1);
  for (; summed_ < slots_.size(); ++summed_) {
    for (std::size_t shadow = 0; shadow < kShadowCount; ++shadow)
      sums_[summed_ + 1][shadow] = sums_[summed_][shadow] + slots_[summed_][shadow];
  }
}

void CallHistory::forget_before(std::int64_t slot) {
  if (slots_.empty() || slot <= first_slot_) return;
  const auto gone = std::min(static_cast<std::size_t>(slot - first_slot_), slots_.size() - 1);
  slots_.erase(slots_.begin(), slots_.begin() + static_cast<std::ptrdiff_t>(gone));
  first_slot_ += static_cast<std::int64_t>(gone);
  sums_.clear();
  summed_ = 0;
}

}  // namespace weir::pacing
