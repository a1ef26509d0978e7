#include "daemon/entries/backfill.h"

#include <algorithm>
#include <sstream>
#include <utility>
#include <vector>

#include "daemon/entries/entry_text.h"

namespace weir::daemon {
namespace {

constexpr std::int64_t kPageEntries = 250;

std::int64_t seconds_of(TimePoint time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

// Entries that are deleted while their pages are read shift those behind them; so often does a run
// begin anew.
constexpr int kMostRestarts = 3;

// Where an order goes on, kept as "PAGE TOTAL READ".
struct Checkpoint {
  std::int64_t page = 0;
  std::int64_t total = -1;  // not known yet
  std::int64_t read = 0;    // entries of the pages before
};

std::string text_of(const Checkpoint& at) {
  return std::to_string(at.page) + " " + std::to_string(at.total) + " " + std::to_string(at.read);
}

Checkpoint checkpoint_of(const std::string& text) {
  Checkpoint at;
  std::istringstream words(text);
  return words >> at.page >> at.total >> at.read ? at : Checkpoint{};
}

class Backfill {
 public:
  Backfill(Client& client, const PollConfig& poll, const BackfillOrder& order)
      : client_(client),
        poll_(poll),
        order_(order),
        scope_("backfill/" + poll.name),
        name_(std::to_string(seconds_of(order.from)) + ".." +
              std::to_string(seconds_of(order.before))),
        queue_(client.entry_queue(poll.name)) {}

  Result<BackfillReport> run(const std::function<bool(const BackfillPlan&)>& may_go_on) {
    if (Result<void> loaded = load(); !loaded) return loaded.error();
    std::optional<FormEntriesPage> first;
    if (at_.total < 0) {
      Result<FormEntriesPage> page = read_page();
      if (!page) return page.error();
      at_.total = page->total;
      first = std::move(*page);
    }
    if (!may_go_on({.entries = at_.total,
                    .calls_spent = report_.calls,
                    .calls_to_come = calls_to_come(first ? &*first : nullptr)}))
      return report_;
    if (first) {
      if (Result<void> kept = keep(*first); !kept) return kept.error();
    }
    int restarts = 0;
    while (at_.read < at_.total) {
      if (order_.stop.stop_requested() || is_spent()) return report_;
      const Result<FormEntriesPage> page = read_page();
      if (!page) return page.error();
      const bool has_shrunk = page->total < at_.total && restarts++ < kMostRestarts;
      at_.total = page->total;
      if (has_shrunk) {
        at_.page = at_.read = 0;
        if (Result<void> noted = note(text_of(at_)); !noted) return noted.error();
        continue;
      }
      const bool is_last = page->entries.empty();
      if (Result<void> kept = keep(*page); !kept) return kept.error();
      if (is_last) break;
    }
    report_.is_complete = true;
    if (Result<void> forgotten = note(""); !forgotten) return forgotten.error();
    return report_;
  }

 private:
  // A platform may give fewer entries a page than it is asked for.
  std::int64_t calls_to_come(const FormEntriesPage* first) const {
    const std::int64_t got =
        first != nullptr ? static_cast<std::int64_t>(first->entries.size()) : 0;
    const std::int64_t left = std::max<std::int64_t>(0, at_.total - at_.read - got);
    std::int64_t a_page = first != nullptr ? got : kPageEntries;
    if (first == nullptr && at_.page > 0) a_page = at_.read / at_.page;
    a_page = std::clamp<std::int64_t>(a_page, 1, kPageEntries);
    return (left + a_page - 1) / a_page;
  }

  bool is_spent() const { return order_.max_calls && report_.calls >= *order_.max_calls; }

  Result<void> load() {
    const Result<std::vector<Note>> notes = client_.notes(scope_);
    if (!notes) return notes.error();
    for (const Note& found : *notes) {
      if (found.name == name_) at_ = checkpoint_of(found.text);
    }
    return {};
  }

  Result<void> note(const std::string& text) {
    return client_.keep_notes({{.scope = scope_, .name = name_, .text = text}});
  }

  Result<FormEntriesPage> read_page() {
    Result<FormEntriesPage> page = client_.form_entries(poll_.form)
                                       .read({.from = order_.from,
                                              .to = order_.before,
                                              .page = at_.page,
                                              .page_entries = kPageEntries,
                                              .answer_format = poll_.answer_format});
    if (page || page.error().may_have_been_sent) ++report_.calls;
    return page;
  }

  // The platform is asked up to a second, which it takes in, and entries have milliseconds.
  Result<void> keep(const FormEntriesPage& page) {
    std::vector<EntryToKeep> entries;
    for (const FormEntry& entry : page.entries) {
      if (entry.received >= order_.before) continue;
      entries.push_back(
          {.id = entry.id, .body = entry_text(entry, true), .received = entry.received});
    }
    if (Result<void> kept = queue_.keep(entries); !kept) return kept;
    report_.entries += static_cast<std::int64_t>(entries.size());
    ++at_.page;
    at_.read += static_cast<std::int64_t>(page.entries.size());
    return note(text_of(at_));
  }

  Client& client_;
  const PollConfig& poll_;
  const BackfillOrder& order_;
  const std::string scope_;
  const std::string name_;
  EntryQueue queue_;
  Checkpoint at_;
  BackfillReport report_;
};

}  // namespace

Result<BackfillReport> backfill(Client& client, const PollConfig& poll, const BackfillOrder& order,
                                const std::function<bool(const BackfillPlan&)>& may_go_on) {
  if (poll.form.empty())
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = "poll " + poll.name +
                            " is of a data source; only the entries of forms can be read again"};
  return Backfill(client, poll, order).run(may_go_on);
}

}  // namespace weir::daemon
