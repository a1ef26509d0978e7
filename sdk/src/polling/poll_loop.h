// PollLoop: the one loop of a client that carries out the looks of all its polls, one at a time.
//
// The poll schedule decides (pacing/poll_schedule.h); what is polled acts (polling/look.h). The
// price is the client's, asked for every five minutes (pricing/pricing.h). A look that fails rests
// and keeps its place. Runs in a thread of its own, or by run_due(). Safe to use from several
// threads at once.
#pragma once

#include <weir/clock.h>
#include <weir/log.h>
#include <weir/poll.h>
#include <weir/result.h>

#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "log/failures.h"
#include "log/health_notes.h"
#include "outbox/history.h"
#include "pacing/poll_schedule.h"
#include "polling/look.h"
#include "polling/poll_memory.h"
#include "pricing/pricing.h"
#include "time/background.h"
#include "time/due.h"

namespace weir {

class PollLoop {
 public:
  struct Seams {
    std::shared_ptr<Clock> clock;
    LogSink log;
    Failures& failures;
    HealthNotes& health;
    Due& due;
    Pricing& pricing;
    store::Database& database;
    outbox::HistoryOptions history;
  };

  explicit PollLoop(Seams seams) : seams_(std::move(seams)), memory_(seams_.database) {}
  ~PollLoop() { stop(); }

  // Begins to look. Returns the number by which the poll is known.
  Result<std::size_t> add(std::unique_ptr<Look> look, const PollOptions& options);

  // Ends a poll; waits for its look, unless called from within.
  void remove(std::size_t poll);

  // Look at once, at the cost of a call.
  void hint(std::size_t poll);

  // Of its last look; empty: it went well.
  std::optional<Error> failure(std::size_t poll);

  // How often it looks, and why; before the first price of a look, at the one that is shown.
  Result<PollPace> pace(std::size_t poll);

  // Something has come for this name without a call.
  void delivered(const std::string& name);

  // Carries out what is due; says when the next look is. kInvalidArgument: called by a handler.
  Result<std::optional<TimePoint>> run_due(const Context& context);

  // The same as a step in the background: what goes wrong is only noted. Returns how long to rest
  // then. Never throws.
  Milliseconds run_and_rest(const std::stop_token& stop) noexcept {
    return background_.run_and_rest(stop);
  }

  // Does so from now on, in a thread.
  void start() { background_.start(); }
  // The look under way is finished.
  void request_stop();
  void stop();

 private:
  struct Polled {
    std::shared_ptr<Look> look;  // null: removed
    int failures = 0;
    std::optional<std::int64_t> found = {};  // by the last look that went well
    std::optional<Error> failure =
        {};                   // of the last look, or of handing over what came without one
    bool looks_fail = false;  // the platform did not answer the last one
    bool has_delivery = false;
    bool hinted_meanwhile = false;  // since the look under way began
    std::stop_source ending = {};   // asked for when the poll ends
  };

  // What is to be kept of a look.
  struct Learned {
    std::string poll;
    pacing::SourceHabits habits;
    pacing::CommonHabits common;
  };

  class Looking;

  void tell_of_news();
  Result<std::optional<TimePoint>> carry_out_due(const Context& context);
  Result<void> reprice();
  std::optional<TimePoint> look_again_at();
  std::optional<std::size_t> next_delivery();
  void carry_out(std::size_t poll, bool with_call, const Context& context);
  std::optional<Learned> settle(std::size_t poll, const LookReport& report, bool has_looked);
  void rest(std::size_t poll, const Error& error);
  void keep_history(const std::string& poll, const LookReport& report);

  const Seams seams_;
  PollMemory memory_;
  // Held while a look is carried out; taken before mutex_.
  std::mutex looking_;
  std::thread::id looker_;  // guarded by mutex_

  std::mutex mutex_;
  std::vector<Polled> polls_;
  pacing::PollSchedule schedule_;
  bool knows_common_ = false;
  std::optional<TimePoint> priced_at_;
  std::optional<double> price_with_more_calls_;
  TimePoint day_end_ = {};
  std::stop_source stopping_;
  Background background_{seams_.clock, seams_.failures,
                         [this](const std::stop_token& stop) { return run_due({.stop = stop}); }};
};

}  // namespace weir
