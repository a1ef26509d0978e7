// PushLoop: the one loop of a client that sends what waits, several data sources at once.
//
// The push schedule decides (pacing/push_schedule.h), the delivery acts; what is due by price,
// pricing knows. choosing_ is held while a batch is chosen and while its end is noted, never while
// it is sent: a data source under way is marked in the schedule. So whoever asks to send waits for
// nobody but a batch of the same data source. Runs in a thread of its own, or by run_due() and
// send(). Safe to use from several threads at once.
#pragma once

#include <weir/clock.h>
#include <weir/data_source.h>
#include <weir/log.h>
#include <weir/result.h>
#include <weir/why.h>

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "budget/shared_clock.h"
#include "log/failures.h"
#include "log/health_notes.h"
#include "outbox/outbox.h"
#include "pacing/push_schedule.h"
#include "pricing/pricing.h"
#include "pushing/delivery.h"
#include "time/background.h"
#include "time/context.h"
#include "time/due.h"

namespace weir {

class PushLoop {
 public:
  struct Seams {
    std::shared_ptr<Clock> clock;
    budget::SharedClock& shared_clock;
    LogSink log;
    outbox::Outbox& outbox;
    Pricing& pricing;
    Delivery& delivery;
    Failures& failures;
    HealthNotes& health;
    Due& due;
    // How many data sources send() and run_due() send at once; 1 begins no thread.
    int most_at_once = 1;
  };

  explicit PushLoop(Seams seams) : seams_(std::move(seams)) {}
  ~PushLoop() { stop(); }

  // Sends what waits for one data source, or for all when `source` is empty, now and at any price,
  // until the context is over. However short its time, everything is tried once.
  Result<SendReport> send(const std::optional<std::string>& source, SendReport* partial,
                          const Context& context);

  // Sends what is due; says when the next batch will be.
  Result<std::optional<TimePoint>> run_due(const Context& context);

  // The same as a step in the background: what goes wrong is only noted. Returns how long to rest
  // then. Never throws.
  Milliseconds run_and_rest(const std::stop_token& stop) noexcept {
    return background_.run_and_rest(stop);
  }

  // Why what waits for a data source is not sent yet: by the price, or since it is under way here
  // or rests. What is due is kConnection.
  Result<WaitReason> why(const std::string& source);

  // When what waits goes, by data source, as rows change now. Empty before the first look of this
  // process.
  Result<std::map<std::string, TimePoint>> sent_by();

  // There is something new to look at.
  void hint();

  // Does so from now on, in a thread.
  void start() { background_.start(); }
  // The calls under way are finished.
  void request_stop() { background_.request_stop(); }
  void stop() { background_.stop(); }

 private:
  struct Helper;
  struct Errand;
  class UnderWay;
  class HelpersEnd;

  // What is to be done next.
  struct Choice {
    std::optional<std::string> source = {};  // to be sent now
    std::string reason = {};
    // Otherwise:
    bool nothing_waits = false;
    std::optional<TimePoint> due = {};    // of the next batch
    bool waits_for_others = false;        // a batch under way of what waits
    std::int64_t stale_rows = 0;          // that wait
    std::optional<Error> halted_by = {};  // when all that waits is halted
  };

  Result<void> send_all(Errand& errand);
  Result<std::optional<TimePoint>> send_due(Errand& errand);

  Result<Choice> choose(Errand& errand);
  Result<std::vector<outbox::PendingSource>> waiting_for(const std::optional<std::string>& source);
  Result<void> look_for_ended_halts(TimePoint now);
  bool may_begin(const Errand& errand) const;
  bool sends_it_all_itself(const std::vector<outbox::PendingSource>& waiting) const;
  Choice nothing_now(const std::vector<outbox::PendingSource>& waiting, TimePoint now) const;
  std::optional<TimePoint> look_again_at(const std::optional<TimePoint>& due) const;
  Result<void> rest(Errand& errand, const Choice& choice, std::unique_lock<std::mutex>& lock);
  void wait_for_a_batch(std::unique_lock<std::mutex>& lock, Milliseconds longest,
                        const std::stop_token& stop);

  void get_help(Errand& errand) noexcept;
  void help(Errand& errand, Helper& helper) noexcept;
  bool help_once(Errand& errand);
  void deliver(Errand& errand, const Choice& choice);
  Delivered delivered_or_thrown(Errand& errand, const Choice& choice, const Context& context);
  static void add(Errand& errand, const std::string& source, const Delivered& delivered);
  void settle(Errand& errand, const std::string& source, const Delivered& delivered);
  void note_halt(const std::string& source, const Delivered& delivered);
  void note_health(const std::string& source, const Delivered& delivered, TimePoint now);

  const Seams seams_;

  std::mutex choosing_;
  pacing::PushSchedule schedule_;                   // guarded by choosing_, like the next four
  std::set<std::string> noted_halts_;               // which the store has too; "": of all
  std::map<std::string, std::thread::id> senders_;  // of the data sources under way
  std::uint64_t batches_ended_ = 0;
  std::condition_variable_any batch_ended_;

  Background background_{seams_.clock, seams_.failures,
                         [this](const std::stop_token& stop) { return run_due({.stop = stop}); }};
};

}  // namespace weir
