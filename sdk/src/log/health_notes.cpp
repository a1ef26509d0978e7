#include "log/health_notes.h"

namespace weir {

HealthPart& HealthNotes::part(Kind kind, const std::string& name) {
  const auto [found, is_new] = parts_.try_emplace({name, kind});
  if (is_new) {
    found->second.name = name;
    found->second.is_poll = kind == Kind::kPoll;
  }
  return found->second;
}

void HealthNotes::worked(Kind kind, const std::string& name, TimePoint now) {
  std::lock_guard lock(mutex_);
  HealthPart& noted = part(kind, name);
  noted.last_success = now;
  noted.failure.reset();
  noted.failed_at.reset();
  noted.rests_until.reset();
}

void HealthNotes::failed(Kind kind, const std::string& name, const Error& error, TimePoint now,
                         std::optional<TimePoint> until) {
  std::lock_guard lock(mutex_);
  HealthPart& noted = part(kind, name);
  noted.failure = error;
  noted.failed_at = now;
  noted.rests_until = until;
}

void HealthNotes::forget(Kind kind, const std::string& name) {
  std::lock_guard lock(mutex_);
  parts_.erase({name, kind});
}

std::vector<HealthPart> HealthNotes::parts(TimePoint now) const {
  std::lock_guard lock(mutex_);
  std::vector<HealthPart> parts;
  for (const auto& [name, noted] : parts_) {
    parts.push_back(noted);
    if (noted.rests_until && *noted.rests_until <= now) parts.back().rests_until.reset();
  }
  return parts;
}

}  // namespace weir
