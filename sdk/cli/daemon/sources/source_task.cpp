#include "daemon/sources/source_task.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "input/database_address.h"
#include "input/path_look.h"
#include "output/printable.h"

namespace weir::daemon {
namespace {

constexpr std::chrono::seconds kFirstRest{10};
constexpr std::chrono::minutes kLongestRest{10};
constexpr std::chrono::seconds kOthersTurn{10};
constexpr int kMostDoublings = 6;

// What trying again soon can hardly help, and may cost a call each time.
bool is_lasting(ErrorCode code) {
  return code == ErrorCode::kUnauthenticated || code == ErrorCode::kUnknownDataSource ||
         code == ErrorCode::kWrongRequest || code == ErrorCode::kBudgetExhausted;
}

// Some messages say it themselves.
std::string with_nothing_changed(const std::string& message) {
  const bool is_said =
      message.ends_with("othing was changed.") || message.ends_with("othing was changed");
  return is_said ? message : message + "; nothing was changed";
}

// The files and folders that an origin of files looks at.
struct PathsOf {
  using Paths = std::vector<std::string>;

  Paths operator()(const FileOrigin& file) const { return {file.path}; }
  Paths operator()(const DirectoryOrigin& directory) const {
    if (directory.move_to.empty()) return {directory.path};
    return {directory.path, directory.move_to};
  }
  Paths operator()(const QueryOrigin& query) const {
    const auto address = cli::DatabaseAddress::parse(query.database.address);
    if (address.kind() != cli::DatabaseAddress::Kind::kSqlite) return {};
    return {address.connection()};
  }
  Paths operator()(const CommandOrigin& command) const {
    const bool is_path =
        !command.command.empty() && command.command.front().find('/') != std::string::npos;
    return is_path ? Paths{command.command.front()} : Paths{};
  }
  Paths operator()(const HttpOrigin&) const { return {}; }
};

std::vector<std::string> paths_of(const SourceConfig& config) {
  return config.origin ? std::visit(PathsOf(), *config.origin) : std::vector<std::string>();
}

// As much as a person reads; each has its reason beside it as well.
std::optional<Error> all_of(const std::vector<Error>& refused) {
  constexpr std::size_t kMostNamed = 10;
  if (refused.empty()) return std::nullopt;
  Error all = refused.front();
  for (std::size_t i = 1; i < std::min(refused.size(), kMostNamed); ++i)
    all.message += "; " + refused[i].message;
  if (refused.size() > kMostNamed)
    all.message += "; and " + std::to_string(refused.size() - kMostNamed) + " more";
  return all;
}

}  // namespace

SourceTask::SourceTask(OrgParts parts, SourceConfig config, std::unique_ptr<OriginReader> origin,
                       std::shared_ptr<ServedTable> served, Waker waker, Delivering delivering)
    : parts_(std::move(parts)),
      config_(std::move(config)),
      paths_(paths_of(config_)),
      origin_(std::move(origin)),
      delivery_(parts_, config_, std::move(served), delivering),
      waker_(std::move(waker)) {
  status_.since = parts_.clock->now();
}

std::optional<TimePoint> SourceTask::run(std::stop_token stop) {
  const TimePoint now = parts_.clock->now();
  if (stop.stop_requested()) return std::nullopt;
  if (!claim()) return rest(now + kOthersTurn, failure() ? Stand::kThrough : Stand::kElsewhere);
  release_held(now);
  if (!can_be_looked_at(stop)) {
    if (stop.stop_requested()) return std::nullopt;
    return rest(parts_.clock->now() + kFirstRest, Stand::kThrough);
  }
  const Due due = origin_->due(now);
  if (!due.is_now) warn(due.warning);
  if (!due.is_now) return rest(due.next, due.is_coming ? Stand::kMore : Stand::kThrough);
  if (due.is_retry && now < retry_at() && now >= failed_at_)
    return rest(retry_at(), Stand::kThrough);
  read(now, stop);
  if (stop.stop_requested()) return std::nullopt;
  const TimePoint after = parts_.clock->now();
  const Due next = origin_->due(after);
  if (!next.is_now) return rest(next.next, next.is_coming ? Stand::kMore : Stand::kThrough);
  if (next.is_retry) return rest(std::max(retry_at(), after), Stand::kThrough);
  return rest(after, failure() ? Stand::kThrough : Stand::kMore);
}

bool SourceTask::claim() {
  // A dry reading stands beside a daemon at work.
  if (claim_ || delivery_.is_dry()) return true;
  Result<std::optional<Claim>> taken = parts_.client.claim("read " + config_.id);
  if (!taken) {
    fail(taken.error(), with_nothing_changed(taken.error().message), "it is tried again by itself",
         parts_.clock->now());
    return false;
  }
  if (!*taken) {
    enter(TaskState::kElsewhere, "", "", parts_.clock->now());
    const std::lock_guard lock(mutex_);
    failure_.reset();
    return false;
  }
  claim_ = std::move(**taken);
  if (status().state == TaskState::kElsewhere) enter(TaskState::kWell, "", "", parts_.clock->now());
  return true;
}

bool SourceTask::can_be_looked_at(const std::stop_token& stop) {
  for (const std::string& path : paths_) {
    const Result<void> looked = cli::look_along(path, stop);
    if (looked) continue;
    if (looked.error().code != ErrorCode::kCancelled) fall_silent(looked.error());
    return false;
  }
  if (before_silence_) log(LogLevel::kInfo, "its file system answers again");
  answer_again();
  return true;
}

void SourceTask::fall_silent(const Error& error) {
  const bool is_new = !before_silence_;
  if (is_new) before_silence_ = Before{.status = status(), .failure = failure()};
  enter(TaskState::kFailing, error.message, "it is looked at again by itself", parts_.clock->now());
  {
    const std::lock_guard lock(mutex_);
    failure_ = error;
  }
  if (is_new) log(LogLevel::kWarning, with_nothing_changed(error.message));
}

// What is to be read tells how it stands then; else it stands as before.
void SourceTask::answer_again() {
  const std::optional<Before> before = std::exchange(before_silence_, std::nullopt);
  if (!before) return;
  enter(before->status.state, before->status.error, before->status.what_to_do, parts_.clock->now());
  const std::lock_guard lock(mutex_);
  failure_ = before->failure;
}

void SourceTask::release_held(TimePoint now) {
  std::optional<Release> release;
  {
    const std::lock_guard lock(mutex_);
    release = std::exchange(release_, std::nullopt);
  }
  if (!release) return;
  answer_again();
  const TaskStatus before = status();
  const std::optional<Error> reading_failed = failure();
  const Result<RowHandover> handover = delivery_.release(release->first);
  if (!handover) {
    // Still held, and said so: the reason is why the release came to nothing.
    log(LogLevel::kWarning, "the held snapshot cannot be released: " + handover.error().message);
    {
      const std::lock_guard lock(mutex_);
      status_.what_to_do = "release it again; the last time: " + handover.error().message;
    }
    release->done.set_value(handover);
    return;
  }
  if (!handover->is_held) {
    log(LogLevel::kInfo,
        "released by a person: " + (handover->replaces_all_rows
                                        ? "all rows on the platform are replaced by these " +
                                              std::to_string(handover->rows)
                                        : std::to_string(handover->deleted) + " rows are deleted"));
    origin_->released();
  }
  note_handover(*handover, now);
  // The origin is as it was: only what was read before has gone out.
  if (before.state == TaskState::kFailing && reading_failed) {
    enter(TaskState::kFailing, before.error, before.what_to_do, now);
    const std::lock_guard lock(mutex_);
    failure_ = reading_failed;
    status_.failures = failures_;
  }
  release->done.set_value(handover);
}

void SourceTask::read(TimePoint now, const std::stop_token& stop) {
  note(origin_->read(delivery_, now, stop), now);
}

void SourceTask::note(const Result<OriginReading>& reading, TimePoint now) {
  if (!reading) {
    const Error& error = reading.error();
    if (error.code != ErrorCode::kCancelled)
      fail(error, with_nothing_changed(error.message), origin_->what_to_do(error), now);
    return;
  }
  if (reading->failed) {
    note_last(reading->handover);
    fail(*reading->failed, reading->failed->message, "it is tried again by itself", now);
    return;
  }
  failures_ = 0;
  if (!reading->remark.empty()) log(LogLevel::kInfo, reading->remark);
  {
    const std::lock_guard lock(mutex_);
    reconciled_ += reading->reconciled;
    status_.warning = cli::printable(reading->warning);
  }
  note_handover(reading->handover, now);
  const std::optional<Error> refused = all_of(reading->refused);
  if (!refused) return;
  enter(TaskState::kFailing, refused->message, origin_->what_to_do(*refused), now);
  {
    const std::lock_guard lock(mutex_);
    failure_ = refused;
    if (delivery_.is_reported())
      refused_.insert(refused_.end(), reading->refused.begin(), reading->refused.end());
  }
  for (const Error& one : reading->refused) log(LogLevel::kWarning, one.message);
}

void SourceTask::note_last(const RowHandover& handover) {
  const std::lock_guard lock(mutex_);
  const bool is_one_of_several =
      delivery_.is_reported() && handover.are_changes && last_ && last_->are_changes;
  if (is_one_of_several) {
    last_->add(handover);
  } else {
    last_ = handover;
  }
}

void SourceTask::note_handover(const RowHandover& handover, TimePoint now) {
  note_last(handover);
  bool was_held = false;
  {
    const std::lock_guard lock(mutex_);
    failure_.reset();
    was_held = std::exchange(is_held_, handover.is_held);
    status_.held_deletes = handover.held_deletes;
    status_.failures = 0;
    if (!handover.is_held) status_.last_success_at = now;
    needs_first_ = handover.guard == Guard::kFirst;
  }
  if (!handover.is_held) {
    if (!is_well(status().state)) log(LogLevel::kInfo, "is well again");
    enter(TaskState::kWell, "", "", now);
    return;
  }
  enter(TaskState::kHeld, handover.reason, handover.what_to_do, now);
  if (!was_held)
    log(LogLevel::kWarning,
        "held, nothing was changed: " + handover.reason + ". " + handover.what_to_do);
}

void SourceTask::fail(const Error& error, const std::string& line, const std::string& what_to_do,
                      TimePoint now) {
  ++failures_;
  is_lasting_ = is_lasting(error.code);
  failed_at_ = now;
  const TaskStatus before = status();
  // A table that is held stays so while its origin cannot be read.
  const bool is_new = before.state != TaskState::kFailing || before.error != error.message;
  const std::optional<RowHandover> held = delivery_.held();
  enter(TaskState::kFailing, error.message,
        held ? what_to_do + "; a table of before is held: " + held->reason + " (" +
                   held->what_to_do + ")"
             : what_to_do,
        now);
  {
    const std::lock_guard lock(mutex_);
    status_.failures = failures_;
    failure_ = error;
  }
  if (is_new) log(LogLevel::kWarning, line);
}

// One that is there stays until the next reading.
void SourceTask::warn(const std::string& warning) {
  {
    const std::lock_guard lock(mutex_);
    if (warning.empty() || status_.warning == cli::printable(warning)) return;
    status_.warning = cli::printable(warning);
  }
  log(LogLevel::kWarning, warning);
}

void SourceTask::enter(TaskState state, const std::string& error, const std::string& what_to_do,
                       TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (status_.state != state) status_.since = now;
  status_.state = state;
  status_.error = cli::printable(error);
  status_.what_to_do = what_to_do;
}

void SourceTask::log(LogLevel level, const std::string& line) const {
  if (parts_.log && !delivery_.is_reported())
    parts_.log(level, cli::printable(config_.id + ": " + line));
}

TimePoint SourceTask::retry_at() const {
  if (is_lasting_) return failed_at_ + kLongestRest;
  const auto doublings =
      static_cast<int>(std::clamp<std::int64_t>(failures_ - 1, 0, kMostDoublings));
  return failed_at_ + std::min<Milliseconds>(kFirstRest * (1 << doublings), kLongestRest);
}

std::optional<TimePoint> SourceTask::rest(std::optional<TimePoint> next, Stand stand) {
  const std::lock_guard lock(mutex_);
  stand_ = stand;
  status_.next_at = next;
  return next;
}

TaskStatus SourceTask::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

Result<Releasing> SourceTask::release(std::optional<FirstPublish> first) {
  Releasing releasing;
  {
    const std::lock_guard lock(mutex_);
    if (status_.state == TaskState::kElsewhere)
      return Error{.code = ErrorCode::kBusy,
                   .message = "another process reads " + config_.id +
                              ", and this weir run stands by; release it where the other one runs"};
    if (!is_held_)
      return Error{.code = ErrorCode::kInvalidArgument,
                   .message = config_.id + " holds nothing, so there is nothing to release"};
    if (needs_first_ && !first)
      return Error{.code = ErrorCode::kInvalidArgument,
                   .message = "it would be the first table of " + config_.id +
                              ": give --first adopt or --first replace"};
    release_ = Release{first};
    releasing = release_->done.get_future();
  }
  if (waker_) waker_();
  return releasing;
}

std::optional<RowHandover> SourceTask::last() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

Stand SourceTask::stand() const {
  const std::lock_guard lock(mutex_);
  return stand_;
}

std::optional<Error> SourceTask::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

std::optional<Error> SourceTask::refused() const {
  const std::lock_guard lock(mutex_);
  return all_of(refused_);
}

std::int64_t SourceTask::reconciled() const {
  const std::lock_guard lock(mutex_);
  return reconciled_;
}

}  // namespace weir::daemon
