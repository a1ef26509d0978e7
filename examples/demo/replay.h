// Replay: a recorded day driven through the real SDK, over real HTTP, into the mock server, in
// virtual time.
//
// The client sees a change only when its time has come. Both clocks stand still while work is done
// and then jump to the next event, so that the day takes seconds and its result is the same on
// every machine.
#pragma once

#include <weir/client.h>
#include <weir/testing/manual_clock.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "mock_server/mock_server.h"
#include "storm_day.h"

namespace weir::demo {

struct Outcome {
  std::int64_t changes = 0;
  std::int64_t sources_changed = 0;
  std::int64_t calls = 0;
  std::int64_t first_calls = 0;  // of them, the first publish of each data source
  std::int64_t calls_left = 0;
  std::int64_t calls_after_midnight = 0;  // for what still waited when the day's calls were spent
  std::int64_t refused = 0;
  int peak_connections = 0;
  double mean_seconds_until_current = 0;
  std::size_t sources = 0;
  std::vector<std::string> sources_that_differ = {};
};

struct Progress {
  TimePoint time = {};
  double share_of_day = 0;
  std::int64_t changes = 0;
  std::int64_t calls = 0;
};

class Replay {
 public:
  // Throws std::runtime_error when the mock server or the client cannot start.
  Replay(StormDay day, const std::string& store);

  // Throws std::runtime_error when the client reports an error.
  Outcome run(const std::function<void(const Progress&)>& progress);

  const StormDay& day() const { return day_; }
  std::string url() const { return server_->url(); }

 private:
  void publish_initial_rows();
  void replay_changes(const std::function<void(const Progress&)>& progress);
  void send_the_rest();
  void go_to(TimePoint time);
  void hand_over(const TimedChange& change);
  void note_calls();
  Outcome outcome();
  std::vector<std::string> sources_that_differ();

  const StormDay day_;
  const TimePoint start_;
  std::shared_ptr<testing::ManualClock> clock_;
  std::unique_ptr<mock::MockServer> server_;
  std::unique_ptr<Client> client_;
  Tables truth_;
  std::map<std::string, std::vector<TimePoint>>
      not_current_;  // times of the changes that no call has carried yet
  std::map<std::string, std::int64_t> changes_by_source_;
  std::uint64_t last_call_seen_ = 0;
  std::int64_t calls_ = 0;
  std::int64_t first_calls_ = 0;
  std::int64_t calls_today_ = 0;
  std::int64_t calls_left_ = 0;
  std::int64_t calls_after_midnight_ = 0;
  std::int64_t changes_ = 0;
  double seconds_until_current_ = 0;
};

}  // namespace weir::demo
