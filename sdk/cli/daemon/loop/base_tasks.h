// The tasks that every organization has, whatever its sources and polls: sending what is worth a
// call, looking at what is polled, asking the store what is to be seen, and noticing what other
// processes put into the stores.
#pragma once

#include <weir/client.h>
#include <weir/health.h>
#include <weir/outbox.h>
#include <weir/usage.h>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <future>
#include <map>
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

// What a store has told of its organization.
struct StoreNumbers {
  Usage usage = {};
  OutboxContents outbox = {};
  std::vector<CallsOfDay> calls = {};    // of the last days
  std::vector<HealthPart> sending = {};  // how each data source is sent, and since when that fails
};

// Asks the store of an organization for what is to be seen of it. A store may hang: so nothing else
// has its turns, and whoever wants numbers waits for new ones only so long and has the last ones
// otherwise. All but run() from any thread.
class StoreTask final : public Task {
 public:
  struct Told {
    Result<StoreNumbers> numbers;
    std::map<std::string, TaskStatus> polls = {};  // whose pace is in the store, by name
  };
  struct Known {
    std::shared_ptr<const StoreNumbers> numbers = {};  // the last ones; null: there are none yet
    TimePoint numbers_at = {};
    bool is_old = false;  // others were asked for since
    std::map<std::string, TaskStatus> polls = {};
    std::string error = {};  // why it cannot be asked; empty: it can
    TimePoint failed_at = {};
  };
  using Question = std::function<Result<std::string>()>;

  // `name` is the store's, for messages.
  StoreTask(std::string name, std::function<Told()> ask, std::shared_ptr<Clock> clock, Waker wake)
      : name_(std::move(name)),
        ask_(std::move(ask)),
        clock_(std::move(clock)),
        wake_(std::move(wake)) {}

  std::optional<TimePoint> run(std::stop_token stop) override;
  TaskStatus status() const override { return {}; }

  // Asks for numbers that are read from now on; gives the number of the request.
  std::uint64_t want();
  // Until those are there, or it takes too long. A store that is known to hang is not waited for.
  void wait_for(std::uint64_t request, Milliseconds longest) const;
  Known known(std::uint64_t request) const;

  // Runs the question in a turn of this task. kStoreUnreachable: it takes too long, or would.
  Result<std::string> answer(Question question);

 private:
  using Asked = std::packaged_task<Result<std::string>()>;

  void note(Told told, std::uint64_t request);
  void begin();
  bool hangs() const;
  Error does_not_answer() const;

  const std::string name_;
  const std::function<Told()> ask_;
  const std::shared_ptr<Clock> clock_;
  const Waker wake_;

  mutable std::mutex mutex_;
  mutable std::condition_variable noted_;
  std::vector<std::shared_ptr<Asked>> questions_;  // guarded by mutex_, as all that follows
  std::uint64_t wanted_ = 1;
  std::uint64_t read_ = 0;
  // Since when it is asked for something; empty: it is not.
  std::optional<Milliseconds> asks_since_;
  TimePoint asked_at_;
  Known known_;
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
