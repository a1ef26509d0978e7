#include "call_meter.h"

#include <algorithm>

namespace weir::mock {
namespace {

constexpr std::size_t kLogLength = 250;

bool failed(const LogEntry& entry) { return !entry.status || *entry.status >= 400; }

}  // namespace

CallMeter::CallMeter(const Options& options, const OrgZone& zone, const VirtualClock& clock,
                     Journal& journal)
    : options_(options),
      zone_(zone),
      clock_(clock),
      journal_(journal),
      counted_day_(zone.day_of(clock.now())) {}

void CallMeter::restore(const CallCount& count) {
  std::lock_guard lock(mutex_);
  counted_day_ = count.day;
  calls_today_ = count.calls;
  refused_ = count.refused;
}

CallCount CallMeter::count() const {
  std::lock_guard lock(mutex_);
  return count_locked();
}

void CallMeter::refuse() {
  ++refused_;
  journal_.keep(count_locked());
}

Verdict CallMeter::admit(bool has_connection) {
  std::unique_lock lock(mutex_);
  start_day_if_new();
  if (calls_today_ >= options_.calls_per_day) {
    refuse();
    return Verdict::kOverDayLimit;
  }
  if (!has_connection && !has_room()) {
    if (options_.over_connections == OverConnections::kRefuse) {
      refuse();
      return Verdict::kOverConnections;
    }
    freed_.wait(lock, [&] { return has_room(); });
    start_day_if_new();
    if (calls_today_ >= options_.calls_per_day) {
      refuse();
      return Verdict::kOverDayLimit;
    }
  }
  ++calls_today_;
  journal_.keep(count_locked());
  if (!has_connection) ++connections_;
  peak_connections_ = std::max(peak_connections_, connections_);
  return Verdict::kAdmitted;
}

void CallMeter::release() {
  std::lock_guard lock(mutex_);
  --connections_;
  freed_.notify_one();
}

void CallMeter::spend(std::int64_t calls) {
  std::lock_guard lock(mutex_);
  start_day_if_new();
  const std::int64_t left = std::max<std::int64_t>(0, options_.calls_per_day - calls_today_);
  calls_today_ += std::clamp<std::int64_t>(calls, 0, left);
  journal_.keep(count_locked());
}

void CallMeter::finish(LogEntry entry, Verdict verdict) {
  std::lock_guard lock(mutex_);
  entry.charged = verdict == Verdict::kAdmitted;
  const bool is_same_day = zone_.day_of(entry.time) == counted_day_;
  if (entry.charged && !options_.count_failed && failed(entry)) {
    entry.charged = false;
    if (is_same_day && calls_today_ > 0) --calls_today_;
    journal_.keep(count_locked());
  }
  add_to_log(std::move(entry));
}

bool CallMeter::admit_exempt() {
  std::unique_lock lock(mutex_);
  if (!has_room() && options_.over_connections == OverConnections::kRefuse) {
    refuse();
    return false;
  }
  freed_.wait(lock, [&] { return has_room(); });
  ++connections_;
  peak_connections_ = std::max(peak_connections_, connections_);
  return true;
}

void CallMeter::log_exempt(LogEntry entry) {
  const std::lock_guard lock(mutex_);
  entry.charged = false;
  add_to_log(std::move(entry));
}

void CallMeter::add_to_log(LogEntry entry) {
  entry.number = next_number_++;
  log_.push_front(std::move(entry));
  if (log_.size() > kLogLength) log_.pop_back();
}

Usage CallMeter::usage() const {
  std::lock_guard lock(mutex_);
  return {.calls_today = calls_today_,
          .refused = refused_,
          .peak_connections = peak_connections_,
          .connections = connections_,
          .org_day = zone_.day_of(clock_.now()),
          .counted_day = counted_day_,
          .log = {log_.begin(), log_.end()}};
}

int CallMeter::connections() const {
  std::lock_guard lock(mutex_);
  return connections_;
}

void CallMeter::stop() {
  std::lock_guard lock(mutex_);
  stopping_ = true;
  freed_.notify_all();
}

void CallMeter::start_day_if_new() {
  const std::string today = zone_.day_of(clock_.now());
  if (today == counted_day_) return;
  counted_day_ = today;
  calls_today_ = 0;
}

}  // namespace weir::mock
