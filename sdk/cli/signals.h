// SIGINT, SIGTERM and SIGHUP (the terminal or the ssh session has gone): the call under way is
// finished, its lease is given back, and what waits stays in the outbox. A second signal ends the
// program at once; the kernel then frees its locks. Under nohup, SIGHUP stays without effect.
#pragma once

#include <weir/client.h>

#include <chrono>
#include <stop_token>
#include <string>

namespace weir::cli {

// What SIGHUP means: the terminal has gone, or, for daemons, that settings are to be read anew.
enum class HangUp {
  kEnds,
  kIsAnswered,  // with a line: settings are read at the start only
  kIsCounted,   // take_hang_up() tells of it
};

// To be called first in main(), before any thread is started.
void heed_signals(HangUp hang_up);

// What it means from now on. One that was counted before ends the program if it does so now.
void set_hang_up(HangUp hang_up);

// Whether there was one since this was asked last.
bool take_hang_up();

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

// Stopped by a signal: for work that runs in many places, such as reading a database.
std::stop_token stop_of_process();

// What is done before a second signal ends the program at once. From the thread of the signals.
void before_sudden_end(void (*last)());

// The signal that has arrived; 0 when none has.
int signal_received();

// Whether the person at the terminal says yes. A signal meanwhile ends the program at once, with
// nothing done.
bool is_answered_by_yes(const std::string& question);

// Waits until a signal arrives, or a SIGHUP that is counted, at most so long.
void wait_for_signal(std::chrono::milliseconds longest);

}  // namespace weir::cli
