// The tasks that every organization has, whatever its sources and polls: sending what is worth a
// call, looking at what is polled, and noticing what other processes put into the stores.
#pragma once

#include <weir/client.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/loop/call_news.h"
#include "daemon/loop/task.h"

namespace weir::daemon {

// Runs Client::send_due(), and tells each call in a line of the log.
class SendTask final : public Task {
 public:
  SendTask(Client& client, std::shared_ptr<Clock> clock, LogSink log, Milliseconds longest_call)
      : client_(client), clock_(std::move(clock)), log_(std::move(log)), news_(longest_call) {}

  std::optional<TimePoint> run(std::stop_token stop) override;
  TaskStatus status() const override;

 private:
  void tell_calls();

  Client& client_;
  const std::shared_ptr<Clock> clock_;
  const LogSink log_;
  CallNews news_;
  mutable std::mutex mutex_;
  TaskStatus status_;  // guarded by mutex_
};

// Runs Client::poll_due().
class LookTask final : public Task {
 public:
  LookTask(Client& client, std::shared_ptr<Clock> clock, LogSink log)
      : client_(client), clock_(std::move(clock)), log_(std::move(log)) {}

  std::optional<TimePoint> run(std::stop_token stop) override;
  TaskStatus status() const override;

 private:
  Client& client_;
  const std::shared_ptr<Clock> clock_;
  const LogSink log_;
  mutable std::mutex mutex_;
  TaskStatus status_;  // guarded by mutex_
};

// Looks every two seconds whether the file of a store has changed, for all organizations: another
// process may have kept changes in it, such as `weir push --keep`.
class StoreWatchTask final : public Task {
 public:
  explicit StoreWatchTask(std::shared_ptr<Clock> clock) : clock_(std::move(clock)) {}

  // `changed` is called in a turn of this task. An address of a database is passed over.
  void watch(const std::string& store, Waker changed);
  void forget(const std::string& store);

  std::optional<TimePoint> run(std::stop_token stop) override;
  TaskStatus status() const override { return {}; }

 private:
  struct Watched {
    std::string store;
    Waker changed;
    std::int64_t seen = 0;
  };

  const std::shared_ptr<Clock> clock_;
  std::mutex mutex_;
  std::vector<Watched> watched_;  // guarded by mutex_
};

}  // namespace weir::daemon
