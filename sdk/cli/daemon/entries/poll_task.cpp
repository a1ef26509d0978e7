#include "daemon/entries/poll_task.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "daemon/entries/entry_text.h"
#include "daemon/entries/handover.h"
#include "daemon/entries/recipient.h"
#include "output/command_words.h"

namespace weir::daemon {
namespace {

// Entries that a person retries come from another process, which cannot wake this one.
constexpr Milliseconds kLookAgain = std::chrono::seconds{30};
constexpr Milliseconds kLookForRetried = std::chrono::seconds{2};
constexpr Milliseconds kStandBy = std::chrono::seconds{10};
// A program that is ended needs this long before stop_within has passed.
constexpr Milliseconds kToEndAProgram = std::chrono::seconds{7};
// A turn with a long backlog makes room for others now and then.
constexpr int kMostStepsPerTurn = 50;

// A stop; or a look of another process is under way, or one's that was killed in its midst.
bool passes_by_itself(ErrorCode code) {
  return code == ErrorCode::kCancelled || code == ErrorCode::kBusy;
}

class SlotGuard {
 public:
  explicit SlotGuard(HandlerSlots& slots) : slots_(slots) {}
  ~SlotGuard() { slots_.give_back(); }
  SlotGuard(const SlotGuard&) = delete;
  SlotGuard& operator=(const SlotGuard&) = delete;

 private:
  HandlerSlots& slots_;
};

class HandingTask final : public PollTask {
 public:
  HandingTask(const PollConfig& config, const OrgParts& parts, std::unique_ptr<Recipient> recipient,
              PollParts shared, Waker wake)
      : config_(config),
        parts_(parts),
        shared_(std::move(shared)),
        wake_(std::move(wake)),
        queue_(parts.client.entry_queue(config.name)),
        handover_({.poll = config.name,
                   .attempts = config.attempts,
                   .is_strict = config.is_strict,
                   .org = parts.config.name},
                  {.queue = queue_,
                   .recipient = std::move(recipient),
                   .clock = parts.clock,
                   .log = parts.log}) {
    status_.since = parts.clock->now();
  }
  ~HandingTask() override {
    if (receives_) shared_.receiver->forget(path());
  }
  HandingTask(const HandingTask&) = delete;
  HandingTask& operator=(const HandingTask&) = delete;

  std::optional<TimePoint> run(std::stop_token stop) override {
    if (stop.stop_requested()) return std::nullopt;
    stand_ = Stand::kMore;
    store_failure_.reset();
    if (std::optional<TimePoint> later = begin()) return later;
    if (!shared_.slots->try_take(wake_)) return now() + kLookAgain;
    const SlotGuard slot(*shared_.slots);
    for (int i = 0; i < kMostStepsPerTurn; ++i) {
      const Result<Handover::Step> step = handover_.step(stop);
      if (!step) return fail(step.error(), "see the store"), now() + kStandBy;
      if (step->progress == Handover::Progress::kStopped) return std::nullopt;
      if (step->progress != Handover::Progress::kWorked) return end_turn(*step);
    }
    return end_turn({.progress = Handover::Progress::kWorked});
  }

  TaskStatus status() const override {
    const std::lock_guard lock(mutex_);
    TaskStatus status = status_;
    if (shown_ == nullptr) return status;
    if (const Result<PollPace> pace = shown_->pace()) status.pace = *pace;
    // A look may have failed since the last turn.
    const std::optional<Error> look = shown_->failure();
    if (!look || passes_by_itself(look->code)) {
      look_fails_since_.reset();
    } else if (is_well(status.state)) {
      if (!look_fails_since_) look_fails_since_ = now();
      status.state = TaskState::kFailing;
      status.since = *look_fails_since_;
      status.error = look->message;
    }
    return status;
  }

  void want_look() override {
    if (poll_) poll_->hint();
  }
  void end_looks() override {
    {
      const std::lock_guard lock(mutex_);
      shown_ = nullptr;
    }
    poll_.reset();
  }
  Stand stand() const override { return stand_; }
  std::optional<Error> failure() const override {
    return store_failure_ || !poll_ ? store_failure_ : poll_->failure();
  }
  std::int64_t handed_over() const override { return handover_.done(); }
  std::int64_t buried() const override { return handover_.buried(); }

