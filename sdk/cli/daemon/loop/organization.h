// Organization: what the daemon keeps of one organization: its client, and a task for each of its
// sources and polls. It has no thread of its own.
//
// Another configuration is built whole before anything of it is applied; a source or poll whose
// settings are the same goes on undisturbed. plan(), apply() and end() are for one thread, all else
// for any; none but answers to questions waits for the store.
#pragma once

#include <weir/client.h>
#include <weir/sync/sync_server.h>
#include <weir/sync/sync_service.h>

#include <cstdint>
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
  // Of what asks stores for numbers, and of all that an organization does whose store is in a
  // database: its server may hang, and then so does each turn.
  TaskPool& stores_pool;
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

  // Ends its tasks and listeners; waits for turns that are under way.
  void end();

  // Another process has kept changes in the store.
  void look_at_store() { send_place_.waker()(); }

  // No new work begins, and what waits gives up.
  void request_stop();

  const std::string& name() const { return config_->name; }
  const std::string& fingerprint() const { return config_->fingerprint; }
  Client& client() { return client_; }
  // Empty: no Platform Sync.
  std::string sync_url() const;

  // What the store can tell; status() has what it told last.
  StoreTask& store() { return *store_; }
  // All that is to be seen of it, where numbers were asked of the store by this request.
  OrgStatus status(std::uint64_t request) const;
  // Of its Platform Sync, as Prometheus text; empty: it has none.
  std::string sync_metrics();

  // Why rows of a data source wait, why a poll looks as often as it does, and why the last calls
  // were made. kInvalidArgument: there is no such source or poll. They ask the store: for questions
  // of store().
  Result<SourceWhy> why_source(const std::string& source) const;
  Result<PollWhy> why_poll(const std::string& poll) const;
  Result<CallsWhy> why_calls(std::size_t most) const;

  // kInvalidArgument: there is no such source, or it holds nothing.
  Result<Releasing> release(const std::string& source, std::optional<FirstPublish> first);

 private:
  Organization(const OrgConfig& config, Client client, const Services& services);

  WhyAbout about(const std::string& name) const;
  StoreTask::Told ask_store();
  std::vector<HealthPart> sending();
  void add_left_behind(std::map<std::string, TaskStatus>& polls);
  // What the tasks say of themselves, by the ids of sources and the names of polls.
  std::map<std::string, TaskStatus> sources() const;
  std::map<std::string, TaskStatus> polls() const;
  std::shared_ptr<SourceTask> source_task(const std::string& source) const;
  std::shared_ptr<const OrgConfig> applied() const;
  std::string no_source(const std::string& source) const;
  void end_sync();

  template <class Kind>
  struct Part {
    std::string fingerprint = {};
    std::shared_ptr<const PollConfig> poll = {};  // outlives its task
    std::shared_ptr<Kind> task = {};              // none: there is nothing to do
    std::shared_ptr<RowSource> served = {};       // of a source
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
  const Services services_;
  Client client_;
  const bool has_database_;
  TaskPool& pool_;
  const TaskPool::Place send_place_;
  const TaskPool::Place look_place_;
  const TaskPool::Place store_place_;
  const OrgParts parts_;
  const std::shared_ptr<SendTask> sender_;
  const std::shared_ptr<LookTask> looker_;
  const std::shared_ptr<StoreTask> store_;
  std::vector<TaskPool::Id> base_tasks_;
  std::optional<TaskPool::Id> store_id_;
  std::map<std::string, TimePoint> failing_since_;  // data sources that cannot be sent; of store_
  // Queues without a poll, and the configuration for which they were looked for; of store_.
  std::vector<LeftBehind> left_behind_;
  std::shared_ptr<const OrgConfig> left_by_;
  std::string sync_fingerprint_;

  // Changed by one thread alone, and never held while something is waited for.
  mutable std::mutex mutex_;
  std::shared_ptr<const OrgConfig> applied_;  // with the sources and polls of now; guarded by
  Parts<SourceTask> sources_;                 // mutex_, as all that follows
  Parts<Task> polls_;
  std::shared_ptr<SyncService> service_;
  std::shared_ptr<SyncServer> server_;
};

}  // namespace weir::daemon
