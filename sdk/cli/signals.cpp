#include "signals.h"

#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>

namespace weir::cli {
namespace {

std::atomic<int> received = 0;
std::mutex mutex;
std::condition_variable arrived;
Client* client_to_stop = nullptr;          // guarded by mutex
std::stop_source* work_to_stop = nullptr;  // guarded by mutex

void stop_everything() {
  const std::lock_guard lock(mutex);
  arrived.notify_all();
  if (client_to_stop != nullptr) client_to_stop->request_stop();
  if (work_to_stop != nullptr) work_to_stop->request_stop();
}

// Signals are taken by a thread of their own, where anything may be called.
void wait_for_signals(const sigset_t& signals) {
  while (true) {
    int signal = 0;
    if (::sigwait(&signals, &signal) != 0) return;
    if (received.exchange(signal) != 0) ::_exit(128 + signal);
    stop_everything();
  }
}

}  // namespace

void heed_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGINT);
  ::sigaddset(&signals, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::thread([signals] { wait_for_signals(signals); }).detach();
}

StopOnSignal::StopOnSignal(Client& client) {
  {
    const std::lock_guard lock(mutex);
    client_to_stop = &client;
  }
  if (received != 0) stop_everything();
}

StopOnSignal::StopOnSignal(std::stop_source& work) {
  {
    const std::lock_guard lock(mutex);
    work_to_stop = &work;
  }
  if (received != 0) stop_everything();
}

StopOnSignal::~StopOnSignal() {
  const std::lock_guard lock(mutex);
  work_to_stop = nullptr;
  client_to_stop = nullptr;
}

int signal_received() { return received; }

void wait_for_signal(std::chrono::milliseconds longest) {
  std::unique_lock lock(mutex);
  arrived.wait_for(lock, longest, [] { return received != 0; });
}

}  // namespace weir::cli
