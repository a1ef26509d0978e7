// HealthNotes: how each data source and each poll of a client fared last. Safe to use from several
// threads at once.
#pragma once

#include <weir/clock.h>
#include <weir/error.h>
#include <weir/health.h>

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir {

class HealthNotes {
 public:
  enum class Kind { kPushes, kPoll };

  void worked(Kind kind, const std::string& name, TimePoint now);
  // `until`: it is tried again then.
  void failed(Kind kind, const std::string& name, const Error& error, TimePoint now,
              std::optional<TimePoint> until);
  // A poll has ended.
  void forget(Kind kind, const std::string& name);

  // By name, pushes first. What was to rest until a moment that is past rests no more.
  std::vector<HealthPart> parts(TimePoint now) const;

 private:
  HealthPart& part(Kind kind, const std::string& name);

  mutable std::mutex mutex_;
  std::map<std::pair<std::string, Kind>, HealthPart> parts_;
};

}  // namespace weir
