// The part of the outbox that removes all that is kept of a data source.
#include <array>
#include <string_view>

#include "outbox/outbox.h"

namespace weir::outbox {
namespace {

using store::Statements;

// Every table that has lines of a data source that is sent or polled, but for what pacing has
// learned, which ends by itself after nine days. A test knows when one is missing.
constexpr std::array<std::string_view, 7> kTables = {
    "outbox", "mirror", "dead_letters", "halts", "request_faults", "source_polls", "polled_rows"};

std::int64_t count(Statements& sql, std::string_view table, const std::string& source) {
  return sql.run("SELECT count(*) FROM " + std::string(table) + " WHERE source = $1", {source})
      .at(0)
      .integer(0);
}

Kept count_all(Statements& sql, const std::string& source) {
  return {.waiting = count(sql, "outbox", source),
          .dead_letters = count(sql, "dead_letters", source),
          .rows = count(sql, "mirror", source) + count(sql, "polled_rows", source),
          .doubt = load_source(sql, source).doubt};
}

}  // namespace

Result<std::vector<std::string>> Outbox::known_sources() {
  return database_.read([&](Statements& sql) -> Result<std::vector<std::string>> {
    std::vector<std::string> sources;
    // One that was given up before anything arrived has left its name alone.
    sql.for_each(
        "SELECT d.id AS name FROM data_sources d WHERE d.mirror_complete <> 0 OR d.replace_next <> "
        "0 OR EXISTS (SELECT 1 FROM mirror m WHERE m.source = d.id) UNION SELECT source AS name "
        "FROM outbox UNION SELECT source AS name FROM dead_letters UNION SELECT source AS name "
        "FROM source_polls ORDER BY name",
        {}, [&](const store::SqlRow& line) { sources.push_back(line.text(0)); });
    return sources;
  });
}

Result<Kept> Outbox::kept(const std::string& source) {
  return database_.read([&](Statements& sql) -> Result<Kept> { return count_all(sql, source); });
}

Result<Kept> Outbox::forget(const std::string& source) {
  return database_.write([&](Statements& sql) -> Result<Kept> {
    const Kept kept = count_all(sql, source);
    for (const std::string_view table : kTables)
      sql.run("DELETE FROM " + std::string(table) + " WHERE source = $1", {source});
    sql.run("DELETE FROM data_sources WHERE id = $1", {source});
    forget_history(sql, source);
    return kept;
  });
}

}  // namespace weir::outbox
