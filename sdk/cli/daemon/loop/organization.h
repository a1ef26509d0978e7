// Organization: what the daemon keeps of one organization: its client, and a task for each of its
// sources and polls. It has no thread of its own.
//
// Another configuration is built whole before anything of it is applied; a source or poll whose
// settings are the same goes on undisturbed. Used by one thread, but for what is said otherwise.
#pragma once

#include <weir/client.h>
#include <weir/sync/sync_server.h>
#include <weir/sync/sync_service.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/config/daemon_config.h"
#include "daemon/entries/poll_task.h"
#include "daemon/loop/base_tasks.h"
#include "daemon/loop/daemon_log.h"
#include "daemon/loop/task_pool.h"
#include "daemon/seeing/status.h"
#include "daemon/seeing/why.h"
#include "daemon/sources/make_source.h"

namespace weir::daemon {

// What all organizations share; outlives them.
struct Services {
  std::shared_ptr<Clock> clock;
  DaemonLog& log;
  TaskPool& pool;
  const DaemonSettings& daemon;
  std::shared_ptr<FolderWatch> folders;
  std::shared_ptr<StoreWatchTask> stores;
  PollParts polls;
};

// How an organization's client is opened by a process with tasks.
ClientOptions client_options(const OrgConfig& config, const std::shared_ptr<Clock>& clock,
                             DaemonLog& log);

// A person must know of a store that is new; of one that may be a copy the client tells.
void tell_of_store(const StoreState& store, const std::string& org, DaemonLog& log);

class Organization {
 public:
  // Opens the client and its store; begins nothing.
  static Result<std::unique_ptr<Organization>> open(const OrgConfig& config,
                                                    const Services& services);
  // Ends its tasks; waits for their turns.
  ~Organization();
  Organization(const Organization&) = delete;
  Organization& operator=(const Organization&) = delete;

  // Sources, polls and Platform Sync of a configuration, ready to begin.
  class Plan;
  // All of it is tried, and what cannot be built goes to the findings; null then, and nothing has
  // changed. The configuration must have the fingerprint of this one.
  std::shared_ptr<Plan> plan(const OrgConfig& config, std::vector<Finding>& findings);
  // Ends what has gone and begins what is new. An error is about a listener that cannot be had.
  Result<void> apply(const std::shared_ptr<Plan>& plan);

  // Another process has kept changes in the store. From any thread.
  void look_at_store() { send_place_.waker()(); }

  // No new work begins, and what waits gives up. From any thread.
  void request_stop();

  const std::string& name() const { return config_->name; }
  const std::string& fingerprint() const { return config_->fingerprint; }
  Client& client() { return client_; }
  // Empty: no Platform Sync.
  std::string sync_url() const { return server_ ? server_->url() : ""; }

  // What the tasks say of themselves, by the ids of sources and the names of polls.
  std::map<std::string, TaskStatus> sources() const;
  std::map<std::string, TaskStatus> polls() const;
  // All that is to be seen of it.
  OrgStatus status() const;
  // Of its Platform Sync, as Prometheus text; empty: it has none.
  std::string sync_metrics();

  // Why rows of a data source wait, why a poll looks as often as it does, and why the last calls
  // were made. kInvalidArgument: there is no such source or poll.
  Result<SourceWhy> why_source(const std::string& source) const;
  Result<PollWhy> why_poll(const std::string& poll) const;
  Result<CallsWhy> why_calls(std::size_t most) const;

  // kInvalidArgument: there is no such source, or it holds nothing.
  Result<Releasing> release(const std::string& source, std::optional<FirstPublish> first);

 private:
  Organization(const OrgConfig& config, Client client, const Services& services);

  WhyAbout about(const std::string& name) const;
  std::vector<HealthPart> sending() const;
  void note_store(const Result<void>& asked, OrgStatus& status) const;
  std::string no_source(const std::string& source) const;

  template <class Kind>
  struct Part {
    std::string fingerprint = {};
    std::shared_ptr<Kind> task = {};         // none: there is nothing to do
    std::shared_ptr<RowSource> served = {};  // of a source
    std::shared_ptr<const PollConfig> poll = {};
    TaskPool::Place place = {};
    TaskPool::Id id = 0;
  };
  template <class Kind>
  using Parts = std::map<std::string, Part<Kind>>;

  void plan_sources(Plan& plan, std::vector<Finding>& findings);
  void plan_polls(Plan& plan, std::vector<Finding>& findings);
  Result<void> plan_sync(Plan& plan);
  template <class Kind>
  void exchange(Parts<Kind>& parts, Parts<Kind>& planned, const std::set<std::string>& kept,
                TurnKind kind);

  const std::shared_ptr<const OrgConfig> config_;  // as it was opened
  std::shared_ptr<const OrgConfig> applied_;       // and with the sources and polls of now
  const Services services_;
  Client client_;
  const TaskPool::Place send_place_;
  const TaskPool::Place look_place_;
  const OrgParts parts_;
  std::shared_ptr<SendTask> sender_;
  std::shared_ptr<LookTask> looker_;
  std::vector<TaskPool::Id> base_tasks_;
  mutable std::atomic<TimePoint> store_failed_at_ = TimePoint{};  // 1970: it can be asked
  mutable std::mutex failing_mutex_;
  // By data source that cannot be sent; guarded by failing_mutex_.
  mutable std::map<std::string, TimePoint> failing_since_;
  Parts<SourceTask> sources_;
  Parts<Task> polls_;
  std::optional<SyncService> service_;
  std::optional<SyncServer> server_;
  std::string sync_fingerprint_;
};

}  // namespace weir::daemon
