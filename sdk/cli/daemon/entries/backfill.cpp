#include "daemon/entries/backfill.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "daemon/entries/entry_text.h"

namespace weir::daemon {
namespace {

constexpr std::int64_t kPageEntries = 250;

std::int64_t seconds_of(TimePoint time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

// Where an order goes on, kept as "PAGE TOTAL".
struct Checkpoint {
  std::int64_t page = 0;
  std::int64_t total = -1;  // not known yet
};

class Backfill {
 public:
  Backfill(Client& client, const PollConfig& poll, const BackfillOrder& order)
      : client_(client),
        poll_(poll),
        order_(order),
        scope_("backfill/" + poll.name),
        name_(std::to_string(seconds_of(order.from)) + ".." + std::to_string(seconds_of(order.to))),
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
    const std::int64_t pages =
        std::max<std::int64_t>(1, (at_.total + kPageEntries - 1) / kPageEntries);
    const std::int64_t to_come = std::max<std::int64_t>(0, pages - at_.page - report_.calls);
    if (!may_go_on({.entries = at_.total, .calls_spent = report_.calls, .calls_to_come = to_come}))
      return report_;
    if (first) {
      if (Result<void> kept = keep(*first); !kept) return kept.error();
    }
    while (at_.page < pages) {
      if (order_.stop.stop_requested() || is_spent()) return report_;
      const Result<FormEntriesPage> page = read_page();
      if (!page) return page.error();
      const bool is_last = page->entries.empty();
      if (Result<void> kept = keep(*page); !kept) return kept.error();
      if (is_last) break;
    }
    report_.is_complete = true;
    if (Result<void> forgotten = note(""); !forgotten) return forgotten.error();
    return report_;
  }

 private:
  bool is_spent() const { return order_.max_calls && report_.calls >= *order_.max_calls; }

  Result<void> load() {
    const Result<std::vector<Note>> notes = client_.notes(scope_);
    if (!notes) return notes.error();
    for (const Note& found : *notes) {
      if (found.name != name_) continue;
      const char* end = found.text.data() + found.text.size();
      const auto [after, page_error] = std::from_chars(found.text.data(), end, at_.page);
      if (page_error == std::errc{} && after < end) std::from_chars(after + 1, end, at_.total);
    }
    return {};
  }

  Result<void> note(const std::string& text) {
    return client_.keep_notes({{.scope = scope_, .name = name_, .text = text}});
  }

  Result<FormEntriesPage> read_page() {
    Result<FormEntriesPage> page = client_.form_entries(poll_.form)
                                       .read({.from = order_.from,
                                              .to = order_.to,
                                              .page = at_.page,
                                              .page_entries = kPageEntries,
                                              .answer_format = poll_.answer_format});
    if (page || page.error().may_have_been_sent) ++report_.calls;
    return page;
  }

  Result<void> keep(const FormEntriesPage& page) {
    std::vector<EntryToKeep> entries;
    for (const FormEntry& entry : page.entries)
      entries.push_back(
          {.id = entry.id, .body = entry_text(entry, true), .received = entry.received});
    if (Result<void> kept = queue_.keep(entries); !kept) return kept;
    report_.entries += static_cast<std::int64_t>(entries.size());
    ++at_.page;
    return note(std::to_string(at_.page) + " " + std::to_string(at_.total));
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
