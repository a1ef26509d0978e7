#include "daemon/loop/daemon.h"

#include <algorithm>
#include <utility>

#include "daemon/config/addresses.h"
#include "daemon/seeing/shown_status.h"

namespace weir::daemon {
namespace {

constexpr Milliseconds kHeartbeat = std::chrono::seconds{5};
// Sources and the handlers of polls; what hangs takes a place until it is ended.
constexpr std::size_t kSlowTurns = 16;
// Threads for stores that may hang, and for the organizations that have theirs in a database.
constexpr std::size_t kMostStores = 64;
// Less than a page or who scrapes metrics waits for an answer.
constexpr Milliseconds kSoon = std::chrono::seconds{2};

// Shows that turns are given.
class HeartbeatTask final : public Task {
 public:
  HeartbeatTask(std::atomic<Milliseconds>& ticked_at, std::shared_ptr<Clock> clock)
      : ticked_at_(ticked_at), clock_(std::move(clock)) {}

  std::optional<TimePoint> run(std::stop_token stop) override {
    if (stop.stop_requested()) return std::nullopt;
    ticked_at_ = clock_->steady_now();
    return clock_->now() + kHeartbeat;
  }
  TaskStatus status() const override { return {}; }

 private:
  std::atomic<Milliseconds>& ticked_at_;
  const std::shared_ptr<Clock> clock_;
};

Finding of_file(const DaemonConfig& config, const std::string& text) {
  return {.file = config.file, .text = text};
}

// What a source said of its weight and its times is said of the rows of it that wait, also when its
// table has gone: they are not sent sooner for that.
void keep_pacing(const OrgConfig& before, OrgConfig& org) {
  if (before.name != org.name || before.client.store != org.client.store) return;
  for (const auto& [id, pacing] : before.client.sources) org.client.sources.emplace(id, pacing);
}

// With the port that it really has.
std::string receive_place(const std::string& receive, const Receiver& receiver) {
  const std::size_t colon = receive.rfind(':');
  return receive.starts_with("unix:")
             ? receive
             : receive.substr(0, colon + 1) + std::to_string(receiver.port());
}

}  // namespace

// What a configuration needs that is not there yet.
struct Daemon::Next {
  std::map<std::string, std::shared_ptr<Organization>> opened;
  std::map<std::string, std::shared_ptr<Organization::Plan>> plans;
  std::shared_ptr<Messenger> messenger;
};

Result<std::unique_ptr<Daemon>> Daemon::start(DaemonConfig config, Seams seams) {
  Result<Opened> opened = open_own(config.daemon);
  if (!opened) return opened.error();
  std::unique_ptr<Daemon> daemon(
      new Daemon(std::move(config), std::move(seams), std::move(*opened)));
  if (Result<void> begun = daemon->open_all(); !begun) return begun.error();
  return daemon;
}

Result<Daemon::Opened> Daemon::open_own(const DaemonSettings& settings) {
  Result<DaemonLock> lock = DaemonLock::take(settings.state_directory);
  if (!lock) return lock.error();
  Result<std::shared_ptr<FolderWatch>> folders = FolderWatch::start();
  if (!folders) return folders.error();
  Opened opened{.lock = std::move(*lock), .folders = std::move(*folders), .receiver = {}};
  if (settings.receive.empty()) return opened;
  const auto address = listen_address(settings.receive);
  Result<std::unique_ptr<Receiver>> receiver = Receiver::start(
      address->socket.empty() ? address->host : "unix:" + address->socket, address->port);
  if (!receiver) return receiver.error();
  opened.receiver = std::move(*receiver);
  return opened;
}

Daemon::Daemon(DaemonConfig config, Seams seams, Opened opened)
    : seams_(std::move(seams)),
      lock_(std::move(opened.lock)),
      config_(std::move(config)),
      settings_(config_.daemon),
      pool_(seams_.clock, kSlowTurns + static_cast<std::size_t>(settings_.handlers)),
      stores_pool_(seams_.clock, kMostStores),
      stores_(std::make_shared<StoreWatchTask>(seams_.clock)),
      ticked_at_(seams_.clock->steady_now()),
      services_{.clock = seams_.clock,
                .log = seams_.log,
                .pool = pool_,
                .stores_pool = stores_pool_,
                .daemon = settings_,
                .folders = std::move(opened.folders),
                .stores = stores_,
                .polls = {.slots = std::make_shared<HandlerSlots>(settings_.handlers),
                          .receiver = std::move(opened.receiver)}},
      started_at_(seams_.clock->now()),
      notifier_(std::make_shared<NotifyTask>(
          NotifyTask::Parts{.state_directory = settings_.state_directory,
                            .clock = seams_.clock,
                            .log = seams_.log.sink(""),
                            .status = [this] { return status(); }})) {}

Daemon::~Daemon() {
  // It looks at all that goes next.
  pool_.remove(notify_id_);
  page_.reset();
  control_.reset();
  const std::lock_guard lock(mutex_);
  orgs_.clear();
}

Result<void> Daemon::open_all() {
  std::vector<Finding> faults;
  Result<std::optional<Next>> built = build(config_, faults);
  if (!built) return built.error();
  for (const Finding& fault : faults) seams_.log.add(LogLevel::kError, "", shown(fault));
  if (!*built)
    return Error{.code = ErrorCode::kInvalidConfig,
                 .message = config_.file + " cannot be used, and nothing was started"};
  Next next = std::move(**built);
  // With an address for it alone, before tasks have begun.
  Result<ControlServer> control = ControlServer::start(
      settings_.state_directory, [this](const std::string& question) { return answer(question); });
  if (!control) return control.error();
  control_.emplace(std::move(*control));
  if (Result<void> opened = open_page(); !opened) return opened;
  const std::lock_guard lock(mutex_);
  for (auto& [name, org] : next.opened) {
    if (Result<void> applied = org->apply(next.plans.at(name)); !applied) return applied.error();
    orgs_.emplace(name, std::move(org));
  }
  loaded_ = {.file = config_.file, .loaded_at = seams_.clock->now()};
  notifier_->set(config_.notify, std::move(next.messenger));
  notify_id_ = pool_.add(pool_.place(), notifier_, TurnKind::kSlow);
  pool_.add(pool_.place(), stores_, TurnKind::kQuick);
  pool_.add(pool_.place(), std::make_shared<HeartbeatTask>(ticked_at_, seams_.clock),
            TurnKind::kQuick);
  is_ready_ = true;
  return {};
}

Result<void> Daemon::open_page() {
  if (settings_.listen.empty()) return {};
  const auto address = listen_address(settings_.listen);
  const std::string host = address->socket.empty() ? address->host : "unix:" + address->socket;
  Result<StatusServer> page =
      StatusServer::start(host, address->port,
                          {.status = [this] { return status(); },
                           .is_alive = [this] { return is_ticking(kHeartbeat * 3); },
                           .is_ready = [this] { return is_ready_.load(); },
                           .measured = [this] { return measured(); }});
  if (!page) return page.error();
  page_.emplace(std::move(*page));
  return {};
}

std::map<std::string, std::shared_ptr<Organization>> Daemon::orgs() const {
  const std::lock_guard lock(mutex_);
  return orgs_;
}

std::shared_ptr<Organization> Daemon::org_named(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = orgs_.find(name);
  return found == orgs_.end() ? nullptr : found->second;
}

// All stores are asked at once.
Status Daemon::status() const {
  const auto orgs = this->orgs();
  std::map<std::string, std::uint64_t> requests;
  for (const auto& [name, org] : orgs) requests[name] = org->store().want();
  const Milliseconds until = seams_.clock->steady_now() + kSoon;
  Status status{.started_at = started_at_};
  for (const auto& [name, org] : orgs) {
    const Milliseconds left = until - seams_.clock->steady_now();
    org->store().wait_for(requests[name], std::max(left, Milliseconds{0}));
    status.orgs.push_back(org->status(requests[name]));
  }
  status.now = seams_.clock->now();
  {
    const std::lock_guard lock(mutex_);
    status.config = loaded_;
  }
  if (auto trouble = notifier_->trouble()) status.more.push_back(std::move(*trouble));
  return without_foreign_words(std::move(status));
}

Status Daemon::measured() const {
  Status status = this->status();
  for (OrgStatus& org : status.orgs) {
    if (const auto found = org_named(org.org)) org.sync_metrics = found->sync_metrics();
  }
  return status;
}

std::vector<std::string> Daemon::start_lines() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> lines;
  if (page_) lines.push_back("status " + page_->url());
  if (services_.polls.receiver)
    lines.push_back("receive http://" +
                    receive_place(settings_.receive, *services_.polls.receiver));
  for (const auto& [name, org] : orgs_) {
    if (!org->sync_url().empty())
      lines.push_back("sync " + org->sync_url() + (name.empty() ? "" : " " + name));
  }
  return lines;
}

