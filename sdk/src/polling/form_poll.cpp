#include "polling/form_poll.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace weir {
namespace {

// Entries that are deleted while their pages are read shift those behind them; so often is the
// search begun anew in one look.
constexpr int kMostRestarts = 3;

Error stopped(const std::string& form) {
  return {.code = ErrorCode::kCancelled,
          .message = "stopped polling form " + form + "; the next look goes on from here"};
}

Error looked_at_elsewhere(const std::string& form) {
  return {.code = ErrorCode::kBusy,
          .message = "another process is looking at form " + form + "; no call was made"};
}

Error same_again(const std::string& form) {
  return {.code = ErrorCode::kBadResponse,
          .message = "the platform answers the next page of entries of form " + form +
                     " with those of the page before; the search was ended",
          .may_have_been_sent = true};
}

// Keeps the ids of this page for the next one.
bool has_nothing_new(const api::FormPage& page, std::set<std::string>& before) {
  std::set<std::string> ids;
  for (const FormEntry& entry : page.entries) ids.insert(entry.id);
  const bool is_old =
      !ids.empty() && std::includes(before.begin(), before.end(), ids.begin(), ids.end());
  before = std::move(ids);
  return is_old;
}

// The platform's programs write the year 1 where they have no time. Such an entry has no place in
// the order, and is known by its id alone.
std::optional<TimePoint> receipt_of(const FormEntry& entry) {
  if (entry.received <= TimePoint{}) return std::nullopt;
  return entry.received;
}

}  // namespace

FormPoll::FormPoll(FormPollSeams seams, std::string form, EntryHandler handler,
                   FormPollOptions options)
    : seams_(std::move(seams)),
      form_(std::move(form)),
      handler_(std::move(handler)),
      options_(std::move(options)),
      checkpoints_(seams_.database) {}

Result<std::optional<TimePoint>> FormPoll::last_look() {
  Result<polling::FormPlace> place = checkpoints_.place(form_);
  if (!place) return place.error();
  return place->looked_at;
}

LookReport FormPoll::hand_over(const Context& context) {
  LookReport report;
  auto lease = seams_.leases.try_take("poll of form " + form_, seams_.platform.call_timeout());
  if (!lease || !lease->has_value()) {
    report.error = lease ? looked_at_elsewhere(form_) : lease.error();
    return report;
  }
  Result<void> done = hand_delivered_over(report, context);
  if (done) done = hand_waiting_over(report, context);
  if (!done) report.error = done.error();
  return report;
}

LookReport FormPoll::look(const Context& context) {
  LookReport report;
  auto lease = seams_.leases.try_take("poll of form " + form_, seams_.platform.call_timeout());
  if (!lease || !lease->has_value()) {
    report.error = lease ? looked_at_elsewhere(form_) : lease.error();
    return report;
  }
  Result<void> done = read_pages(report, context);
  if (!done) report.error = done.error();
  return report;
}

Result<void> FormPoll::read_pages(LookReport& report, const Context& context) {
  Result<polling::FormPlace> place = checkpoints_.place(form_);
  if (!place) return place.error();
  report.is_telling = place->looked_at.has_value();
  newest_found_.reset();
  since_ = place->newest ? TimePoint{} : std::max(TimePoint{}, options_.since);
  for (int restarts = 0;; ++restarts) {
    Result<TimePoint> from = search_from();
    if (!from) return from.error();
    Result<bool> whole = read_pages_from(*from, report, context);
    if (!whole) return whole.error();
    if (!*whole && restarts < kMostRestarts) continue;
    // Where nothing was found, the next search begins as this one.
    if (!newest_found_ && since_ <= seams_.clock->now()) newest_found_ = since_;
    if (newest_found_) newest_found_ = std::min(*newest_found_, served_at_);
    return checkpoints_.looked(form_, *from, newest_found_, seams_.clock->now());
  }
}

