#include "pacing/row_versions.h"

#include <algorithm>
#include <utility>

namespace weir::pacing {

std::size_t RowVersions::held_at(std::uint32_t sent, std::size_t hint) const {
  std::size_t held = std::min(hint, versions_.size() - 1);
  while (held + 1 < versions_.size() && versions_[held + 1].change <= sent) ++held;
  while (held > 0 && versions_[held].change > sent) --held;
  return held;
}

RowEffect RowVersions::effect(std::size_t held, ValueHash after) const {
  const ValueHash platform = versions_[held].value;
  // Back to the last time at which it was as the platform has it.
  std::size_t first_stale = versions_.size();
  while (first_stale > held + 1 && versions_[first_stale - 1].value != platform) --first_stale;
  const bool was_stale = first_stale < versions_.size();
  return {.was_stale = was_stale,
          .is_stale = after != platform,
          .stale_since = was_stale ? versions_[first_stale].since : 0};
}

bool RowVersions::forget_before(std::uint32_t oldest) {
  const std::size_t held = held_at(oldest, 0);
  versions_.erase(versions_.begin(), versions_.begin() + static_cast<std::ptrdiff_t>(held));
  return versions_.size() == 1;
}

void RowVersions::keep_held(const std::vector<std::uint32_t>& sent) {
  std::vector<bool> kept(versions_.size());
  kept.back() = true;
  std::size_t held = 0;
  for (const std::uint32_t change : sent) {
    held = held_at(change, held);
    kept[held] = true;
    if (held + 1 < kept.size()) kept[held + 1] = true;
  }
  std::vector<RowVersion> versions;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (kept[i]) versions.push_back(versions_[i]);
  }
  versions_ = std::move(versions);
}

}  // namespace weir::pacing