// Everything is built before anything is touched.
Result<std::optional<Daemon::Next>> Daemon::build(const DaemonConfig& config,
                                                  std::vector<Finding>& findings) {
  Next next;
  bool is_whole = true;
  for (const OrgConfig& org : config.orgs) {
    std::shared_ptr<Organization> there = org_named(org.name);
    if (there && there->fingerprint() != org.fingerprint) there.reset();
    if (!there) {
      Result<std::unique_ptr<Organization>> opened = Organization::open(org, services_);
      if (!opened) return opened.error();
      there = std::move(*opened);
      next.opened.emplace(org.name, there);
    }
    std::shared_ptr<Organization::Plan> plan = there->plan(org, findings);
    is_whole = is_whole && plan != nullptr;
    next.plans.emplace(org.name, std::move(plan));
  }
  Result<std::shared_ptr<Messenger>> messenger = make_messenger(config.notify, seams_.clock);
  if (!messenger)
    findings.push_back(
        fault_at(config.notify.place, "[notify] cannot be built: " + messenger.error().message));
  if (!is_whole || !messenger) return std::optional<Next>();
  next.messenger = std::move(*messenger);
  return std::optional(std::move(next));
}

Reloaded Daemon::reload() {
  const std::int64_t begun = reloads_begun_;
  const std::lock_guard lock(reloading_);
  // It began after this one was asked for, and so has seen the same file.
  if (reloads_begun_ > begun) return last_reload_;
  ++reloads_begun_;
  seams_.systemd.reloading();
  last_reload_ = read_and_apply();
  seams_.systemd.ready(summary());
  return last_reload_;
}

