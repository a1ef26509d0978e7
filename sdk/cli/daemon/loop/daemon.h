// Daemon: everything that `weir run` keeps going: the organizations of weir.toml on one pool of
// threads, and the control socket. start() and stop() are for one thread; the others may be called
// by any.
#pragma once

#include <weir/clock.h>
#include <weir/result.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "daemon/config/daemon_config.h"
#include "daemon/config/read_config.h"
#include "daemon/control/control_socket.h"
#include "daemon/control/daemon_lock.h"
#include "daemon/control/systemd.h"
#include "daemon/entries/receiver.h"
#include "daemon/loop/daemon_log.h"
#include "daemon/loop/organization.h"
#include "daemon/loop/task_pool.h"
#include "daemon/notify/notify_task.h"
#include "daemon/seeing/status_server.h"

namespace weir::daemon {

// How a reload ended: applied, or refused with what is wrong and nothing changed.
struct Reloaded {
  bool is_applied = false;
  std::vector<Finding> findings = {};
};

// What `weir why` asks: one of them.
struct WhyQuestion {
  std::string source = {};
  std::string poll = {};
  std::size_t last_calls = 0;
};

class Daemon {
 public:
  struct Seams {
    DaemonLog& log;
    Systemd systemd;
    std::shared_ptr<Clock> clock;
    std::optional<std::string> only_org = {};
  };

  // Takes the state directory, opens the stores and the listeners, and begins all tasks.
  // kStoreBusy: another daemon has the state directory. kInvalidConfig: what cannot be built, all
  // of it, is in the log.
  static Result<std::unique_ptr<Daemon>> start(DaemonConfig config, Seams seams);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // A line for each listener, such as "sync http://127.0.0.1:8088 acme".
  std::vector<std::string> start_lines() const;

  // Reads weir.toml anew. All that was asked for before it began is answered by one.
  Reloaded reload();

  // All that is to be seen. A store that does not answer soon is shown as it was.
  Status status() const;

  // Whether the pool has given turns lately.
  bool is_ticking(Milliseconds within) const;

  // "3 organizations, 2 of 14 data sources and polls fail".
  std::string summary() const;

  // Begins nothing more, and waits for what is under way, at most stop_within.
  void stop();

 private:
  // What must be there before it begins.
  struct Opened {
    DaemonLock lock;
    std::shared_ptr<FolderWatch> folders;
    std::shared_ptr<Receiver> receiver;
  };
  static Result<Opened> open_own(const DaemonSettings& settings);

  Daemon(DaemonConfig config, Seams seams, Opened opened);

  Result<void> open_all();
  Result<void> open_page();
  // The status with what only the metrics tell.
  Status measured() const;
  std::string answer(const std::string& question);
  Reloaded read_and_apply();
  std::vector<Finding> what_needs_a_restart(const DaemonConfig& next) const;
  struct Next;
  // Empty: something cannot be built, and all of that is among the findings. An error: a store
  // cannot be opened.
  Result<std::optional<Next>> build(const DaemonConfig& config, std::vector<Finding>& findings);
  void apply(Next next, DaemonConfig config);
  // The answer, once the table has been released or when that takes long.
  std::string release(const std::string& org, const std::string& source,
                      std::optional<FirstPublish> first);
  Result<Releasing> begin_release(const std::string& org, const std::string& source,
                                  std::optional<FirstPublish> first);
  std::string why(const std::string& org, const WhyQuestion& question) const;
  bool holds_store(const std::string& location);
  std::map<std::string, std::shared_ptr<Organization>> orgs() const;
  // Null: there is none of that name.
  std::shared_ptr<Organization> org_named(const std::string& name) const;

  const Seams seams_;
  const DaemonLock lock_;
  DaemonConfig config_;
  const DaemonSettings settings_;  // as at the start, for the parts that hold on to them
  TaskPool pool_;
  TaskPool stores_pool_;
  std::shared_ptr<StoreWatchTask> stores_;
  std::atomic<Milliseconds> ticked_at_;
  const Services services_;

  // Never held while something is waited for.
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Organization>> orgs_;  // guarded by mutex_
  ConfigStatus loaded_;                                        // guarded by mutex_
  const TimePoint started_at_;
  const std::shared_ptr<NotifyTask> notifier_;
  TaskPool::Id notify_id_ = 0;
  std::atomic<bool> is_ready_ = false;

  std::mutex reloading_;
  std::atomic<std::int64_t> reloads_begun_ = 0;
  Reloaded last_reload_;  // guarded by reloading_
  std::optional<ControlServer> control_;
  std::optional<StatusServer> page_;
};

}  // namespace weir::daemon
