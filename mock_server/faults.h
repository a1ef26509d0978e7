// Faults: failures that a test orders, played on the next metered requests. Safe to use from
// several threads at once.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace weir::mock {

enum class FaultKind {
  kStatus,
  kResetBefore,
  kResetAfter,
  kDelay,
  kTruncate,
  kLock,
  kCrash,
  kKill
};

struct Fault {
  FaultKind kind = FaultKind::kStatus;
  int count = 1;            // how many requests it is played on
  int status = 503;         // for kStatus
  double seconds = 2;       // for kDelay, real seconds
  std::string source = {};  // only requests of this data source; empty: all
  std::string method = {};  // only requests by this method, such as PUT; empty: all
  int played = 0;           // how often it was played before
};

std::optional<FaultKind> fault_kind(const std::string& name);
std::string fault_name(FaultKind kind);

class Faults {
 public:
  void add(Fault fault);
  void clear();

  // The first fault in order that fits a request of this data source by this method; counts it
  // down.
  std::optional<Fault> take(const std::string& source, const std::string& method);

  // Waits like a slow server; ends early when stop(), clear() or end_delays() is called.
  void delay(double seconds);
  void end_delays();
  // How many requests wait in delay() now.
  int delayed() const;
  void stop();

 private:
  mutable std::mutex mutex_;
  std::condition_variable ended_;
  std::vector<Fault> faults_;
  int generation_ = 0;
  int delayed_ = 0;
  bool stopping_ = false;
};

}  // namespace weir::mock
