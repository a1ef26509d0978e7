// FormConnector: the platform's REST form connector: sends each new form entry to the customer's
// URL, which must answer with a success within 10 seconds.
//
// What fails is sent again after 2 minutes of the mock's time, then after 4, 8, … up to 64, and is
// then given up: a receiver meets an entry at least once, perhaps twice, and not in order. Sends to
// loopback only, and takes no call. Safe to use from several threads at once.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "virtual_clock.h"

namespace weir::mock {

// Where a delivery goes; http to loopback.
struct ConnectorUrl {
  std::string host = {};
  int port = 80;
  std::string path = "/";
};

std::optional<ConnectorUrl> parse_connector_url(const std::string& url);

struct ConnectorState {
  std::string url = {};  // empty: no deliveries
  std::int64_t delivered = 0;
  std::int64_t failed = 0;  // attempts
  std::int64_t given_up = 0;
  std::int64_t waiting = 0;
  int last_status = 0;  // 0: no answer
};

class FormConnector {
 public:
  explicit FormConnector(const VirtualClock& clock) : clock_(clock) {}
  ~FormConnector() { stop(); }

  // False when the URL is not http to loopback; an empty one turns deliveries off.
  bool set_url(const std::string& url);

  // The body of a delivery; ignored while there is no URL.
  void deliver(std::string body);

  ConnectorState state() const;

  // Ends the delivery under way and drops what waits.
  void stop();

 private:
  struct Job {
    std::string body = {};
    Instant due = {};
    int failures = 0;
  };

  void run();
  void wait_locked(std::unique_lock<std::mutex>& lock);
  std::optional<Job> take_due_locked();
  void settle_locked(Job job, int status);

  const VirtualClock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  ConnectorState state_;
  std::optional<ConnectorUrl> url_;
  std::deque<Job> jobs_;
  std::function<void()> end_delivery_;  // while one is under way
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace weir::mock
