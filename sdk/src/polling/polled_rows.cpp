#include "polling/polled_rows.h"

#include <unordered_map>

#include "rows/keyed_hash.h"
#include "store/row_secret.h"

namespace weir::polling {
namespace {

std::int64_t number(TimePoint time) { return time.time_since_epoch().count(); }

outbox::KeyedHash hash_of(store::Statements& sql) {
  return outbox::KeyedHash(store::load_row_secret(sql));
}

void set_hash(store::Statements& sql, const std::string& source, const std::string& key,
              const std::string& hash) {
  sql.run(R"(INSERT INTO polled_rows (source, row_key, hash) VALUES ($1, $2, $3)
             ON CONFLICT (source, row_key) DO UPDATE SET hash = excluded.hash)",
          {source, key, store::Blob{hash}});
}

}  // namespace

Result<std::optional<LastLook>> PolledRows::last_look(const std::string& source) {
  using Found = std::optional<LastLook>;
  return database_.read([&](store::Statements& sql) -> Result<Found> {
    const auto rows =
        sql.run("SELECT last_updated, row_count, looked_at_ms FROM source_polls WHERE source = $1",
                {source});
    if (rows.empty()) return Found();
    return Found(LastLook{.last_updated = rows[0].text(0),
                          .rows = rows[0].integer(1),
                          .at = TimePoint(Milliseconds(rows[0].integer(2)))});
  });
}

Result<RowDifferences> PolledRows::difference(const std::string& source,
                                              const std::vector<Row>& rows) {
  return database_.read([&](store::Statements& sql) -> Result<RowDifferences> {
    const outbox::KeyedHash hash = hash_of(sql);
    std::unordered_map<std::string, std::string> seen;
    sql.for_each("SELECT row_key, hash FROM polled_rows WHERE source = $1", {source},
                 [&](const store::SqlRow& row) { seen.emplace(row.text(0), row.bytes(1)); });
    RowDifferences found;
    for (const Row& row : rows) {
      const auto before = seen.find(row.front());
      if (before == seen.end()) {
        found.changes.changed.push_back(row);
        continue;
      }
      std::string now = hash.of(row);
      if (before->second == outbox::unkeyed_hash(row)) {
        found.keyed.emplace_back(row.front(), std::move(now));
      } else if (before->second != now) {
        found.changes.changed.push_back(row);
      }
      seen.erase(before);
    }
    for (const auto& line : seen) found.changes.deleted.push_back(line.first);
    return found;
  });
}

Result<void> PolledRows::keep(const std::string& source, const RowDifferences& found,
                              const LastLook& look) {
  return database_.write([&](store::Statements& sql) -> Result<void> {
    const outbox::KeyedHash hash = hash_of(sql);
    for (const Row& row : found.changes.changed) set_hash(sql, source, row.front(), hash.of(row));
    for (const auto& [key, keyed] : found.keyed) set_hash(sql, source, key, keyed);
    for (const std::string& key : found.changes.deleted)
      sql.run("DELETE FROM polled_rows WHERE source = $1 AND row_key = $2", {source, key});
    sql.run(R"(INSERT INTO source_polls (source, last_updated, row_count, looked_at_ms)
               VALUES ($1, $2, $3, $4)
               ON CONFLICT (source) DO UPDATE SET last_updated = excluded.last_updated,
                 row_count = excluded.row_count, looked_at_ms = excluded.looked_at_ms)",
            {source, look.last_updated, look.rows, number(look.at)});
    return {};
  });
}

}  // namespace weir::polling
