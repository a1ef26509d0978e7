// SIGINT and SIGTERM: the call under way is finished, its lease is given back, and what waits stays
// in the outbox. A second signal ends the program at once; the kernel then frees its locks.
#pragma once

#include <weir/client.h>

#include <chrono>
#include <stop_token>

namespace weir::cli {

// To be called first in main(), before any thread is started.
void heed_signals();

// From now on until it is destroyed, a signal stops this client, or this work.
class StopOnSignal {
 public:
  explicit StopOnSignal(Client& client);
  // The same for work that heeds a stop source.
  explicit StopOnSignal(std::stop_source& work);
  ~StopOnSignal();
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;
};

// The signal that has arrived; 0 when none has.
int signal_received();

// Waits until a signal arrives, at most so long.
void wait_for_signal(std::chrono::milliseconds longest);

}  // namespace weir::cli
