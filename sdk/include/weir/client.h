// Client: the way into Weir. It keeps an organization's changes, decides when a call is worth
// spending, and never spends more than the organization's calls of the day or its connections, over
// all processes that share the store.
//
// One Client per organization and process is enough. Move-only; safe to use from several threads at
// once. It does not survive fork(): in the child every function returns kForked; open one there.
//
//   auto client = weir::Client::open({.url = "https://secure.example.com", .company_id = 12345,
//       .integration_key = weir::Secret::from_env("WEIR_INTEGRATION_KEY"),
//       .time_zone = "America/Los_Angeles", .store = "outages.db"});
//   if (!client) return report(client.error());
//   auto kept = client->data_source("OUTAGES").upsert({"2467456", "Dinuba", "Crew on its way"});
//   auto sent = client->drain(std::chrono::seconds{30});
#pragma once

#include <weir/advice.h>
#include <weir/client_options.h>
#include <weir/data_source.h>
#include <weir/file_download.h>
#include <weir/form_entries.h>
#include <weir/outbox.h>
#include <weir/result.h>
#include <weir/usage.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace weir {

class Client final {
 public:
  // Checks the options and opens the store; creates it when it is not there. Costs no call.
  // kInvalidConfig names the wrong option; kStoreUnusable and kStoreBusy name the file.
  static Result<Client> open(ClientOptions options);

  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  // Stops the background thread after the call under way. What waits stays in the outbox for the
  // next Client.
  ~Client();

  // A handle on the data source with this ExternalId. Costs no call and does not check that it
  // exists.
  DataSource data_source(std::string id);

  // A handle on the entries of the form with this Id or ExternalId. Costs no call and does not
  // check that it exists.
  FormEntries form_entries(std::string form);

  // Sends everything that waits, at any price, until `deadline` has passed.
  // kTimeout: some changes still wait, durably. kBudgetExhausted: they wait for the next org day.
  Result<SendReport> drain(std::chrono::milliseconds deadline);

  // What waits to be sent, and the dead letters. Costs no call.
  Result<OutboxContents> outbox() const;

  // Puts dead letters back among what waits, beneath what was handed over since; returns how many.
  // Costs no call itself: they go with the next batch.
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

  // The org's budget as the ledger has it. Costs no call.
  Result<Usage> usage() const;

  // What would save most calls, from what was spent on the whole days of the last 30 and what the
  // price engine has learned of the last eight (docs/pacing.md, "Advice"). Costs no call.
  Result<AdviceReport> advise() const;

  // The portal shows this many calls for today. What Weir has not spent of them, others have; it is
  // counted from now on. Costs no call.
  Result<void> calibrate(std::int64_t calls_today);

  // Fetches a file of a form entry to disk. Costs no call; takes one of the connections while it
  // runs (ClientOptions::exempt_requests_take_connection). Blocks; several may run at once.
  // kInvalidArgument: a name is unusable, the folder cannot be written to, or the file is larger
  // than allowed. kNotFound: the platform has no such file. kLocked: another process is downloading
  // it. kCancelled, kUnavailable, kStoreFull: what has arrived is kept, and the same download goes
  // on from there.
  Result<DownloadReport> download(const FileDownload& file);

  // Ends what this client is doing, from another thread: a call under way is finished, what waits
  // stays in the outbox, and drain(), send() and download() return kCancelled.
  void request_stop();

 private:
  explicit Client(std::shared_ptr<Core> core);

  std::shared_ptr<Core> core_;
};

}  // namespace weir
