#include "daemon/notify/event_book.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "output/command_words.h"
#include "output/numbers.h"
#include "output/report.h"

namespace weir::daemon {
namespace {

using EventJson = nlohmann::ordered_json;

constexpr Milliseconds kFirstRetry = std::chrono::seconds{10};
constexpr Milliseconds kLongestRetry = std::chrono::minutes{5};
constexpr int kMostDoublings = 5;
// A rest that is over is no end of the trouble: the next try may fail as well.
constexpr Milliseconds kSettles = std::chrono::minutes{2};

std::int64_t number_of(TimePoint time) { return time.time_since_epoch().count(); }
TimePoint time_of(const EventJson& json) {
  return TimePoint{Milliseconds(json.get<std::int64_t>())};
}

std::string dumped_event(const EventJson& json) {
  return json.dump(-1, ' ', false, EventJson::error_handler_t::replace);
}

// What lasts for a while before anybody is told.
bool is_told_late(std::string_view kind) {
  return kind == events::kSourceFailing || kind == events::kHandlerFailing;
}

bool comes_and_goes(std::string_view kind) {
  return kind == events::kSourceFailing || kind == events::kUnauthenticated;
}

const OrgStatus* org_of(const Status& status, const std::string& name) {
  const auto found = std::find_if(status.orgs.begin(), status.orgs.end(),
                                  [&](const OrgStatus& org) { return org.org == name; });
  return found == status.orgs.end() ? nullptr : &*found;
}

// Whether what is not among the troubles is known to be well: after a start a source or handler has
// yet to have its turn, and a store may not be readable.
bool is_known(const OrgStatus* org, const std::string& name) {
  if (org == nullptr) return true;
  if (org->usage.limit == 0) return false;
  const auto is_new_source = [&](const SourceStatus& source) {
    return source.source == name && !source.has_worked;
  };
  const auto is_new_poll = [&](const PollStatus& poll) {
    return poll.poll == name && !poll.has_worked;
  };
  return std::none_of(org->sources.begin(), org->sources.end(), is_new_source) &&
         std::none_of(org->polls.begin(), org->polls.end(), is_new_poll);
}

double spent_percent(const Usage& usage) {
  return usage.limit > 0 ? 100.0 * static_cast<double>(usage.calls_today + usage.outside) /
                               static_cast<double>(usage.limit)
                         : 0;
}

Verdict budget_verdict(const OrgStatus& org, TimePoint now) {
  const Usage& usage = org.usage;
  return {.is_error = false,
          .event = events::kBudget,
          .org = org.org,
          .name = "calls",
          .since = now,
          .text = cli::grouped(usage.left) + " of " + cli::counted(usage.limit, "call") +
                  " are left, and at the rate of the last hour they end before midnight" +
                  (usage.lasts_until ? ", at " + cli::iso_time(*usage.lasts_until) : ""),
          .what_to_do = cli::command("usage", org.org) + " shows what spends them, " +
                        cli::command("advise", org.org) + " what would save most"};
}

}  // namespace

Result<EventBook> EventBook::from_text(const std::string& text) {
  EventBook book;
  if (text.empty()) return book;
  const EventJson all = EventJson::parse(text, nullptr, false);
  try {
    for (const EventJson& json : all.at("events"))
      book.events_.push_back({.kind = json.at("event"),
                              .org = json.at("org"),
                              .name = json.at("name"),
                              .since = time_of(json.at("since_ms")),
                              .text = json.at("text"),
                              .what_to_do = json.at("do"),
                              .is_told = json.at("told"),
                              .gone_at = json.at("gone_ms").is_null()
                                             ? std::nullopt
                                             : std::optional(time_of(json.at("gone_ms")))});
    for (const EventJson& json : all.at("messages"))
      book.messages_.push_back({.id = json.at("id"),
                                .body = json.at("body"),
                                .made_at = time_of(json.at("made_ms")),
                                .due = time_of(json.at("due_ms")),
                                .tries = json.at("tries")});
    if (const EventJson& lost = all.at("lost"); !lost.is_null())
      book.trouble_ = Verdict{.is_error = false,
                              .name = "notify",
                              .since = time_of(lost.at("since_ms")),
                              .text = lost.at("text"),
                              .what_to_do = lost.at("do")};
  } catch (const EventJson::exception& fault) {
    return Error{.code = ErrorCode::kBadResponse, .message = fault.what()};
  }
  return book;
}

std::string EventBook::text() const {
  EventJson events = EventJson::array();
  for (const Event& event : events_)
    events.push_back(
        {{"event", event.kind},
         {"org", event.org},
         {"name", event.name},
         {"since_ms", number_of(event.since)},
         {"text", event.text},
         {"do", event.what_to_do},
         {"told", event.is_told},
         {"gone_ms", event.gone_at ? EventJson(number_of(*event.gone_at)) : EventJson()}});
  EventJson messages = EventJson::array();
  for (const Notification& message : messages_)
    messages.push_back({{"id", message.id},
                        {"body", message.body},
                        {"made_ms", number_of(message.made_at)},
                        {"due_ms", number_of(message.due)},
                        {"tries", message.tries}});
  EventJson lost;
  if (trouble_)
    lost = {{"since_ms", number_of(trouble_->since)},
            {"text", trouble_->text},
            {"do", trouble_->what_to_do}};
  return dumped_event({{"schema", 1}, {"events", events}, {"messages", messages}, {"lost", lost}});
}

void EventBook::look_at(const Status& status, const NotifySettings& settings) {
  std::vector<Verdict> wrong = verdict_of(status);
  for (const OrgStatus& org : status.orgs) {
    Verdict budget = budget_verdict(org, status.now);
    const bool is_short = org.usage.lasts_until.has_value() || find(budget) != nullptr;
    if (is_short && org.usage.left > 0 && spent_percent(org.usage) >= settings.budget_percent)
      wrong.push_back(std::move(budget));
  }
  std::erase_if(wrong, [](const Verdict& verdict) { return verdict.event.empty(); });
  for (Event& event : events_) event.is_seen = false;
  for (const Verdict& verdict : wrong) note(verdict, status, settings);
  for (auto event = events_.begin(); event != events_.end();) {
    if (event->is_seen || !has_ended(*event, status)) {
      ++event;
      continue;
    }
    if (event->is_told) tell(*event, false, status.now);
    event = events_.erase(event);
  }
}

EventBook::Event* EventBook::find(const Verdict& verdict) {
  const auto found = std::find_if(events_.begin(), events_.end(), [&](const Event& event) {
    return event.kind == verdict.event && event.org == verdict.org && event.name == verdict.name;
  });
  return found == events_.end() ? nullptr : &*found;
}

void EventBook::note(const Verdict& verdict, const Status& status, const NotifySettings& settings) {
  Event* event = find(verdict);
  if (event == nullptr)
    event = &events_.emplace_back(Event{.kind = std::string(verdict.event),
                                        .org = verdict.org,
                                        .name = verdict.name,
                                        .since = std::min(verdict.since, status.now)});
  event->text = verdict.text;
  event->what_to_do = verdict.what_to_do;
  event->gone_at.reset();
  event->is_seen = true;
  if (event->is_told) return;
  if (is_told_late(event->kind) && status.now - event->since < settings.failing_after) return;
  event->is_told = true;
  tell(*event, true, status.now);
}

bool EventBook::has_ended(Event& event, const Status& status) const {
  if (!is_known(org_of(status, event.org), event.name)) return false;
  if (!comes_and_goes(event.kind)) return true;
  if (!event.gone_at || *event.gone_at > status.now) event.gone_at = status.now;
  return status.now - *event.gone_at >= kSettles;
}

void EventBook::tell(const Event& event, bool begins, TimePoint now) {
  const std::string state = begins ? "begin" : "end";
  Notification message{.id = "weir." + event.kind + "." + event.org + "." + event.name + "." +
                             std::to_string(number_of(now)) + "." + state,
                       .made_at = now,
                       .due = now};
  message.body = dumped_event({{"schema", 1},
                               {"event", event.kind},
                               {"state", state},
                               {"org", event.org},
                               {"name", event.name},
                               {"since", cli::iso_time(event.since)},
                               {"text", begins ? event.text : "it is over: " + event.text},
                               {"do", begins ? event.what_to_do : "nothing"}});
  messages_.push_back(std::move(message));
}

void EventBook::arrived() {
  messages_.pop_front();
  trouble_.reset();
}

void EventBook::failed(const std::string& reason, TimePoint now) {
  Notification& message = messages_.front();
  const bool is_given_up = now - message.made_at >= kTriedFor;
  trouble_ = Verdict{
      .is_error = false,
      .name = "notify",
      .since = trouble_ ? trouble_->since : now,
      .text = std::string(is_given_up ? "a notification was given up after an hour: "
                                      : "a notification fails, and is tried again: ") +
              reason,
      .what_to_do = "see to the webhook or command of [notify]; this page tells all that is wrong"};
  if (is_given_up) return messages_.pop_front();
  const int doublings = static_cast<int>(std::min<std::int64_t>(message.tries++, kMostDoublings));
  message.due = now + std::min(kFirstRetry * (1 << doublings), kLongestRetry);
}

}  // namespace weir::daemon
