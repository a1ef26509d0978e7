#include "faults.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace weir::mock {
namespace {

constexpr std::array<std::pair<const char*, FaultKind>, 8> kNames = {
    {{"status", FaultKind::kStatus},
     {"reset_before", FaultKind::kResetBefore},
     {"reset_after", FaultKind::kResetAfter},
     {"delay", FaultKind::kDelay},
     {"truncate", FaultKind::kTruncate},
     {"lock", FaultKind::kLock},
     {"crash", FaultKind::kCrash},
     {"kill", FaultKind::kKill}}};

}  // namespace

std::optional<FaultKind> fault_kind(const std::string& name) {
  for (const auto& [known, kind] : kNames) {
    if (name == known) return kind;
  }
  return std::nullopt;
}

std::string fault_name(FaultKind kind) {
  for (const auto& [name, known] : kNames) {
    if (kind == known) return name;
  }
  return "";
}

void Faults::add(Fault fault) {
  std::lock_guard lock(mutex_);
  faults_.push_back(std::move(fault));
}

void Faults::clear() {
  {
    std::lock_guard lock(mutex_);
    faults_.clear();
  }
  end_delays();
}

std::optional<Fault> Faults::take(const std::string& source, const std::string& method) {
  std::lock_guard lock(mutex_);
  const auto fits = [&](const Fault& fault) {
    return (fault.source.empty() || fault.source == source) &&
           (fault.method.empty() || fault.method == method);
  };
  const auto found = std::find_if(faults_.begin(), faults_.end(), fits);
  if (found == faults_.end()) return std::nullopt;
  const Fault fault = *found;
  ++found->played;
  if (--found->count <= 0) faults_.erase(found);
  return fault;
}

void Faults::delay(double seconds) {
  if (seconds <= 0) return;
  std::unique_lock lock(mutex_);
  const int began = generation_;
  ++delayed_;
  ended_.wait_for(lock, std::chrono::duration<double>(seconds),
                  [&] { return stopping_ || generation_ != began; });
  --delayed_;
}

int Faults::delayed() const {
  std::lock_guard lock(mutex_);
  return delayed_;
}

void Faults::end_delays() {
  std::lock_guard lock(mutex_);
  ++generation_;
  ended_.notify_all();
}

void Faults::stop() {
  std::lock_guard lock(mutex_);
  stopping_ = true;
  ended_.notify_all();
}

}  // namespace weir::mock
