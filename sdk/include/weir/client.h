// Client: the way into Weir. It keeps an organization's changes, decides when a call is worth
// spending, and never spends more than the organization's calls of the day or its connections, over
// all processes that share the store.
//
// One Client per organization and process is enough. Move-only; safe to use from several threads at
// once. It does not survive fork(): in the child every function returns kForked. A child executes
// another program, ends by _exit(), or opens a client of its own; it holds no lock of its parent's.
//
//   auto client = weir::Client::open({.url = "https://secure.example.com", .company_id = 12345,
//       .integration_key = weir::Secret::from_env("WEIR_INTEGRATION_KEY"),
//       .time_zone = "America/Los_Angeles", .store = "outages.db"});
//   if (!client) return report(client.error());
//   auto kept = client->data_source("OUTAGES").upsert({"2467456", "Dinuba", "Crew on its way"});
//   auto sent = client->drain(std::chrono::seconds{30});
#pragma once

#include <weir/advice.h>
#include <weir/api_call.h>
#include <weir/client_options.h>
#include <weir/data_source.h>
#include <weir/entry_queue.h>
#include <weir/export.h>
#include <weir/file_download.h>
#include <weir/form_entries.h>
#include <weir/health.h>
#include <weir/note.h>
#include <weir/outbox.h>
#include <weir/result.h>
#include <weir/usage.h>
#include <weir/why.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir::inline v0 {

// How much a store keeps of one data source.
struct KeptOfSource {
  std::int64_t waiting = 0;       // changes that were not sent
  std::int64_t dead_letters = 0;  // changes that the platform refused for good
  std::int64_t rows = 0;          // that are known of the platform, by pushes or polls
};

class WEIR_EXPORT Client final {
 public:
  // Checks the options and opens the store; creates it when it is not there. Costs no call.
  // kInvalidConfig names the wrong option; kStoreUnusable and kStoreBusy name the file.
  static Result<Client> open(ClientOptions options);

  // Checks the options as open() does, and opens nothing: for programs that check their settings.
  // kInvalidConfig names the wrong option. Costs no call.
  static Result<void> check(ClientOptions options);

  Client(Client&&) noexcept;
  // The client that is assigned over ends as if it were destroyed.
  Client& operator=(Client other) noexcept;

  // Stops the background thread after the call under way. Waiting changes stay in the outbox for
  // the next Client.
  ~Client();

  // A handle on the data source with this ExternalId. Costs no call and does not check that it
  // exists; every function of a handle whose id is empty, blank or has control characters returns
  // kInvalidArgument.
  DataSource data_source(std::string id);

  // A handle on the entries of the form with this Id or ExternalId. Costs no call and does not
  // check that it exists.
  FormEntries form_entries(std::string form);

  // A handle on the queue of entries with this name. Costs no call.
  EntryQueue entry_queue(std::string name);

  // Sends everything that waits, at any price, until `deadline` has passed; several data sources at
  // once, one connection fewer than there are. A call under way then is finished.
  // kTimeout: some changes still wait, durably. kBudgetExhausted: they wait for the next org day.
  Result<SendReport> drain(std::chrono::milliseconds deadline);

  // The changes that wait to be sent, and the dead letters. Costs no call.
  Result<OutboxContents> outbox() const;

  // Puts dead letters back among the waiting changes; a later change of the same row wins. Returns
  // how many. Costs no call itself: they go with the next batch.
  Result<std::int64_t> retry(const DeadLetterChoice& choice);

  // Gives dead letters up for good; returns how many. The same row is still not sent again.
  Result<std::int64_t> drop(const DeadLetterChoice& choice);

  // Sends the batches that are due now, and says when the next one will be; empty when nothing
  // waits. For programs with an event loop of their own, which set
  // ClientOptions::send_in_background to false.
  Result<std::optional<TimePoint>> send_due();

  // Carries out the looks of polls that are due now, and says when the next one will be; empty when
  // nothing is polled. For programs with an event loop of their own: call it again then, and at
  // least once a minute, for the price changes.
  Result<std::optional<TimePoint>> poll_due();

  // The entries in queues (weir/entry_queue.h), without their bodies: those that wait and the dead
  // letters, in order. Costs no call.
  Result<std::vector<QueuedEntry>> queued_entries(const EntryChoice& choice) const;

  // Dead letters wait again, and entries that rest after a failure are due; returns how many.
  Result<std::int64_t> retry_entries(const EntryChoice& choice);

  // Removes dead letters, and waiting entries that are chosen by id. Returns how many.
  Result<std::int64_t> drop_entries(const EntryChoice& choice);