 private:
  TimePoint now() const { return parts_.clock->now(); }
  std::string path() const { return Receiver::path_of(parts_.config.name, config_.name); }

  // Looks are the client's; when they cannot begin, when to try again.
  std::optional<TimePoint> begin() {
    if (!claim_) {
      Result<std::optional<Claim>> claim = parts_.client.claim(poll_claim(config_));
      if (!claim) return fail(claim.error(), "see the store"), now() + kStandBy;
      if (!*claim) {
        stand_ = Stand::kElsewhere;
        return tell_elsewhere(), now() + kStandBy;
      }
      claim_ = std::move(**claim);
    }
    if (poll_) return std::nullopt;
    Result<Poll> poll = begin_poll(config_, parts_.client, wake_);
    if (!poll) return fail(poll.error(), "correct weir.toml"), now() + kLookAgain;
    poll_ = std::move(*poll);
    {
      const std::lock_guard lock(mutex_);
      shown_ = &*poll_;
    }
    if (config_.connector && shared_.receiver) {
      shared_.receiver->serve(path(), parts_.client.form_entries(config_.form),
                              parts_.looks_wanted);
      receives_ = true;
    }
    if (parts_.looks_wanted) parts_.looks_wanted();
    return std::nullopt;
  }

  std::optional<TimePoint> end_turn(const Handover::Step& step) {
    TimePoint next = now();
    const Result<EntryQueueState> found = queue_.state();
    const EntryQueueState state = found ? *found : EntryQueueState{};
    if (step.progress != Handover::Progress::kWorked) {
      stand_ = Stand::kThrough;
      handover_.rest();
      const bool may_be_retried =
          state.dead_letters > 0 || step.progress == Handover::Progress::kNeedsPerson;
      next += may_be_retried ? kLookForRetried : kLookAgain;
      if (step.next) next = std::min(next, *step.next);
    }
    tell(step, state, next);
    return next;
  }

  void tell(const Handover::Step& step, const EntryQueueState& state, TimePoint next) {
    const std::lock_guard lock(mutex_);
    const bool needs_person = step.progress == Handover::Progress::kNeedsPerson;
    const std::optional<Error> look = poll_->failure();
    TaskState as = needs_person ? TaskState::kStopped : TaskState::kWell;
    status_.error = handover_.problem();
    status_.what_to_do.clear();
    if (!handover_.problem().empty()) {
      if (!needs_person) as = TaskState::kFailing;
      status_.what_to_do =
          "mend the handler; " +
          cli::command("entries list --poll " + cli::shell_word(config_.name), parts_.config.name) +
          " shows what waits";
    } else if (look && !passes_by_itself(look->code)) {
      as = TaskState::kFailing;
      status_.error = look->message;
    }
    if (as != status_.state) status_.since = now();
    status_.state = as;
    status_.failures = as == TaskState::kWell ? 0 : status_.failures + 1;
    if (as == TaskState::kWell) status_.last_success_at = now();
    status_.waiting = state.waiting;
    status_.dead_letters = state.dead_letters;
    status_.handled = handover_.done();
    status_.failed = handover_.failed();
    status_.next_at = next;
  }

  // What waits is in the store that both share.
  void tell_elsewhere() {
    const Result<EntryQueueState> found = queue_.state();
    const std::lock_guard lock(mutex_);
    if (status_.state != TaskState::kElsewhere) status_.since = now();
    status_.state = TaskState::kElsewhere;
    status_.error.clear();
    status_.what_to_do.clear();
    status_.failures = 0;
    status_.next_at.reset();
    if (!found) return;
    status_.waiting = found->waiting;
    status_.dead_letters = found->dead_letters;
  }

  void fail(const Error& error, const std::string& what_to_do) {
    stand_ = Stand::kThrough;
    store_failure_ = error;
    tell_failure(error.message, what_to_do);
  }

  void tell_failure(const std::string& error, const std::string& what_to_do) {
    const std::lock_guard lock(mutex_);
    if (status_.state != TaskState::kFailing) status_.since = now();
    status_.state = TaskState::kFailing;
    status_.error = error;
    status_.what_to_do = what_to_do;
    ++status_.failures;
  }

  const PollConfig& config_;
  const OrgParts parts_;
  const PollParts shared_;
  const Waker wake_;
  EntryQueue queue_;
  Handover handover_;
  std::optional<Claim> claim_;
  std::optional<Poll> poll_;
  bool receives_ = false;
  Stand stand_ = Stand::kMore;
  std::optional<Error> store_failure_;

