// client/: the facade, which composes the parts, guards them and forwards to them.
//
// Core: the parts of a client put together. What Client and DataSource forward to.
//
// One Core per Client; other processes work beside it through the store. Safe to use from several
// threads at once.
#pragma once

#include <weir/advice.h>
#include <weir/api_call.h>
#include <weir/client.h>
#include <weir/client_options.h>
#include <weir/data_source.h>
#include <weir/entry_queue.h>
#include <weir/form_connector_receiver.h>
#include <weir/health.h>
#include <weir/outbox.h>
#include <weir/read_rows.h>
#include <weir/result.h>
#include <weir/usage.h>
#include <weir/why.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "api/platform.h"
#include "budget/leases.h"
#include "budget/ledger.h"
#include "budget/shared_clock.h"
#include "calling/calls.h"
#include "client/options_check.h"
#include "client/steps.h"
#include "log/failures.h"
#include "log/health_notes.h"
#include "outbox/outbox.h"
#include "pipeline/budget_transport.h"
#include "polling/connector_deliveries.h"
#include "polling/poll_loop.h"
#include "pricing/pricing.h"
#include "pushing/delivery.h"
#include "pushing/push_loop.h"
#include "reading/comparing.h"
#include "reading/downloads.h"
#include "reading/reading.h"
#include "store/store.h"
#include "time/context.h"
#include "time/due.h"

namespace weir::inline v0 {

// What a Core stands on: the store, and the names by which others know its host and its process.
struct Ground {
  store::Store store;
  std::string host;
  std::string process;
  // Whether several data sources may be sent at once, by threads.
  bool has_threads = true;
  // Of the client, for a store that may be waited for.
  std::stop_source stopping = {};
};

// What messages call it.
inline constexpr std::string_view kDataSource = "data source";

class Core {
 public:
  // Without a ground, it is the store of the options and this process; a simulation gives its own.
  static Result<std::shared_ptr<Core>> open(ClientOptions options,
                                            std::optional<Ground> ground = {});

  // Checks the options as open() does, and opens no store.
  static Result<void> check_options(ClientOptions options);

  ~Core();

  Result<ApplyReport> apply(const std::string& source, const std::vector<Change>& changes,
                            const ApplyOptions& options);
  Result<PublishReport> publish(const std::string& source, const std::vector<Row>& rows,
                                const PublishOptions& options);
  Result<PublishReport> publish(const std::string& source, RowSource& rows,
                                const PublishOptions& options);
  Result<OutboxContents> outbox();
  Result<std::int64_t> retry(const DeadLetterChoice& choice);
  Result<std::int64_t> drop(const DeadLetterChoice& choice);
  Result<std::int64_t> discard(const std::string& source);
  Result<std::vector<std::string>> known_sources();
  Result<KeptOfSource> kept(const std::string& source);
  Result<KeptOfSource> forget(const std::string& source);
  Result<KnownSource> known(const std::string& source);
  Result<std::vector<Note>> notes(const std::string& scope);
  Result<void> keep_notes(const std::vector<Note>& notes);
  Result<std::optional<Claim>> claim(const std::string& name);

  // Reading what the platform has: core_reading.cpp.
  Result<Description> describe(const std::string& source);
  Result<ReadReport> read_rows(const std::string& source, const PageSink& sink,
                               const ReadOptions& options);
  Result<DiffReport> diff(const std::string& source, RowSource& rows, const DiffOptions& options);

  // Sends what waits for one data source, or for all when `source` is empty, now and at any price.
  Result<SendReport> send(const std::optional<std::string>& source, Milliseconds deadline,
                          SendReport* partial);
  Result<std::optional<TimePoint>> send_due();

  // Any other call: core_calls.cpp.
  Result<ApiAnswer> call(const ApiCall& call);

  // For event loops: core_steps.cpp.
  std::optional<TimePoint> next_due() const { return due_.next(); }
  Result<std::optional<TimePoint>> run_due();

  // Polls: core_polls.cpp.
  Result<Poll> poll_form(std::shared_ptr<Core> self, const std::string& form, EntryHandler handler,
                         FormPollOptions options);
  Result<Poll> poll_source(std::shared_ptr<Core> self, const std::string& source,
                           ChangesHandler handler, const PollOptions& options);
  Result<std::optional<TimePoint>> poll_due();
  void hint_poll(std::size_t poll);
  std::optional<Error> poll_failure(std::size_t poll);
  Result<PollPace> poll_pace(std::size_t poll);
  void end_poll(std::size_t poll);
  Result<FormEntriesPage> read_entries(const std::string& form, const FormEntriesRange& range);
  ConnectorAnswer take_delivery(const std::string& form, const ConnectorRequest& request);

  // Queues of entries: core_entries.cpp.
  Result<void> keep_entries(const std::string& queue, const std::vector<EntryToKeep>& entries);
  Result<std::vector<QueuedEntry>> first_entries(const std::string& queue, std::size_t most);
  Result<void> change_entries(const std::string& queue,
                              const std::function<void(store::Statements&)>& change);
  Result<EntryQueueState> entries_state(const std::string& queue);
  Result<std::vector<QueuedEntry>> list_entries(const EntryChoice& choice);
  Result<std::int64_t> retry_entries(const EntryChoice& choice);
  Result<std::int64_t> drop_entries(const EntryChoice& choice);

  Result<Usage> usage();
  Result<WaitReason> why(const std::string& source);  // core_outbox.cpp
  Result<Health> health();                            // core_usage.cpp
  Result<std::vector<CallsOfDay>> calls_by_day();
  Result<std::vector<std::string>> check_store();
  StoreState store_state() const;
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
  Core(CheckedOptions options, budget::OrgCalendar calendar, Ground ground,
       std::shared_ptr<Transport> transport);

  void warn_of_copy() const;
  Result<WaitReason> amiss_or(WaitReason nothing_waits, const std::string& source);
  bool has_threads() const { return options_.send_in_background && !options_.executor; }
  void tell_due(Task task, TimePoint due);
  void run_step(Task task, const std::stop_token& stop) noexcept;
  Result<void> drain_for(const std::string& source, const Context& context);
  Result<Poll> begin_poll(std::shared_ptr<Core> self, std::unique_ptr<Look> look,
                          const PollOptions& options);
  Result<void> require_own_process() const;
  // The same, and that the name of a thing of the platform can be one.
  Result<void> require_name(std::string_view what, const std::string& name) const;
  // Of what somebody waits for: a stop ends it.
  Context context() { return {.stop = stopping_.get_token()}; }

  const ClientOptions options_;
  const std::shared_ptr<Clock> clock_;
  store::Store store_;
  budget::Ledger ledger_;
  budget::Leases leases_;
  budget::SharedClock shared_clock_;
  Pricing pricing_;
  outbox::Outbox outbox_;
  pipeline::BudgetTransport transport_;
  const api::Platform platform_;
  Delivery delivery_;
  Reading reading_;
  Comparing comparing_;
  Downloads downloads_;
  Calls calls_;
  Failures failures_;
  HealthNotes health_;
  Due due_;
  PollLoop polls_;
  ConnectorDeliveries deliveries_;
  PushLoop pushes_;
  Steps steps_;

  bool is_new_ = false;  // the store
  std::atomic<bool> may_be_a_copy_ = false;
  const std::int64_t process_;
  std::shared_ptr<Core> kept_;
  std::stop_source stopping_;
};

}  // namespace weir::inline v0
