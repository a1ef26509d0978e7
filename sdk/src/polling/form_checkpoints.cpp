#include "polling/form_checkpoints.h"

#include <algorithm>

namespace weir::polling {
namespace {

// A delivery does not say where the search will find its entry, so its id is kept longer than any
// search goes back.
constexpr Milliseconds kDeliveredIdsKept = std::chrono::hours{24 * 30};

std::int64_t number(TimePoint time) { return time.time_since_epoch().count(); }

store::SqlValue number_or_null(std::optional<TimePoint> time) {
  return time ? store::SqlValue(number(*time)) : store::SqlValue();
}

void move_on(store::Statements& sql, const std::string& form, TimePoint newest) {
  sql.run(R"(INSERT INTO form_polls (form, newest_ms) VALUES ($1, $2)
             ON CONFLICT (form) DO UPDATE SET newest_ms = excluded.newest_ms
             WHERE form_polls.newest_ms IS NULL OR form_polls.newest_ms < excluded.newest_ms)",
          {form, number(newest)});
}

std::optional<TimePoint> time_of(const store::SqlRow& row, std::size_t column) {
  if (row.is_null(column)) return std::nullopt;
  return TimePoint(Milliseconds(row.integer(column)));
}

}  // namespace

Result<FormPlace> FormCheckpoints::place(const std::string& form) {
  return database_.read([&](store::Statements& sql) -> Result<FormPlace> {
    const auto rows =
        sql.run("SELECT newest_ms, looked_at_ms FROM form_polls WHERE form = $1", {form});
    if (rows.empty()) return FormPlace{};
    return FormPlace{.newest = time_of(rows[0], 0), .looked_at = time_of(rows[0], 1)};
  });
}

Result<std::vector<bool>> FormCheckpoints::are_handled(const std::string& form,
                                                       const std::vector<std::string>& ids) {
  return database_.read([&](store::Statements& sql) -> Result<std::vector<bool>> {
    std::vector<bool> handled;
    for (const std::string& id : ids) {
      handled.push_back(
          !sql.run("SELECT 1 FROM handled_entries WHERE form = $1 AND entry_id = $2", {form, id})
               .empty());
    }
    return handled;
  });
}

Result<void> FormCheckpoints::handled(const std::string& form, const std::string& id,
                                      std::optional<TimePoint> found_received, TimePoint now,
                                      TimePoint latest) {
  return database_.write([&](store::Statements& sql) -> Result<void> {
    sql.run(R"(INSERT INTO handled_entries (form, entry_id, received_ms, noted_ms)
               VALUES ($1, $2, $3, $4)
               ON CONFLICT (form, entry_id) DO UPDATE SET received_ms = excluded.received_ms)",
            {form, id, number_or_null(found_received), number(now)});
    sql.run("DELETE FROM delivered_entries WHERE form = $1 AND entry_id = $2", {form, id});
    if (found_received) move_on(sql, form, std::min(*found_received, latest));
    return {};
  });
}

Result<void> FormCheckpoints::left_alone(const std::string& form, const std::string& id,
                                         TimePoint now) {
  return database_.write([&](store::Statements& sql) -> Result<void> {
    sql.run(R"(INSERT INTO handled_entries (form, entry_id, received_ms, noted_ms)
               VALUES ($1, $2, NULL, $3) ON CONFLICT (form, entry_id) DO NOTHING)",
            {form, id, number(now)});
    return {};
  });
}

Result<void> FormCheckpoints::set_back(const std::string& form, TimePoint newest) {
  return database_.write([&](store::Statements& sql) -> Result<void> {
    sql.run("UPDATE form_polls SET newest_ms = $2 WHERE form = $1 AND newest_ms > $2",
            {form, number(newest)});
    return {};
  });
}

Result<void> FormCheckpoints::looked(const std::string& form, TimePoint from,
                                     std::optional<TimePoint> newest, TimePoint now) {
  return database_.write([&](store::Statements& sql) -> Result<void> {
    sql.run(R"(INSERT INTO form_polls (form, looked_at_ms) VALUES ($1, $2)
               ON CONFLICT (form) DO UPDATE SET looked_at_ms = excluded.looked_at_ms)",
            {form, number(now)});
    if (newest) move_on(sql, form, *newest);
    sql.run("DELETE FROM handled_entries WHERE form = $1 AND received_ms < $2",
            {form, number(from)});
    sql.run("DELETE FROM handled_entries WHERE form = $1 AND received_ms IS NULL AND noted_ms < $2",
            {form, number(now - kDeliveredIdsKept)});
    return {};
  });
}

Result<bool> FormCheckpoints::keep(const std::string& form, const KeptEntry& entry, TimePoint now) {
  return database_.write([&](store::Statements& sql) -> Result<bool> {
    const auto kept = sql.run(
        R"(INSERT INTO delivered_entries (form, entry_id, json, noted_ms)
           SELECT $1, $2, $3, $4
           WHERE NOT EXISTS (SELECT 1 FROM handled_entries WHERE form = $1 AND entry_id = $2)
           ON CONFLICT (form, entry_id) DO NOTHING RETURNING entry_id)",
        {form, entry.id, entry.json, number(now)});
    return !kept.empty();
  });
}

Result<std::vector<KeptEntry>> FormCheckpoints::kept(const std::string& form) {
  return database_.read([&](store::Statements& sql) -> Result<std::vector<KeptEntry>> {
    std::vector<KeptEntry> entries;
    for (const store::SqlRow& row :
         sql.run(R"(SELECT entry_id, json FROM delivered_entries WHERE form = $1
                    ORDER BY noted_ms, entry_id LIMIT 1000)",
                 {form}))
      entries.push_back({.id = row.text(0), .json = row.text(1)});
    return entries;
  });
}

}  // namespace weir::polling
