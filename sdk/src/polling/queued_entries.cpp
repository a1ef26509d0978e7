#include "polling/queued_entries.h"

#include <weir/foreign_words.h>

#include <algorithm>

#include "rows/row_check.h"
#include "text/printable.h"
#include "text/shortened.h"

namespace weir::polling {
namespace {

constexpr const char* kColumns =
    "number, queue, entry_id, received_ms, kept_ms, attempts, due_ms, reason, dead";

TimePoint time_at(std::int64_t milliseconds) { return TimePoint(Milliseconds(milliseconds)); }
std::int64_t milliseconds(TimePoint time) { return time.time_since_epoch().count(); }

QueuedEntry entry_of(const store::SqlRow& row) {
  return {.number = row.integer(0),
          .queue = row.text(1),
          .id = row.text(2),
          .received = time_at(row.integer(3)),
          .kept_at = time_at(row.integer(4)),
          .attempts = row.integer(5),
          .due = time_at(row.integer(6)),
          .reason = row.text(7),
          .is_dead_letter = row.integer(8) != 0};
}

std::int64_t count_waiting(store::Statements& sql, const std::string& queue) {
  return sql.run("SELECT count(*) FROM queued_entries WHERE queue = $1 AND dead = 0", {queue})
      .at(0)
      .integer(0);
}

// None is given twice, also after it was forgotten.
std::int64_t next_number(store::Statements& sql) {
  return sql.run("UPDATE queued_entry_numbers SET last = last + 1 RETURNING last").at(0).integer(0);
}

// The words of another server, as any store can keep them.
std::string kept_reason(const std::string& reason) {
  constexpr std::size_t kLongest = 4096;
  return text::shortened(text::printable(reason), kLongest);
}

// Said alike of every store, though a file would keep any bytes.
Result<void> check(const EntryToKeep& entry, const std::string& queue) {
  const bool is_text = !outbox::first_invalid_byte(entry.id);
  if (is_text && !outbox::first_invalid_byte(entry.body)) return {};
  const std::string which =
      is_text ? "the body of the entry " + foreign_words(entry.id) : "the id of an entry";
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = which + " for the queue " + queue +
                          " is not valid UTF-8 text, or has a NUL in it; none was kept"};
}

bool is_meant_by(const std::string& id, const QueuedEntry& entry) {
  return id == entry.id || id == std::to_string(entry.number);
}

bool is_chosen(const QueuedEntry& entry, const EntryChoice& choice) {
  if (!choice.queue.empty() && choice.queue != entry.queue) return false;
  return choice.ids.empty() ||
         std::any_of(choice.ids.begin(), choice.ids.end(),
                     [&](const std::string& id) { return is_meant_by(id, entry); });
}

std::string named(const QueuedEntry& entry) {
  return "entry " + foreign_words(entry.id) + " of " + foreign_words(entry.queue) + " (number " +
         std::to_string(entry.number) + ")";
}

// An id is the platform's, may look like a number, and may be in several queues.
Result<void> require_one_meaning(const std::vector<std::string>& ids,
                                 const std::vector<QueuedEntry>& entries) {
  for (const std::string& id : ids) {
    const auto is_meant = [&](const QueuedEntry& entry) { return is_meant_by(id, entry); };
    const auto one = std::find_if(entries.begin(), entries.end(), is_meant);
    if (one == entries.end()) continue;
    const auto other = std::find_if(one + 1, entries.end(), is_meant);
    if (other == entries.end()) continue;
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = foreign_words(id) + " means " + named(*one) + " as well as " +
                            named(*other) +
                            "; nothing was changed. Give a number or an id that only the one has, "
                            "or say of which poll"};
  }
  return {};
}

// Of a choice whose ids mean one entry each.
Result<std::vector<QueuedEntry>> entries_to_change(store::Statements& sql,
                                                   const EntryChoice& choice) {
  std::vector<QueuedEntry> entries = list_entries(sql, choice);
  if (Result<void> clear = require_one_meaning(choice.ids, entries); !clear) return clear.error();
  return entries;
}

}  // namespace