Reloaded Daemon::read_and_apply() {
  ReadConfig read = read_daemon_config(config_.file, seams_.only_org);
  std::vector<Finding> faults;
  std::copy_if(read.findings.begin(), read.findings.end(), std::back_inserter(faults),
               [](const Finding& finding) { return finding.level == Finding::Level::kFault; });
  if (faults.empty()) faults = what_needs_a_restart(read.config);
  for (OrgConfig& org : read.config.orgs) {
    for (const OrgConfig& before : config_.orgs) keep_pacing(before, org);
  }
  if (faults.empty()) {
    Result<std::optional<Next>> next = build(read.config, faults);
    if (next && *next) {
      apply(std::move(**next), std::move(read.config));
      return {.is_applied = true, .findings = std::move(read.findings)};
    }
    if (!next) faults.push_back(of_file(config_, next.error().message));
  }
  for (const Finding& fault : faults)
    seams_.log.add(LogLevel::kError, "", "reload refused, nothing changed: " + shown(fault));
  const std::lock_guard lock(mutex_);
  loaded_.refused_at = seams_.clock->now();
  loaded_.fault = shown(faults.front());
  return {.findings = std::move(faults)};
}

std::vector<Finding> Daemon::what_needs_a_restart(const DaemonConfig& next) const {
  std::vector<Finding> faults;
  const auto compare = [&](const std::string& before, const std::string& after,
                           const std::string& name, const Place& place) {
    if (before == after) return;
    faults.push_back(fault_at(place.file.empty() ? Place{.file = config_.file} : place,
                              name + " has changed, which needs a restart of weir run"));
  };
  compare(settings_.listen, next.daemon.listen, "listen in [daemon]", next.daemon.listen_place);
  compare(settings_.receive, next.daemon.receive, "receive in [daemon]", next.daemon.receive_place);
  compare(settings_.state_directory, next.daemon.state_directory, "state_directory in [daemon]",
          next.daemon.state_directory_place);
  for (const OrgConfig& org : next.orgs) {
    for (const OrgConfig& before : config_.orgs) {
      if (before.name != org.name) continue;
      const std::string of = org.name.empty() ? "" : " of organization " + org.name;
      compare(before.client.store, org.client.store, "store" + of, org.store_place);
      if (before.sync && org.sync)
        compare(before.sync->listen, org.sync->listen, "listen in [sync]" + of, org.sync->place);
    }
  }
  return faults;
}

void Daemon::apply(Next next, DaemonConfig config) {
  auto orgs = this->orgs();
  std::vector<std::shared_ptr<Organization>> gone;
  std::erase_if(orgs, [&](const auto& org) {
    const bool stays = next.plans.contains(org.first) && !next.opened.contains(org.first);
    if (!stays) gone.push_back(org.second);
    return !stays;
  });
  {
    const std::lock_guard lock(mutex_);
    orgs_ = orgs;
  }
  for (const auto& org : gone) org->request_stop();
  // Their listeners are free before others begin.
  for (const auto& org : gone) org->end();
  orgs.merge(next.opened);
  for (const auto& [name, plan] : next.plans) {
    if (Result<void> applied = orgs.at(name)->apply(plan); !applied)
      seams_.log.add(LogLevel::kError, name, applied.error().message);
  }
  notifier_->set(config.notify, std::move(next.messenger));
  const std::lock_guard lock(mutex_);
  orgs_ = std::move(orgs);
  config_ = std::move(config);
  loaded_ = {.file = config_.file, .loaded_at = seams_.clock->now()};
  seams_.log.add(LogLevel::kInfo, "", "read " + config_.file + " anew");
}

bool Daemon::is_ticking(Milliseconds within) const {
  return seams_.clock->steady_now() - ticked_at_.load() <= std::max(within, kHeartbeat * 2);
}

std::string Daemon::summary() const { return status_line(status()); }

void Daemon::stop() {
  is_ready_ = false;
  control_.reset();
  for (const auto& [name, org] : orgs()) org->request_stop();
  const Milliseconds until = seams_.clock->steady_now() + settings_.stop_within;
  pool_.stop(settings_.stop_within);
  stores_pool_.stop(std::max(until - seams_.clock->steady_now(), Milliseconds{0}));
}

}  // namespace weir::daemon
