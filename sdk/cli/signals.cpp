#include "signals.h"

#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <iostream>
#include <mutex>
#include <thread>

namespace weir::cli {
namespace {

std::atomic<int> received = 0;
std::atomic<HangUp> meaning_of_hang_up = HangUp::kEnds;
std::atomic<bool> has_hung_up = false;
std::atomic<bool> is_asking = false;
std::atomic<void (*)()> last_of_all = nullptr;
std::mutex mutex;
// Never destroyed: a thread that still waits when the program ends would hold up its destructor.
std::condition_variable& arrived = *new std::condition_variable;
Client* client_to_stop = nullptr;          // guarded by mutex
std::stop_source* work_to_stop = nullptr;  // guarded by mutex

std::stop_source& process_stop() {
  static std::stop_source stop;
  return stop;
}

void stop_everything() {
  process_stop().request_stop();
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
    if (signal == SIGHUP && meaning_of_hang_up == HangUp::kIsCounted) {
      has_hung_up = true;
      const std::lock_guard lock(mutex);
      arrived.notify_all();
      continue;
    }
    if (signal == SIGHUP && meaning_of_hang_up == HangUp::kIsAnswered) {
      std::cerr
          << "weir: SIGHUP: settings and tokens are read at the start only, restart to change "
             "them; going on\n";
      continue;
    }
    if (received.exchange(signal) != 0 || is_asking) {
      if (void (*const last)() = last_of_all) last();
      ::_exit(128 + signal);
    }
    stop_everything();
  }
}

}  // namespace

void set_hang_up(HangUp hang_up) {
  meaning_of_hang_up = hang_up;
  if (hang_up != HangUp::kEnds || !has_hung_up.exchange(false)) return;
  received = SIGHUP;
  stop_everything();
}

bool take_hang_up() { return has_hung_up.exchange(false); }

void heed_signals(HangUp hang_up) {
  meaning_of_hang_up = hang_up;
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGINT);
  ::sigaddset(&signals, SIGTERM);
  struct sigaction before = {};
  const bool by_nohup = ::sigaction(SIGHUP, nullptr, &before) == 0 && before.sa_handler == SIG_IGN;
  if (!by_nohup) ::sigaddset(&signals, SIGHUP);
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

void before_sudden_end(void (*last)()) { last_of_all = last; }

std::stop_token stop_of_process() { return process_stop().get_token(); }

int signal_received() { return received; }

bool is_answered_by_yes(const std::string& question) {
  is_asking = true;
  if (received != 0) ::_exit(128 + received);
  std::cerr << "weir: " << question << " [y/N] " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  is_asking = false;
  return answer == "y" || answer == "Y" || answer == "yes";
}

void wait_for_signal(std::chrono::milliseconds longest) {
  std::unique_lock lock(mutex);
  arrived.wait_for(lock, longest, [] { return received != 0 || has_hung_up; });
}

}  // namespace weir::cli