Result<void> keep_entries(store::Statements& sql, const std::string& queue,
                          const std::vector<EntryToKeep>& entries, TimePoint now) {
  for (const EntryToKeep& entry : entries)
    if (Result<void> usable = check(entry, queue); !usable) return usable;
  const std::int64_t waiting = count_waiting(sql, queue);
  if (waiting >= kMostQueued)
    return Error{.code = ErrorCode::kOutboxFull,
                 .message = std::to_string(waiting) + " entries of " + queue +
                            " wait to be handed on; no more are taken before that"};
  for (const EntryToKeep& entry : entries) {
    const std::int64_t number = next_number(sql);
    sql.run(R"(INSERT INTO queued_entries
                 (number, queue, entry_id, body, received_ms, kept_ms, attempts, due_ms, reason, dead)
               VALUES ($1, $2, $3, $4, $5, $6, 0, 0, '', 0)
               ON CONFLICT (queue, entry_id) DO NOTHING)",
            {number, queue, entry.id.empty() ? queue + "-" + std::to_string(number) : entry.id,
             entry.body, milliseconds(entry.received), milliseconds(now)});
  }
  return {};
}

std::vector<QueuedEntry> first_entries(store::Statements& sql, const std::string& queue,
                                       std::size_t most) {
  std::vector<QueuedEntry> entries;
  for (const store::SqlRow& row :
       sql.run(std::string("SELECT ") + kColumns + R"(, body FROM queued_entries
               WHERE queue = $1 AND dead = 0 ORDER BY number LIMIT $2)",
               {queue, static_cast<std::int64_t>(most)})) {
    entries.push_back(entry_of(row));
    entries.back().body = row.text(9);
  }
  return entries;
}

void forget_entries(store::Statements& sql, const std::string& queue,
                    const std::vector<std::int64_t>& numbers) {
  for (const std::int64_t number : numbers)
    sql.change("DELETE FROM queued_entries WHERE number = $1 AND queue = $2", {number, queue});
}

void note_failure(store::Statements& sql, std::int64_t number, const std::string& reason,
                  TimePoint due) {
  sql.change(R"(UPDATE queued_entries SET attempts = attempts + 1, reason = $2, due_ms = $3
                WHERE number = $1)",
             {number, kept_reason(reason), milliseconds(due)});
}

void bury_entry(store::Statements& sql, std::int64_t number, const std::string& reason) {
  sql.change(R"(UPDATE queued_entries SET attempts = attempts + 1, reason = $2, dead = 1
                WHERE number = $1)",
             {number, kept_reason(reason)});
}

EntryQueueState queue_state(store::Statements& sql, const std::string& queue) {
  EntryQueueState state;
  for (const store::SqlRow& row : sql.run(R"(SELECT dead, count(*), min(kept_ms) FROM queued_entries
                  WHERE queue = $1 GROUP BY dead)",
                                          {queue})) {
    if (row.integer(0) != 0) {
      state.dead_letters = row.integer(1);
    } else {
      state.waiting = row.integer(1);
      state.oldest_kept_at = time_at(row.integer(2));
    }
  }
  return state;
}

std::vector<QueuedEntry> list_entries(store::Statements& sql, const EntryChoice& choice) {
  std::vector<QueuedEntry> entries;
  sql.for_each(std::string("SELECT ") + kColumns + " FROM queued_entries ORDER BY number", {},
               [&](const store::SqlRow& row) {
                 QueuedEntry entry = entry_of(row);
                 if (is_chosen(entry, choice)) entries.push_back(std::move(entry));
               });
  return entries;
}

Result<std::int64_t> retry_entries(store::Statements& sql, const EntryChoice& choice,
                                   TimePoint now) {
  const Result<std::vector<QueuedEntry>> entries = entries_to_change(sql, choice);
  if (!entries) return entries.error();
  std::int64_t count = 0;
  for (const QueuedEntry& entry : *entries) {
    // What waits and was never refused needs no person.
    if (!entry.is_dead_letter && entry.due <= now) continue;
    count +=
        sql.change("UPDATE queued_entries SET attempts = 0, due_ms = 0, dead = 0 WHERE number = $1",
                   {entry.number});
  }
  return count;
}

Result<std::int64_t> drop_entries(store::Statements& sql, const EntryChoice& choice) {
  const Result<std::vector<QueuedEntry>> entries = entries_to_change(sql, choice);
  if (!entries) return entries.error();
  std::int64_t count = 0;
  for (const QueuedEntry& entry : *entries) {
    if (!entry.is_dead_letter && choice.ids.empty()) continue;
    count += sql.change("DELETE FROM queued_entries WHERE number = $1", {entry.number});
  }
  return count;
}

}  // namespace weir::polling
