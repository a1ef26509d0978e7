#include "daemon/loop/org_status.h"

#include <algorithm>

#include "daemon/seeing/pace_words.h"
#include "output/command_words.h"
#include "output/flag_words.h"

namespace weir::daemon {
namespace {

std::string word_of(Deliver deliver) {
  if (deliver == Deliver::kSync) return "sync";
  return deliver == Deliver::kBoth ? "both" : "push";
}

const WaitingChanges* waiting_of(const OutboxContents& outbox, const std::string& source) {
  const auto found =
      std::find_if(outbox.waiting.begin(), outbox.waiting.end(),
                   [&](const WaitingChanges& waiting) { return waiting.source == source; });
  return found == outbox.waiting.end() ? nullptr : &*found;
}

// Calls name their target as "path source".
bool is_about(const std::string& target, const std::string& source) {
  return target == source || target.ends_with(" " + source) || target.ends_with("/" + source);
}

// The log has only the last calls.
void add_calls(SourceStatus& status, const OrgView& view) {
  for (const CallRecord& call : view.usage.log) {
    if (!is_about(call.target, status.source)) continue;
    const bool is_accepted = call.status && *call.status >= 200 && *call.status < 300;
    if (is_accepted && call.rows > 0 && !status.sent_at) status.sent_at = call.time;
  }
  for (const CallsOfDay& day : view.calls) {
    if (day.org_day == view.usage.org_day && is_about(day.target, status.source))
      status.calls_today += day.calls;
  }
}

void add_task(SourceStatus& status, const TaskStatus& task) {
  status.since = task.since;
  status.error = task.error;
  status.what_to_do = task.what_to_do;
  status.warning = task.warning;
  status.held_deletes = task.held_deletes;
  status.has_worked =
      task.last_success_at || task.state == TaskState::kHeld || task.state == TaskState::kElsewhere;
  status.is_elsewhere = task.state == TaskState::kElsewhere;
  if (task.state == TaskState::kHeld) {
    status.state = SourceState::kHeld;
  } else if (!is_well(task.state)) {
    status.state = SourceState::kFailing;
  }
}

void add_waiting(SourceStatus& status, const WaitingChanges& waiting, const OrgView& view) {
  status.stale_rows = waiting.upserts + waiting.deletes + waiting.cell_updates;
  status.oldest_at = waiting.oldest;
  status.next_at = waiting.sent_by;
  if (status.state == SourceState::kFresh && status.stale_rows > 0) {
    status.state = SourceState::kWaiting;
    status.since = waiting.oldest.value_or(status.since);
  }
  if (waiting.halted_by.empty() || status.state == SourceState::kHeld) return;
  status.state = SourceState::kFailing;
  status.error = cli::with_flags(waiting.halted_by);
  status.next_at = waiting.halted_until;
  // Sending alone leaves a request alone that is known to be at fault.
  const bool is_sent_again = status.error.find("outbox retry") == std::string::npos;
  if (status.what_to_do.empty())
    status.what_to_do =
        "mend what the platform says; " +
        cli::command(is_sent_again ? "outbox send"
                                   : "outbox retry --source " + cli::shell_word(waiting.source),
                     view.config.name) +
        " tries at once";
}

// Whether an error of sending is one of which somebody is to know: the others pass, are told
// elsewhere, or come from rows that are set aside.
bool is_trouble(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kRefused:
    case ErrorCode::kMissingRow:
    case ErrorCode::kLocked:
    case ErrorCode::kTooManyConnections:
    case ErrorCode::kThrottled:
    case ErrorCode::kBudgetExhausted:
    case ErrorCode::kStoreBusy:
    case ErrorCode::kCancelled:
    case ErrorCode::kBusy:
    case ErrorCode::kConflict:
      return false;
    default:
      return true;
  }
}

// Rows wait, and the last try to send them failed.
void add_sending(SourceStatus& status, const OrgView& view) {
  if (status.state != SourceState::kWaiting) return;
  const auto part =
      std::find_if(view.sending.begin(), view.sending.end(), [&](const HealthPart& each) {
        return !each.is_poll && each.name == status.source && each.failure;
      });
  if (part == view.sending.end() || !is_trouble(part->failure->code)) return;
  status.state = SourceState::kFailing;
  status.since = part->failed_at.value_or(status.since);
  status.error = cli::with_flags(part->failure->message);
  if (part->rests_until) status.next_at = part->rests_until;
  status.what_to_do = "see to the connection to the platform; it is tried again by itself, and " +
                      cli::command("outbox send", view.config.name) + " tries at once";
}

SourceStatus source_status(const OrgView& view, const std::string& id, const std::string& deliver) {
  SourceStatus status{.source = id, .deliver = deliver};
  if (deliver == "sync") status.state = SourceState::kServed;
  if (const auto task = view.sources.find(id); task != view.sources.end())
    add_task(status, task->second);
  if (const WaitingChanges* waiting = waiting_of(view.outbox, id))
    add_waiting(status, *waiting, view);
  add_sending(status, view);
  status.dead_letters =
      std::count_if(view.outbox.dead_letters.begin(), view.outbox.dead_letters.end(),
                    [&](const DeadLetter& letter) { return letter.source == id; });
  add_calls(status, view);
  return status;
}

// The last look that the log of calls still has.
const CallRecord* last_look(const OrgView& view, const std::string& name) {
  const auto& polls = view.config.polls;
  const auto poll = std::find_if(polls.begin(), polls.end(),
                                 [&](const PollConfig& each) { return each.name == name; });
  if (poll == polls.end()) return nullptr;
  const std::string& about = poll->form.empty() ? poll->source : poll->form;
  const auto look =
      std::find_if(view.usage.log.begin(), view.usage.log.end(), [&](const CallRecord& call) {
        return call.reason == "poll" && is_about(call.target, about);
      });
  return look == view.usage.log.end() ? nullptr : &*look;
}

// A look costs a call, so none is before the reset of a day whose calls are spent.
std::optional<TimePoint> next_look(const OrgView& view, const TaskStatus& task) {
  if (!task.pace || !task.pace->next_at || view.usage.left > 0)
    return task.pace ? task.pace->next_at : std::nullopt;
  return std::max(*task.pace->next_at, view.usage.resets_at);
}

PollStatus poll_status(const OrgView& view, const std::string& name, const TaskStatus& task) {
  const CallRecord* look = last_look(view, name);
  return {.poll = name,
          .looked_at = look ? std::optional(look->time) : std::nullopt,
          .found = task.pace ? task.pace->found : std::nullopt,
          .interval = task.pace ? task.pace->interval : std::nullopt,
          .why = task.pace ? pace_words(*task.pace) : "",
          .next_at = next_look(view, task),
          .waiting = task.waiting,
          .dead_letters = task.dead_letters,
          .done = task.handled,
          .failed = task.failed,
          .since = task.since,
          .error = task.error,
          .what_to_do = task.what_to_do,
          .has_worked = task.last_success_at || task.state == TaskState::kElsewhere,
          .is_elsewhere = task.state == TaskState::kElsewhere};
}

}  // namespace

OrgStatus org_status(const OrgView& view) {
  OrgStatus status{.org = view.config.name, .usage = view.usage};
  for (const SourceConfig& source : view.config.sources)
    status.sources.push_back(source_status(view, source.id, word_of(source.deliver)));
  // What has gone from weir.toml, or is written by other programs.
  for (const WaitingChanges& waiting : view.outbox.waiting) {
    const auto is_known = [&](const SourceConfig& source) { return source.id == waiting.source; };
    if (std::any_of(view.config.sources.begin(), view.config.sources.end(), is_known)) continue;
    SourceStatus gone = source_status(view, waiting.source, "push");
    if (gone.state == SourceState::kWaiting) gone.state = SourceState::kUnconfigured;
    status.sources.push_back(std::move(gone));
  }
  for (const auto& [name, task] : view.polls) status.polls.push_back(poll_status(view, name, task));
  return status;
}

}  // namespace weir::daemon