  // When there is something to do next, for pushes and polls; empty: nothing until
  // ClientOptions::on_due. As of the last look at the store, so call run_due() at least each half a
  // minute where other processes hand over changes to it.
  std::optional<TimePoint> next_due() const;

  // Carries out the pushes and looks that are due, and returns the next_due(). With
  // ClientOptions::executor it hands them over and returns at once; otherwise this thread does
  // them, as long as their calls take. Failures are in health() and in the log, and tried again.
  Result<std::optional<TimePoint>> run_due();

  // Makes any other call of the platform, by the same budget, connections and log as all else: for
  // tasks, users, forms and all else without a function of Weir. Costs a call, and another for each
  // repetition of a GET, or of a request that did not leave, within the deadline. Any status that
  // the platform answers is a success but those on which Weir acts itself: kBudgetExhausted,
  // kTooManyConnections, kLocked, kThrottled, kUnauthenticated. kTimeout: the call was not worth
  // its price in time, or there was no answer. kBadResponse: a redirect, a web page or a success
  // that is no JSON. kInvalidArgument names the fault of the call; nothing was sent. A call that
  // changes a data source first sends its waiting changes, holds its writer lease, and makes Weir
  // forget its rows: the next publish() is like the first one.
  Result<ApiAnswer> call(const ApiCall& call);

  // The state of this client: the last success, the last failure, and the rests under way. A
  // failing store is told there, not by an error. Costs no call.
  Result<Health> health() const;

  // The data sources of which this store keeps anything, and how much of one. Cost no call.
  Result<std::vector<std::string>> known_sources() const;
  Result<KeptOfSource> kept(const std::string& source) const;

  // Removes a data source that is no longer sent from this store: its waiting changes, its dead
  // letters, and the record of the platform's rows by pushes and polls. The platform's rows stay; a
  // later publish() is like the first one. Returns how much was removed. Costs no call.
  // kBusy: another process is sending just now.
  Result<KeptOfSource> forget(const std::string& source);

  // Why changes of the data source still wait, and when they go. Costs no call.
  Result<WaitReason> why(const std::string& source) const;

  // The org's budget as the ledger has it. Costs no call.
  Result<Usage> usage() const;

  // The calls of each of the last 30 days, by target; and the damage of the store, in SQLite's
  // words, found by reading all of it. They cost no call.
  Result<std::vector<CallsOfDay>> calls_by_day() const;
  Result<std::vector<std::string>> check_store() const;

  // Where the store is, and whether it can be trusted to know today's calls. Costs no call.
  StoreState store_state() const;

  // The measures that save most calls, by the calls on the whole days of the last 30, and by the
  // rates that the price engine has learned of the last eight (docs/pacing.md, "Advice"). No call.
  Result<AdviceReport> advise() const;

  // Tells Weir the portal's count for today. The difference to Weir's own count is booked as spent
  // by others. Costs no call.
  Result<void> calibrate(std::int64_t calls_today);

  // The notes that programs have kept under this scope, in the order of their names. Costs no call.
  Result<std::vector<Note>> notes(const std::string& scope) const;

  // Keeps notes, all or none, without any change of rows; DataSource::apply() and publish() keep
  // them together with changes. Costs no call. kInvalidArgument: one is too long, or not UTF-8.
  Result<void> keep_notes(const std::vector<Note>& notes);

  // Takes a lock by name that one process of all that share the store can hold, such as that of the
  // one that reads a data source's origin; empty when somebody holds it. Never waits, costs no
  // call. In PostgreSQL it is also freed when the session that holds it is lost, so work under it
  // must stand being done twice.
  Result<std::optional<Claim>> claim(const std::string& name);

  // Fetches a file of a form entry to disk. Costs no call; takes one of the connections while it
  // runs (ClientOptions::exempt_requests_take_connection). Blocks; several may run at once.
  // kInvalidArgument: a name is unusable, the folder cannot be written to, or the file is larger
  // than allowed. kNotFound: the platform has no such file. kBusy: another process is downloading
  // it. kCancelled, kUnavailable, kStoreFull: the part that has arrived is kept, and the same
  // download goes on from there.
  Result<DownloadReport> download(const FileDownload& file);

  // Stops this client for good, from another thread. It finishes a call under way and begins no
  // other. Waiting changes stay in the outbox, and waiting functions return kCancelled.
  void request_stop();

 private:
  explicit Client(std::shared_ptr<Core> core);

  std::shared_ptr<Core> core_;
};

}  // namespace weir::inline v0