  mutable std::mutex mutex_;
  TaskStatus status_;            // guarded by mutex_
  const Poll* shown_ = nullptr;  // the poll, once it has begun; guarded by mutex_
  mutable std::optional<TimePoint> look_fails_since_;  // as far as seen; guarded by mutex_
};

bool is_named(const std::string& queue, const std::vector<PollConfig>& polls) {
  return std::any_of(polls.begin(), polls.end(),
                     [&](const PollConfig& poll) { return poll.name == queue; });
}

// What `weir poll` calls its polls.
std::optional<PollConfig> without_daemon(const std::string& queue) {
  constexpr std::string_view kForm = "form ";
  constexpr std::string_view kSource = "data source ";
  if (queue.starts_with(kForm)) return PollConfig{.form = queue.substr(kForm.size())};
  if (queue.starts_with(kSource)) return PollConfig{.source = queue.substr(kSource.size())};
  return std::nullopt;
}

bool is_polled(const PollConfig& what, const std::vector<PollConfig>& polls) {
  return std::any_of(polls.begin(), polls.end(), [&](const PollConfig& poll) {
    return poll.form == what.form && poll.source == what.source;
  });
}

}  // namespace

std::string poll_claim(const PollConfig& poll) {
  return poll.form.empty() ? "poll of data source " + poll.source : "poll of form " + poll.form;
}

Result<Poll> begin_poll(const PollConfig& poll, Client& client,
                        const std::function<void()>& found) {
  EntryQueue queue = client.entry_queue(poll.name);
  if (poll.form.empty()) {
    return client.data_source(poll.source)
        .poll(
            [queue, found](const RowChanges& changes) mutable -> Result<void> {
              std::vector<EntryToKeep> entries;
              for (std::string& text : change_texts(changes))
                entries.push_back({.body = std::move(text)});
              Result<void> kept = queue.keep(entries);
              if (kept) found();
              return kept;
            },
            poll.pace);
  }
  return client.form_entries(poll.form).poll(
      [queue, found](const FormEntry& entry) mutable -> Result<void> {
        Result<void> kept =
            queue.keep({{.id = entry.id, .body = entry_text(entry), .received = entry.received}});
        if (kept) found();
        return kept;
      },
      {.pace = poll.pace,
       .since = poll.since.value_or(TimePoint{}),
       .answer_format = poll.answer_format});
}

Result<std::vector<LeftBehind>> left_behind(const Client& client, const OrgConfig& config) {
  const Result<std::vector<QueuedEntry>> entries = client.queued_entries({});
  if (!entries) return entries.error();
  std::map<std::string, std::int64_t> waiting;
  for (const QueuedEntry& entry : *entries) waiting[entry.queue] += entry.is_dead_letter ? 0 : 1;
  std::vector<LeftBehind> left;
  for (const auto& [queue, count] : waiting) {
    if (count == 0 || is_named(queue, config.polls)) continue;
    const auto poll = without_daemon(queue);
    if (poll && !is_polled(*poll, config.polls)) continue;
    const std::string command = poll ? (poll->form.empty() ? "poll --source " : "poll --form ") +
                                           cli::shell_word(poll->form + poll->source)
                                     : "";
    left.push_back({.queue = queue,
                    .waiting = count,
                    .what_to_do = poll ? "stop weir run, and let " +
                                             cli::command(command, config.name) + " hand them over"
                                       : "give a poll of weir.toml the name " + queue +
                                             " again, until they are handed over"});
  }
  return left;
}

Result<std::unique_ptr<PollTask>> make_poll_task(const PollConfig& poll, const OrgParts& parts,
                                                 PollParts shared, Waker wake) {
  Result<std::unique_ptr<Recipient>> recipient = make_recipient(
      poll, {.org = parts.config.name,
             .clock = parts.clock,
             .log = parts.log,
             .stop_grace = std::max(Milliseconds{0}, parts.daemon.stop_within - kToEndAProgram)});
  if (!recipient) return recipient.error();
  return std::unique_ptr<PollTask>(std::make_unique<HandingTask>(
      poll, parts, std::move(*recipient), std::move(shared), std::move(wake)));
}

}  // namespace weir::daemon