// A page that is full by the platform's own measure is followed by another. False: the total fell,
// or the search began in the future, where an earlier entry has led it.
Result<bool> FormPoll::read_pages_from(TimePoint from, LookReport& report, const Context& context) {
  std::int64_t read = 0;
  std::int64_t total = 0;
  std::set<std::string> page_before;
  for (std::int64_t number = 0;; ++number) {
    if (context.is_stopped()) return stopped(form_);
    Result<api::FormPage> page = read_page(from, number, context);
    if (page || page.error().may_have_been_sent) ++report.calls;
    if (!page) return page.error();
    served_at_ = page->served_at.value_or(TimePoint::max());
    if (from > served_at_) {
      if (Result<void> back = checkpoints_.set_back(form_, served_at_); !back) return back.error();
      return false;
    }
    if (page->total < total) return false;
    if (has_nothing_new(*page, page_before)) return same_again(form_);
    total = page->total;
    for (const FormEntry& entry : page->entries) {
      if (!is_left_alone(entry)) newest_found_ = std::max(newest_found_, receipt_of(entry));
    }
    const auto got = static_cast<std::int64_t>(page->entries.size());
    read += got;
    Result<void> done = hand_page_over(std::move(page->entries), report, context);
    report.has_answer = !done;
    if (!done) return done.error();
    if (got == 0 || read >= total) return true;
  }
}

bool FormPoll::is_left_alone(const FormEntry& entry) const {
  return receipt_of(entry).value_or(since_) < since_;
}

// The first search reaches back before `since` like all others, so that it meets the entries that
// later ones would.
Result<TimePoint> FormPoll::search_from() {
  Result<polling::FormPlace> place = checkpoints_.place(form_);
  if (!place) return place.error();
  const TimePoint begin =
      place->newest.value_or(std::min({since_, seams_.clock->now(), served_at_}));
  return TimePoint(std::chrono::floor<std::chrono::seconds>(begin - options_.overlap));
}

Result<api::FormPage> FormPoll::read_page(TimePoint from, std::int64_t page,
                                          const Context& context) {
  return seams_.platform.search({.form = form_,
                                 .from = from,
                                 .answer_format = options_.answer_format,
                                 .page = page,
                                 .page_entries = options_.page_entries},
                                "poll", context);
}

Result<void> FormPoll::hand_page_over(std::vector<FormEntry> entries, LookReport& report,
                                      const Context& context) {
  std::move(entries.begin(), entries.end(), std::back_inserter(waiting_));
  return hand_waiting_over(report, context);
}

Result<void> FormPoll::hand_waiting_over(LookReport& report, const Context& context) {
  std::vector<std::string> ids;
  for (const FormEntry& entry : waiting_) ids.push_back(entry.id);
  Result<std::vector<bool>> handled = checkpoints_.are_handled(form_, ids);
  if (!handled) return handled.error();
  for (const bool was_handled : *handled) {
    if (context.is_stopped()) return stopped(form_);
    const FormEntry& entry = waiting_.front();
    if (!was_handled && is_left_alone(entry)) {
      const auto noted = checkpoints_.left_alone(form_, entry.id, seams_.clock->now());
      if (!noted) return noted;
    } else if (!was_handled) {
      if (Result<void> done = handle(entry, receipt_of(entry)); !done) return done;
      ++report.found;
      if (report.is_telling) report.news.push_back(entry.received);
    }
    waiting_.pop_front();
  }
  return {};
}

Result<void> FormPoll::hand_delivered_over(LookReport& report, const Context& context) {
  Result<std::vector<polling::KeptEntry>> kept = checkpoints_.kept(form_);
  if (!kept) return kept.error();
  for (const polling::KeptEntry& delivered : *kept) {
    if (context.is_stopped()) return stopped(form_);
    FormEntry entry = api::parse_form_entry(delivered.json);
    // As it was kept, so that it is forgotten there.
    entry.id = delivered.id;
    if (Result<void> done = handle(entry, std::nullopt); !done) return done;
    ++report.found;
  }
  return {};
}

Result<void> FormPoll::handle(const FormEntry& entry, std::optional<TimePoint> found_received) {
  if (Result<void> done = handler_(entry); !done) {
    // Whatever its code, the rest is that of something which may work the next time.
    return Error{.code = ErrorCode::kUnavailable,
                 .message = "the handler of form " + form_ + " failed on entry " + entry.id + ": " +
                            done.error().message + "; it is called again"};
  }
  return checkpoints_.handled(form_, entry.id, found_received, seams_.clock->now(), served_at_);
}

}  // namespace weir
