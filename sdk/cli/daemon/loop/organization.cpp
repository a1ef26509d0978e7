#include "daemon/loop/organization.h"

#include <utility>

#include "daemon/config/addresses.h"
#include "daemon/entries/poll_task.h"
#include "daemon/loop/org_status.h"
#include "output/command_words.h"
#include "output/flag_words.h"
#include "output/report.h"

namespace weir::daemon {

class Organization::Plan {
 public:
  std::shared_ptr<const OrgConfig> config;
  Parts<SourceTask> sources;
  std::set<std::string> kept_sources;
  Parts<Task> polls;
  std::set<std::string> kept_polls;
  bool changes_sync = false;
  std::string sync_fingerprint;
  std::optional<SyncService> service;
};

ClientOptions client_options(const OrgConfig& config, const std::shared_ptr<Clock>& clock,
                             DaemonLog& log) {
  ClientOptions options = config.client;
  options.send_in_background = false;
  options.clock = clock;
  options.log = [sink = log.sink(config.name)](LogLevel level, std::string_view line) {
    sink(level, cli::with_flags(std::string(line)));
  };
  return options;
}

void tell_of_store(const StoreState& store, const std::string& org, DaemonLog& log) {
  if (store.is_new) {
    log.add(LogLevel::kWarning, org,
            "new store " + cli::shown_place(store) + ": today's calls are not known; " +
                cli::command("usage --calibrate N", org));
  }
}

Result<std::unique_ptr<Organization>> Organization::open(const OrgConfig& config,
                                                         const Services& services) {
  Result<Client> client = Client::open(client_options(config, services.clock, services.log));
  if (!client) return client.error();
  tell_of_store(client->store_state(), config.name, services.log);
  return std::unique_ptr<Organization>(new Organization(config, std::move(*client), services));
}

Organization::Organization(const OrgConfig& config, Client client, const Services& services)
    : config_(std::make_shared<const OrgConfig>(config)),
      services_(services),
      client_(std::move(client)),
      has_database_(config.client.store.find("://") != std::string::npos),
      pool_(has_database_ ? services.stores_pool : services.pool),
      send_place_(pool_.place()),
      look_place_(pool_.place()),
      store_place_(services.stores_pool.place()),
      parts_{.config = *config_,
             .daemon = services.daemon,
             .client = client_,
             .clock = services.clock,
             .log = services.log.sink(config.name),
             .rows_kept = send_place_.waker(),
             .looks_wanted = look_place_.waker()},
      sender_(std::make_shared<SendTask>(client_, services.clock, parts_.log,
                                         config.client.call_timeout)),
      looker_(std::make_shared<LookTask>(client_, services.clock, parts_.log)),
      store_(std::make_shared<StoreTask>(
          client_.store_state().location, [this] { return ask_store(); }, services.clock,
          store_place_.waker())),
      applied_(config_) {}

Organization::~Organization() { end(); }

void Organization::end() {
  request_stop();
  end_sync();
  if (store_id_) {
    // By its name, which another one may have by now.
    services_.stores->forget(client_.store_state().location);
    services_.stores_pool.remove(*std::exchange(store_id_, std::nullopt));
  }
  Parts<SourceTask> none;
  Parts<Task> no_polls;
  // What a task holds of the client goes before the client.
  exchange(sources_, none, {}, TurnKind::kSlow);
  exchange(polls_, no_polls, {}, TurnKind::kSlow);
  for (const TaskPool::Id task : std::exchange(base_tasks_, {})) pool_.remove(task);
}

// The server before what it serves.
void Organization::end_sync() {
  std::shared_ptr<SyncService> service;
  std::shared_ptr<SyncServer> server;
  const std::lock_guard lock(mutex_);
  service = std::exchange(service_, nullptr);
  server = std::exchange(server_, nullptr);
}

std::shared_ptr<Organization::Plan> Organization::plan(const OrgConfig& config,
                                                       std::vector<Finding>& findings) {
  auto plan = std::make_shared<Plan>();
  plan->config = std::make_shared<const OrgConfig>(config);
  std::vector<Finding> faults;
  plan_sources(*plan, faults);
  plan_polls(*plan, faults);
  // It has the sources in it.
  if (faults.empty()) {
    if (Result<void> made = plan_sync(*plan); !made)
      faults.push_back(
          fault_at(config.sync->place, "Platform Sync cannot be built: " + made.error().message));
  }
  findings.insert(findings.end(), faults.begin(), faults.end());
  return faults.empty() ? plan : nullptr;
}

void Organization::plan_sources(Plan& plan, std::vector<Finding>& findings) {
  for (const SourceConfig& config : plan.config->sources) {
    const auto found = sources_.find(config.id);
    if (found != sources_.end() && found->second.fingerprint == config.fingerprint) {
      plan.kept_sources.insert(config.id);
      continue;
    }
    Part<SourceTask> part{.fingerprint = config.fingerprint, .place = pool_.place()};
    Result<MadeSource> made = make_source(parts_, config, services_.folders, part.place.waker());
    if (!made) {
      findings.push_back(fault_at(
          config.place, "data source " + config.id + " cannot be built: " + made.error().message));
      continue;
    }
    part.task = std::move(made->task);
    part.served = std::move(made->served);
    plan.sources.emplace(config.id, std::move(part));
  }
}

void Organization::plan_polls(Plan& plan, std::vector<Finding>& findings) {
  for (const PollConfig& config : plan.config->polls) {
    const auto found = polls_.find(config.name);
    if (found != polls_.end() && found->second.fingerprint == config.fingerprint) {
      plan.kept_polls.insert(config.name);
      continue;
    }
    Part<Task> part{.fingerprint = config.fingerprint,
                    .poll = std::make_shared<const PollConfig>(config),
                    .place = pool_.place()};
    Result<std::unique_ptr<PollTask>> made =
        make_poll_task(*part.poll, parts_, services_.polls, part.place.waker());
    if (!made) {
      findings.push_back(fault_at(
          config.place, "poll " + config.name + " cannot be built: " + made.error().message));
      continue;
    }
    part.task = std::move(*made);
    plan.polls.emplace(config.name, std::move(part));
  }
}

Result<void> Organization::plan_sync(Plan& plan) {
  const OrgConfig& config = *plan.config;
  if (config.sync) {
    plan.sync_fingerprint = config.sync->fingerprint;
    for (const SourceConfig& source : config.sources)
      if (source.served) plan.sync_fingerprint += " " + source.id + source.fingerprint;
  }
  plan.changes_sync = plan.sync_fingerprint != sync_fingerprint_;
  if (!plan.changes_sync || !config.sync) return {};
  SyncOptions options{
      .company_id = config.client.company_id,
      .private_tokens = config.sync->private_tokens,
      .store = config.client.store,
      .retention = std::chrono::duration_cast<std::chrono::seconds>(config.sync->retention),
      .cache_bytes = config.sync->cache_bytes,
      .log = parts_.log,
      .clock = services_.clock};
  for (const SourceConfig& source : config.sources) {
    if (!source.served) continue;
    const auto planned = plan.sources.find(source.id);
    const auto& part = planned != plan.sources.end() ? planned->second : sources_.at(source.id);
    options.sources.push_back({.id = source.id,
                               .rows = part.served,
                               .rule = source.served->rule,
                               .columns = source.served->columns,
                               .read_again_after = source.served->read_again_after});
  }
  Result<SyncService> service = SyncService::open(std::move(options));
  if (!service) return service.error();
  plan.service = std::move(*service);
  return {};
}

// All are told to stop before the first is waited for.
template <class Kind>
void Organization::exchange(Parts<Kind>& parts, Parts<Kind>& planned,
                            const std::set<std::string>& kept, TurnKind kind) {
  Parts<Kind> gone;
  {
    const std::lock_guard lock(mutex_);
    for (auto part = parts.begin(); part != parts.end();) {
      const auto each = part++;
      if (!kept.contains(each->first)) gone.insert(parts.extract(each));
    }
  }
  for (const auto& [name, part] : gone) pool_.request_stop(part.id);
  for (auto part = gone.begin(); part != gone.end(); part = gone.erase(part))
    pool_.remove(part->second.id);
  const std::lock_guard lock(mutex_);
  for (auto& [name, part] : planned) {
    Part<Kind>& taken = parts[name] = std::move(part);
    if (taken.task) taken.id = pool_.add(taken.place, taken.task, kind);
  }
}

Result<void> Organization::apply(const std::shared_ptr<Plan>& plan) {
  // The old server goes first, for the new one needs its address.
  int port = 0;
  {
    const std::lock_guard lock(mutex_);
    applied_ = plan->config;
    if (server_) port = server_->port();
  }
  if (plan->changes_sync) end_sync();
  exchange(sources_, plan->sources, plan->kept_sources, TurnKind::kSlow);
  exchange(polls_, plan->polls, plan->kept_polls, TurnKind::kSlow);
  if (base_tasks_.empty()) {
    const TurnKind kind = has_database_ ? TurnKind::kSlow : TurnKind::kQuick;
    base_tasks_.push_back(pool_.add(send_place_, sender_, kind));
    base_tasks_.push_back(pool_.add(look_place_, looker_, kind));
    store_id_ = services_.stores_pool.add(store_place_, store_, TurnKind::kSlow);
    services_.stores->watch(client_.store_state().location, send_place_.waker());
  }
  store_->want();
  if (!plan->changes_sync) return {};
  sync_fingerprint_ = plan->sync_fingerprint;
  if (!plan->service) return {};
  const auto service = std::make_shared<SyncService>(std::move(*plan->service));
  const auto address = listen_address(plan->config->sync->listen);
  SyncServerOptions options{.log = parts_.log, .clock = services_.clock};
  options.host = address ? address->host : options.host;
  options.port = address && address->port != 0 ? address->port : port;
  Result<SyncServer> server = SyncServer::start(*service, std::move(options));
  const std::lock_guard lock(mutex_);
  service_ = service;
  if (!server) return server.error();
  server_ = std::make_shared<SyncServer>(std::move(*server));
  return {};
}

void Organization::request_stop() { client_.request_stop(); }

OrgStatus Organization::status(std::uint64_t request) const {
  static const StoreNumbers kNone;
  const StoreTask::Known store = store_->known(request);
  const StoreNumbers& numbers = store.numbers ? *store.numbers : kNone;
  const std::shared_ptr<const OrgConfig> config = applied();
  OrgStatus status = org_status({.config = *config,
                                 .usage = numbers.usage,
                                 .outbox = numbers.outbox,
                                 .sources = sources(),
                                 .polls = store.polls,
                                 .calls = numbers.calls,
                                 .sending = numbers.sending});
  status.is_known = store.numbers != nullptr;
  if (status.is_known && (store.is_old || !store.error.empty()))
    status.numbers_at = store.numbers_at;
  status.store_error = cli::with_flags(store.error);
  status.store_failed_at = store.failed_at;
  for (SourceStatus& source : status.sources) {
    if (const auto task = source_task(source.source)) source.reconcile_found = task->reconciled();
  }
  return status;
}

// In a turn of store_.
StoreTask::Told Organization::ask_store() {
  StoreTask::Told told{.numbers = StoreNumbers{}, .polls = polls()};
  add_left_behind(told.polls);
  Result<Usage> usage = client_.usage();
  Result<OutboxContents> outbox = usage ? client_.outbox() : usage.error();
  if (!outbox) {
    told.numbers = outbox.error();
    return told;
  }
  Result<std::vector<CallsOfDay>> calls = client_.calls_by_day();
  told.numbers = StoreNumbers{.usage = std::move(*usage),
                              .outbox = std::move(*outbox),
                              .calls = calls ? std::move(*calls) : std::vector<CallsOfDay>{},
                              .sending = sending()};
  return told;
}

// Only a new configuration leaves a queue behind. What still waits in it is asked each time.
void Organization::add_left_behind(std::map<std::string, TaskStatus>& polls) {
  const std::shared_ptr<const OrgConfig> config = applied();
  if (left_by_ != config) {
    Result<std::vector<LeftBehind>> left = left_behind(client_, *config);
    if (!left) return;
    left_behind_ = std::move(*left);
    left_by_ = config;
    for (const LeftBehind& queue : left_behind_)
      parts_.log(LogLevel::kWarning, queue.queue + ": " + kLeftBehind + "; " + queue.what_to_do);
  }
  for (const LeftBehind& queue : left_behind_) {
    const Result<EntryQueueState> state = client_.entry_queue(queue.queue).state();
    if (!state || state->waiting == 0) continue;
    polls.emplace(queue.queue, TaskStatus{.state = TaskState::kFailing,
                                          .since = state->oldest_kept_at,
                                          .error = kLeftBehind,
                                          .what_to_do = queue.what_to_do,
                                          .waiting = state->waiting,
                                          .dead_letters = state->dead_letters});
  }
}

// Each try that fails has a time of its own; what counts is the first since one that worked.
std::vector<HealthPart> Organization::sending() {
  Result<Health> health = client_.health();
  if (!health) return {};
  std::map<std::string, TimePoint> failing;
  for (HealthPart& part : health->parts) {
    if (part.is_poll || !part.failure || !part.failed_at) continue;
    const auto before = failing_since_.find(part.name);
    if (before != failing_since_.end()) part.failed_at = std::min(*part.failed_at, before->second);
    failing.emplace(part.name, *part.failed_at);
  }
  failing_since_ = std::move(failing);
  return std::move(health->parts);
}

std::string Organization::sync_url() const {
  const std::lock_guard lock(mutex_);
  return server_ ? server_->url() : "";
}

std::string Organization::sync_metrics() {
  std::shared_ptr<SyncService> service;
  {
    const std::lock_guard lock(mutex_);
    service = service_;
  }
  if (!service) return "";
  const SyncHttpAnswer answer = service->handle({.method = "GET", .target = "/metrics"});
  if (answer.status != 200 || !answer.body) return "";
  const Result<std::string> text = answer.body->read_all();
  return text ? *text : "";
}

std::map<std::string, TaskStatus> Organization::sources() const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, TaskStatus> statuses;
  for (const auto& [id, part] : sources_)
    if (part.task) statuses.emplace(id, part.task->status());
  return statuses;
}

// Their pace may be asked of the store, so they are asked without the lock.
std::map<std::string, TaskStatus> Organization::polls() const {
  Parts<Task> parts;
  {
    const std::lock_guard lock(mutex_);
    parts = polls_;
  }
  std::map<std::string, TaskStatus> statuses;
  for (const auto& [name, part] : parts) statuses.emplace(name, part.task->status());
  return statuses;
}

std::shared_ptr<SourceTask> Organization::source_task(const std::string& source) const {
  const std::lock_guard lock(mutex_);
  const auto part = sources_.find(source);
  return part == sources_.end() ? nullptr : part->second.task;
}

std::shared_ptr<const OrgConfig> Organization::applied() const {
  const std::lock_guard lock(mutex_);
  return applied_;
}

Result<Releasing> Organization::release(const std::string& source,
                                        std::optional<FirstPublish> first) {
  const std::shared_ptr<SourceTask> task = source_task(source);
  if (!task) return Error{.code = ErrorCode::kInvalidArgument, .message = no_source(source)};
  return task->release(first);
}

}  // namespace weir::daemon
