// Core: the parts of a client put together, and the loop that runs them. What Client and DataSource
// forward to.
//
// One Core per Client. The push schedule decides, the delivery acts, one batch at a time in this
// process; other processes work beside it through the store. Safe to use from several threads at
// once.
#pragma once

#include <weir/advice.h>
#include <weir/client_options.h>
#include <weir/data_source.h>
#include <weir/form_connector_receiver.h>
#include <weir/outbox.h>
#include <weir/read_rows.h>
#include <weir/result.h>
#include <weir/usage.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "budget/leases.h"
#include "budget/ledger.h"
#include "delivery.h"
#include "downloads.h"
#include "outbox/outbox.h"
#include "pacing/push_schedule.h"
#include "poll_loop.h"
#include "pricing.h"
#include "reading.h"
#include "store/store.h"

namespace weir {

// What a Core stands on: the store, and the names by which others know its host and its process.
struct Ground {
  store::Store store;
  std::string host;
  std::string process;
};

class Core {
 public:
  // Without a ground, it is the store of the options and this process; a simulation gives its own.
  static Result<std::shared_ptr<Core>> open(ClientOptions options,
                                            std::optional<Ground> ground = {});

  ~Core();

  Result<ApplyReport> apply(const std::string& source, const std::vector<Change>& changes);
  Result<PublishReport> publish(const std::string& source, const std::vector<Row>& rows,
                                const PublishOptions& options);
  Result<PublishReport> publish(const std::string& source, RowSource& rows,
                                const PublishOptions& options);
  Result<OutboxContents> outbox();
  Result<std::int64_t> retry(const DeadLetterChoice& choice);
  Result<std::int64_t> drop(const DeadLetterChoice& choice);

  // Reading what the platform has: core_reading.cpp.
  Result<Description> describe(const std::string& source);
  Result<ReadReport> read_rows(const std::string& source, const PageSink& sink,
                               const ReadOptions& options);
  Result<DiffReport> diff(const std::string& source, RowSource& rows, const DiffOptions& options);

  // Sends what waits for one data source, or for all when `source` is empty, now and at any price.
  Result<SendReport> send(const std::optional<std::string>& source, Milliseconds deadline,
                          SendReport* partial);
  Result<std::optional<TimePoint>> send_due();

  // Polls: core_polls.cpp.
  Result<Poll> poll_form(std::shared_ptr<Core> self, const std::string& form, EntryHandler handler,
                         FormPollOptions options);
  Result<Poll> poll_source(std::shared_ptr<Core> self, const std::string& source,
                           ChangesHandler handler, const PollOptions& options);
  Result<std::optional<TimePoint>> poll_due();
  void hint_poll(std::size_t poll);
  void end_poll(std::size_t poll);
  ConnectorAnswer take_delivery(const std::string& form, const ConnectorRequest& request);

  Result<Usage> usage();
  Result<void> calibrate(std::int64_t calls_today);
  Result<AdviceReport> advise();  // core_advice.cpp

  Result<DownloadReport> download(const FileDownload& file);

  // Ends send(), download() and the background thread as soon as the call under way is finished.
  void request_stop();

  // Never to be destroyed: holds itself.
  void keep_for_ever(std::shared_ptr<Core> self) { kept_ = std::move(self); }

  // Whether this is a child of the process that opened it.
  bool is_forked() const;

  // Ends the background thread, if there is one.
  void stop();

 private:
  Core(ClientOptions options, budget::OrgCalendar calendar, Ground ground,
       std::shared_ptr<Transport> transport);

  Result<std::int64_t> adopt(const std::string& source);
  Result<budget::Lease> take_writer(const std::string& source);
  Result<std::vector<outbox::PendingSource>> waiting_for(const std::optional<std::string>& source);
  Delivered deliver(const pacing::NextPush& push, const std::string& reason);
  Result<Poll> begin_poll(std::shared_ptr<Core> self, std::unique_ptr<Look> look,
                          const PollOptions& options);
  std::optional<TimePoint> look_again_at(const std::optional<pacing::NextPush>& push) const;
  Error why_nothing_is_sent(const std::vector<outbox::PendingSource>& waiting) const;
  void wake();
  Milliseconds send_and_rest();
  void run_in_background(const std::stop_token& stop);

  Result<void> require_own_process() const;
  Error stopped() const;

  const ClientOptions options_;
  const std::shared_ptr<Clock> clock_;
  const pipeline::Classifier classify_;
  store::Store store_;
  budget::Ledger ledger_;
  budget::Leases leases_;
  Pricing pricing_;
  outbox::Outbox outbox_;
  std::shared_ptr<Transport> transport_;
  Delivery delivery_;
  Reading reading_;
  Downloads downloads_;
  PollLoop polls_;

  // Held while a batch is chosen and sent, so that this process sends one at a time.
  std::mutex sending_;
  pacing::PushSchedule schedule_;  // guarded by sending_

  const std::int64_t process_;
  std::shared_ptr<Core> kept_;
  std::stop_source stopping_;
  std::mutex waking_;
  std::condition_variable_any woken_;
  bool has_news_ = false;  // guarded by waking_
  std::jthread background_;
};

}  // namespace weir
