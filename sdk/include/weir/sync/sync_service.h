// SyncService: Platform Sync. The app on each device asks it for rows at every sync, and no call is
// spent.
//
// The answer to a device is the difference between the user's rows at the LastUpdated it names and
// now, so a user may have several devices and an answer may be lost. It needs no server of a
// certain kind: hand requests to handle(), or start a SyncServer (sync_server.h). Move-only; safe
// to use from several threads at once. It does not survive fork(): in the child every function
// returns kForked, requests are answered by 424, and the child opens a service of its own.
//
//   auto service = weir::SyncService::open({.company_id = 12345,
//       .private_tokens = {weir::Secret::from_env("WEIR_PRIVATE_TOKEN")}, .store = "sync.db",
//       .sources = {{.id = "CREWS", .rows = crews, .rule = weir::UserRule::column("email")}}});
#pragma once

#include <weir/export.h>
#include <weir/sync/sync_http.h>
#include <weir/sync/sync_options.h>
#include <weir/sync/sync_request.h>

#include <memory>
#include <string>

namespace weir::inline v0 {

// The rows that a user sees of a data source, and the rule for it.
struct SyncExplanation {
  std::string rule = {};  // in words
  std::vector<std::string> columns = {};
  std::vector<Row> rows = {};
  std::string last_updated = {};  // of the newest change in the data source
  std::string kept_since = {};    // a device with an older LastUpdated gets all rows
};

class WEIR_EXPORT SyncService {
 public:
  // Opens the store, and reads nothing yet. kInvalidConfig names the setting that is wrong; a
  // source without a user rule is wrong.
  static Result<SyncService> open(SyncOptions options);

  SyncService(SyncService&&) noexcept;
  SyncService& operator=(SyncService&&) noexcept;
  ~SyncService();

  // Answers a request of the app, and those for /healthz and /metrics. Whatever goes wrong becomes
  // an answer, of a 4xx status as the app expects it.
  SyncHttpAnswer handle(const SyncHttpRequest& request);

  // The same as values: for programs that encode answers in their own way. kUnauthenticated: the
  // company, the token or a data source is unknown; which of them is not told.
  Result<SyncAnswer> answer(const SyncRequest& request);

  // A form created a row on a device, whose key there is the entry's id; the source now holds it
  // under a key of its own. Devices of that user are told to delete the row of the entry; the real
  // one reaches them as any other. kInvalidArgument: the source does not hold a row with that key
  // for the user.
  Result<void> replaced(const std::string& source_id, const std::string& entry_id,
                        const std::string& key, const std::string& email);

  // The rows that a user gets. kUnknownDataSource: there is no such source here.
  Result<SyncExplanation> explain(const std::string& email, const std::string& source_id);

  // Reads every source that is the same for all requests, so that a mistake shows before the first
  // one. The error names the source.
  Result<void> check_sources();

  // Every device gets all rows at its next sync, from other processes that share the store within a
  // second. For events that the store cannot know, such as a restore from a copy after the clock
  // had been set back.
  Result<void> start_anew();

 private:
  class Impl;
  explicit SyncService(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::inline v0
