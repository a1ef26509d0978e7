#include "daemon/loop/base_tasks.h"

#include <sys/stat.h>

#include <algorithm>

#include "output/numbers.h"

namespace weir::daemon {
namespace {

// The price changes, and other processes send too.
constexpr Milliseconds kLongestRest = std::chrono::seconds{60};
constexpr Milliseconds kRestAfterError = std::chrono::seconds{30};
constexpr Milliseconds kLookAtStores = std::chrono::seconds{2};
// As long as the tries to open a session with a server that does not answer.
constexpr Milliseconds kPatience = std::chrono::seconds{6};

// What a person does about it.
std::string next_step(const Error& error) {
  switch (error.code) {
    case ErrorCode::kUnauthenticated:
      return "put the right key into the file that integration_key_file names; weir reload";
    case ErrorCode::kStoreUnusable:
    case ErrorCode::kStoreBusy:
    case ErrorCode::kStoreFull:
      return "see the store and its disk; it is tried again";
    default:
      return "it is tried again";
  }
}

// The client is told to stop before its tasks are, which is no failure.
bool was_stopped(const Result<std::optional<TimePoint>>& due) {
  return !due && due.error().code == ErrorCode::kCancelled;
}

void note(TaskStatus& status, const std::optional<Error>& error, TimePoint now,
          std::optional<TimePoint> next) {
  const TaskState state = error ? TaskState::kFailing : TaskState::kWell;
  if (status.state != state || status.since == TimePoint{}) status.since = now;
  status.state = state;
  status.error = error ? error->message : "";
  status.what_to_do = error ? next_step(*error) : "";
  status.failures = error ? status.failures + 1 : 0;
  if (!error) status.last_success_at = now;
  status.next_at = next;
}

// The time of the last change in nanoseconds; a store in WAL mode changes in the file beside it.
std::int64_t changed_at(const std::string& path) {
  std::int64_t latest = 0;
  for (const std::string& file : {path, path + "-wal"}) {
    struct stat found = {};
    if (::stat(file.c_str(), &found) != 0) continue;
    latest = std::max<std::int64_t>(
        latest, std::int64_t{found.st_mtim.tv_sec} * 1'000'000'000 + found.st_mtim.tv_nsec);
  }
  return latest;
}

std::string what_was_sent(const CallRecord& call, std::int64_t left) {
  std::string line = call.target + ": ";
  if (!call.status) {
    line += "no answer";
  } else if (*call.status >= 200 && *call.status < 300 && call.method != "PUT") {
    line += "answered";
  } else if (*call.status >= 200 && *call.status < 300) {
    line += cli::grouped(call.rows) + (call.rows == 1 ? " row" : " rows");
  } else {
    line += "status " + std::to_string(*call.status);
  }
  return line + " (" + call.reason + "), " + cli::counted(left, "call") + " left";
}

}  // namespace

std::optional<TimePoint> SendTask::run(std::stop_token stop) {
  if (stop.stop_requested()) return std::nullopt;
  const Result<std::optional<TimePoint>> due = client_.send_due();
  if (stop.stop_requested() || was_stopped(due)) return std::nullopt;
  const TimePoint now = clock_->now();
  std::optional<Error> error;
  TimePoint next = now + kLongestRest;
  if (!due) {
    error = due.error();
    next = now + kRestAfterError;
    log_(LogLevel::kError, error->message);
  } else if (*due) {
    next = std::min(next, std::max(**due, now + Milliseconds{1}));
  }
  tell_calls();
  const std::lock_guard lock(mutex_);
  note(status_, error, now, next);
  return next;
}

// Of this process and of others.
void SendTask::tell_calls() {
  const Result<Usage> usage = client_.usage();
  if (!usage) return;
  for (const CallRecord& call : news_.take(*usage, clock_->now()))
    log_(LogLevel::kInfo, what_was_sent(call, usage->left));
}

TaskStatus SendTask::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

std::optional<TimePoint> LookTask::run(std::stop_token stop) {
  if (stop.stop_requested()) return std::nullopt;
  const Result<std::optional<TimePoint>> due = client_.poll_due();
  if (stop.stop_requested() || was_stopped(due)) return std::nullopt;
  const TimePoint now = clock_->now();
  std::optional<Error> error;
  std::optional<TimePoint> next;
  if (!due) {
    error = due.error();
    next = now + kRestAfterError;
    log_(LogLevel::kError, error->message);
  } else if (*due) {
    next = std::min(now + kLongestRest, std::max(**due, now + Milliseconds{1}));
  }
  const std::lock_guard lock(mutex_);
  note(status_, error, now, next);
  return next;
}

TaskStatus LookTask::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

std::optional<TimePoint> StoreTask::run(std::stop_token stop) {
  if (stop.stop_requested()) return std::nullopt;
  std::vector<std::shared_ptr<Asked>> questions;
  std::uint64_t request = 0;
  bool is_wanted = false;
  {
    const std::lock_guard lock(mutex_);
    questions = std::exchange(questions_, {});
    request = wanted_;
    is_wanted = wanted_ > read_;
  }
  for (const std::shared_ptr<Asked>& question : questions) {
    begin();
    (*question)();
  }
  if (is_wanted) {
    begin();
    note(ask_(), request);
  }
  const std::lock_guard lock(mutex_);
  asks_since_.reset();
  return std::nullopt;
}

void StoreTask::begin() {
  const std::lock_guard lock(mutex_);
  asks_since_ = clock_->steady_now();
  asked_at_ = clock_->now();
}

void StoreTask::note(Told told, std::uint64_t request) {
  const std::lock_guard lock(mutex_);
  read_ = request;
  known_.polls = std::move(told.polls);
  if (told.numbers) {
    known_.numbers = std::make_shared<const StoreNumbers>(std::move(*told.numbers));
    known_.numbers_at = clock_->now();
    known_.error.clear();
  } else {
    if (known_.error.empty()) known_.failed_at = asked_at_;
    known_.error = told.numbers.error().message;
  }
  noted_.notify_all();
}

std::uint64_t StoreTask::want() {
  std::uint64_t request = 0;
  {
    const std::lock_guard lock(mutex_);
    request = ++wanted_;
  }
  wake_();
  return request;
}

void StoreTask::wait_for(std::uint64_t request, Milliseconds longest) const {
  std::unique_lock lock(mutex_);
  if (hangs()) return;
  noted_.wait_for(lock, longest, [&] { return read_ >= request; });
}

StoreTask::Known StoreTask::known(std::uint64_t request) const {
  const std::lock_guard lock(mutex_);
  Known known = known_;
  known.is_old = read_ < request;
  if (!hangs()) return known;
  if (known.error.empty()) known.failed_at = asked_at_;
  known.error = does_not_answer().message;
  return known;
}

Result<std::string> StoreTask::answer(Question question) {
  const auto asked = std::make_shared<Asked>(std::move(question));
  std::future<Result<std::string>> answer = asked->get_future();
  {
    const std::lock_guard lock(mutex_);
    if (hangs()) return does_not_answer();
    questions_.push_back(asked);
  }
  wake_();
  if (answer.wait_for(kPatience) == std::future_status::ready) return answer.get();
  const std::lock_guard lock(mutex_);
  std::erase(questions_, asked);
  return does_not_answer();
}

// Called with mutex_ held.
bool StoreTask::hangs() const {
  return asks_since_ && clock_->steady_now() - *asks_since_ >= kPatience;
}

Error StoreTask::does_not_answer() const {
  return {.code = ErrorCode::kStoreUnreachable,
          .message =
              "the store " + name_ + " does not answer (" +
              std::to_string(std::chrono::duration_cast<std::chrono::seconds>(kPatience).count()) +
              " s)"};
}

void StoreWatchTask::watch(const std::string& store, Waker changed) {
  if (store.find("://") != std::string::npos) return;
  const std::lock_guard lock(mutex_);
  watched_.push_back({.store = store, .changed = std::move(changed), .seen = changed_at(store)});
}

void StoreWatchTask::forget(const std::string& store) {
  const std::lock_guard lock(mutex_);
  std::erase_if(watched_, [&](const Watched& watched) { return watched.store == store; });
}

std::optional<TimePoint> StoreWatchTask::run(std::stop_token stop) {
  if (stop.stop_requested()) return std::nullopt;
  {
    const std::lock_guard lock(mutex_);
    for (Watched& watched : watched_) {
      const std::int64_t now = changed_at(watched.store);
      if (now == watched.seen) continue;
      watched.seen = now;
      watched.changed();
    }
  }
  return clock_->now() + kLookAtStores;
}

}  // namespace weir::daemon
