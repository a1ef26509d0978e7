#include <algorithm>
#include <tuple>

#include "daemon/seeing/status.h"
#include "output/command_words.h"
#include "output/flag_words.h"
#include "output/numbers.h"

namespace weir::daemon {
namespace {

constexpr const char* kSeeLog = "see the log of weir run";

void judge_config(const Status& status, std::vector<Verdict>& all) {
  if (!status.config.refused_at) return;
  all.push_back({.event = events::kReloadRefused,
                 .name = status.config.file,
                 .since = *status.config.refused_at,
                 .text = "the changed settings were refused, and those before are in force: " +
                         status.config.fault,
                 .what_to_do = "mend the line, then run weir reload"});
}

void judge_store(const OrgStatus& org, std::vector<Verdict>& all) {
  if (org.store_error.empty()) return;
  all.push_back({.event = events::kSourceFailing,
                 .org = org.org,
                 .name = "the store",
                 .since = org.store_failed_at,
                 .text = "nothing is sent or looked at: " + org.store_error,
                 .what_to_do = "mend the store; what is due goes by itself then"});
}

void judge_calls(const OrgStatus& org, TimePoint now, std::vector<Verdict>& all) {
  if (org.usage.limit > 0 && org.usage.left <= 0) {
    all.push_back({.is_error = false,
                   .event = events::kDaySpent,
                   .org = org.org,
                   .name = "calls",
                   .since = org.usage.last_call_at.value_or(now),
                   .text = "the calls of today are spent",
                   .what_to_do = "nothing: the waiting rows are sent after the reset"});
  }
  for (const HaltedSource& halt : org.usage.halted) {
    all.push_back({.event = halt.source.empty() ? events::kUnauthenticated : events::kSourceFailing,
                   .org = org.org,
                   .name = halt.source.empty() ? "all data sources" : halt.source,
                   .since = org.usage.last_call_at.value_or(now),
                   .text = "nothing is sent by itself for a while: " + cli::with_flags(halt.reason),
                   .what_to_do = "mend what the platform refuses; it is tried again by itself"});
  }
}

void judge_source(const OrgStatus& org, const SourceStatus& source, std::vector<Verdict>& all) {
  const auto add = [&](bool is_error, std::string_view event, std::string text,
                       const std::string& what_to_do) {
    all.push_back({.is_error = is_error,
                   .event = event,
                   .org = org.org,
                   .name = source.source,
                   .since = source.since,
                   .text = std::move(text),
                   .what_to_do = source.what_to_do.empty() ? what_to_do : source.what_to_do});
  };
  if (source.state == SourceState::kHeld) {
    add(false, events::kDeletesHeld, source.error.empty() ? "a snapshot is held" : source.error,
        "look at the rows; if they are right: " +
            cli::command("release " + cli::shell_word(source.source), org.org));
  } else if (source.state == SourceState::kFailing || !source.error.empty()) {
    add(true, events::kSourceFailing, source.error.empty() ? "it fails" : source.error, kSeeLog);
  }
  if (!source.warning.empty() && source.state != SourceState::kFailing) {
    all.push_back({.is_error = false,
                   .org = org.org,
                   .name = source.source,
                   .since = source.since,
                   .text = source.warning,
                   .what_to_do = "mend it where the rows come from"});
  }
  if (source.dead_letters > 0) {
    all.push_back({.is_error = false,
                   .event = events::kDeadLetters,
                   .org = org.org,
                   .name = source.source,
                   .since = source.since,
                   .text = "the platform refused " + cli::counted(source.dead_letters, "change") +
                           " for good",
                   .what_to_do = cli::command(
                       "outbox list --source " + cli::shell_word(source.source), org.org)});
  }
}

void judge_poll(const OrgStatus& org, const PollStatus& poll, std::vector<Verdict>& all) {
  if (!poll.error.empty()) {
    all.push_back({.event = events::kHandlerFailing,
                   .org = org.org,
                   .name = poll.poll,
                   .since = poll.since,
                   .text = poll.error,
                   .what_to_do = poll.what_to_do.empty() ? kSeeLog : poll.what_to_do});
  }
  if (poll.dead_letters > 0) {
    all.push_back(
        {.is_error = false,
         .event = events::kDeadLetters,
         .org = org.org,
         .name = poll.poll,
         .since = poll.since,
         .text = cli::counted(poll.dead_letters, "dead letter") + " of this poll",
         .what_to_do = cli::command("entries list --poll " + cli::shell_word(poll.poll), org.org)});
  }
}

// Nothing is said of none.
void add_count(std::string& line, std::int64_t count, const std::string& what, const char* one,
               const char* more) {
  if (count > 0) line += ", " + cli::counted(count, what) + (count == 1 ? one : more);
}

}  // namespace

std::string_view name_of(SourceState state) {
  switch (state) {
    case SourceState::kFresh:
      return "fresh";
    case SourceState::kWaiting:
      return "waiting";
    case SourceState::kHeld:
      return "held";
    case SourceState::kFailing:
      return "failing";
    case SourceState::kServed:
      return "served";
    case SourceState::kUnconfigured:
      return "unconfigured";
  }
  return "";
}

std::vector<Verdict> verdict_of(const Status& status) {
  std::vector<Verdict> all;
  judge_config(status, all);
  for (const OrgStatus& org : status.orgs) {
    judge_store(org, all);
    judge_calls(org, status.now, all);
    for (const SourceStatus& source : org.sources) judge_source(org, source, all);
    for (const PollStatus& poll : org.polls) judge_poll(org, poll, all);
  }
  all.insert(all.end(), status.more.begin(), status.more.end());
  std::stable_sort(all.begin(), all.end(), [](const Verdict& a, const Verdict& b) {
    return std::tuple(!a.is_error, a.since) < std::tuple(!b.is_error, b.since);
  });
  return all;
}

std::string status_line(const Status& status) {
  std::int64_t calls = 0;
  std::int64_t limit = 0;
  std::int64_t failing = 0;
  std::int64_t held = 0;
  std::int64_t failing_polls = 0;
  std::int64_t away = 0;
  for (const OrgStatus& org : status.orgs) {
    away += org.store_error.empty() ? 0 : 1;
    calls += org.usage.calls_today;
    limit += org.usage.limit;
    for (const SourceStatus& source : org.sources) {
      failing += source.state == SourceState::kFailing ? 1 : 0;
      held += source.state == SourceState::kHeld ? 1 : 0;
    }
    failing_polls += std::count_if(org.polls.begin(), org.polls.end(),
                                   [](const PollStatus& poll) { return !poll.error.empty(); });
  }
  std::string line = cli::counted(static_cast<std::int64_t>(status.orgs.size()), "org") + ", " +
                     cli::grouped(calls) + " of " + cli::grouped(limit) + " calls";
  add_count(line, away, "store", " fails", " fail");
  add_count(line, failing, "source", " fails", " fail");
  add_count(line, held, "source", " is held", " are held");
  add_count(line, failing_polls, "poll", " fails", " fail");
  if (away + failing + held + failing_polls == 0) line += ", all is well";
  return line;
}

}  // namespace weir::daemon
