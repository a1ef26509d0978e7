#include "sync/log_tables.h"

#include <algorithm>

#include "rows/cells_codec.h"

namespace weir::sync {
namespace {

using store::Blob;
using store::SqlRow;
using store::SqlValue;
using store::Statements;

// Rows in one statement: a round trip each would make a remote store slow.
constexpr std::size_t kRowsPerStatement = 64;

// "($1, $2), ($3, $4)"
std::string placeholders(std::size_t rows, std::size_t columns) {
  std::string text;
  std::size_t number = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    text += row == 0 ? "(" : ", (";
    for (std::size_t column = 0; column < columns; ++column)
      text += (column == 0 ? "$" : ", $") + std::to_string(++number);
    text += ')';
  }
  return text;
}

// Calls insert(first, count) for whole groups and then for each row that is left, so that only two
// statements have to be prepared.
void in_groups(std::size_t rows, const std::function<void(std::size_t, std::size_t)>& insert) {
  std::size_t at = 0;
  for (; at + kRowsPerStatement <= rows; at += kRowsPerStatement) insert(at, kRowsPerStatement);
  for (; at < rows; ++at) insert(at, 1);
}

std::int64_t next_id(Statements& sql) {
  return sql.run("SELECT coalesce(max(id), 0) + 1 FROM sync_rows").at(0).integer(0);
}

SourceLine line_of(const SqlRow& row) {
  return {.number = row.integer(0), .kept_since = row.integer(1), .changed = row.integer(2)};
}

Scopes decoded(const std::string& bytes) {
  Result<Scopes> scopes = outbox::decode_cells(bytes);
  if (!scopes) throw store::StoreFailure(scopes.error());
  return std::move(*scopes);
}

constexpr const char* kEnded =
    "SELECT row_key, hash FROM sync_rows WHERE source = $1 AND scope = $2 AND to_edition > $3 AND "
    "to_edition <= $4 AND from_edition <= $3";
constexpr const char* kBegun =
    "SELECT r.row_key, r.hash, c.cells FROM sync_rows r JOIN sync_contents c ON c.hash = r.hash "
    "WHERE r.source = $1 AND r.scope = $2 AND r.from_edition > $3 AND r.from_edition <= $4 AND "
    "r.to_edition > $4 ORDER BY r.place";
constexpr const char* kLost =
    "SELECT row_key, hash FROM sync_rows WHERE source = $1 AND scope = $2 AND from_edition <= $3 "
    "AND to_edition > $4";
constexpr const char* kGained =
    "SELECT r.row_key, r.hash, c.cells FROM sync_rows r JOIN sync_contents c ON c.hash = r.hash "
    "WHERE r.source = $1 AND r.scope = $2 AND r.from_edition <= $3 AND r.to_edition > $4 ORDER BY "
    "r.place";

std::vector<SqlValue> parameters(const Span& span) {
  return {span.source, span.scope, span.then, span.now};
}

}  // namespace

Edition newest_edition(Statements& sql) {
  return sql.run("SELECT coalesce(max(edition), 0) FROM sync_editions").at(0).integer(0);
}

Edition oldest_edition(Statements& sql) {
  return sql.run("SELECT coalesce(min(edition), 0) FROM sync_editions").at(0).integer(0);
}

std::vector<NamedEdition> editions_after(Statements& sql, Edition edition) {
  std::vector<NamedEdition> editions;
  sql.for_each("SELECT edition, name FROM sync_editions WHERE edition > $1 ORDER BY edition",
               {edition}, [&](const SqlRow& row) {
                 editions.push_back({row.integer(0), row.integer(1)});
               });
  return editions;
}

bool has_edition(Statements& sql, const NamedEdition& edition) {
  return !sql.run("SELECT 1 FROM sync_editions WHERE edition = $1 AND name = $2",
                  {edition.edition, edition.name})
              .empty();
}

bool is_name(Statements& sql, Edition name) {
  return !sql.run("SELECT 1 FROM sync_editions WHERE name = $1", {name}).empty();
}

void add_edition(Statements& sql, const NamedEdition& edition, Edition made) {
  sql.run("INSERT INTO sync_editions (edition, name, made) VALUES ($1, $2, $3)",
          {edition.edition, edition.name, made});
}

std::optional<std::string> known_secret(Statements& sql) {
  const auto rows = sql.run("SELECT secret FROM sync_secret", {});
  if (rows.empty()) return std::nullopt;
  return rows.front().bytes(0);
}

void set_secret(Statements& sql, const std::string& secret) {
  sql.run("INSERT INTO sync_secret (id, secret) VALUES (1, $1)", {Blob{secret}});
}

void forget_everything(Statements& sql) {
  for (const char* table :
       {"sync_rows", "sync_contents", "sync_user_scopes", "sync_editions", "sync_sources"})
    sql.run(std::string("DELETE FROM ") + table);
}

Edition newest_second(Statements& sql) {
  return sql.run("SELECT coalesce(max(second), 0) FROM sync_newest_second").at(0).integer(0);
}

void set_newest_second(Statements& sql, Edition second) {
  sql.run(
      "INSERT INTO sync_newest_second (id, second) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET "
      "second = excluded.second",
      {second});
}

Edition first_edition_made_after(Statements& sql, Edition second) {
  return sql
      .run(
          "SELECT coalesce(min(edition), 0) FROM sync_editions WHERE edition > (SELECT "
          "max(edition) FROM sync_editions WHERE made <= $1)",
          {second})
      .at(0)
      .integer(0);
}

Edition oldest_of_the_newest(Statements& sql, std::int64_t count) {
  const auto rows = sql.run(
      "SELECT edition FROM sync_editions ORDER BY edition DESC LIMIT 1 OFFSET $1", {count - 1});
  return rows.empty() ? 0 : rows.front().integer(0);
}

std::optional<SourceLine> find_source(Statements& sql, const std::string& id,
                                      const std::string& rule) {
  const auto rows =
      sql.run("SELECT number, kept_since, changed FROM sync_sources WHERE id = $1 AND rule = $2",
              {id, rule});
  if (rows.empty()) return std::nullopt;
  return line_of(rows.front());
}

SourceLine begin_source(Statements& sql, const std::string& id, const std::string& rule,
                        Edition now) {
  for (const SqlRow& old : sql.run("SELECT number FROM sync_sources WHERE id = $1", {id})) {
    end_source(sql, old.integer(0), now);
  }
  // A number is never used again, for the old rows stay until they are forgotten.
  const std::int64_t number =
      sql.run("SELECT coalesce(max(number), 0) + 1 FROM sync_sources").at(0).integer(0);
  sql.run(
      "INSERT INTO sync_sources (id, number, rule, kept_since, changed) VALUES ($1, $2, $3, $4, "
      "$5) ON CONFLICT (id) DO UPDATE SET number = excluded.number, rule = excluded.rule, "
      "kept_since = excluded.kept_since, changed = excluded.changed",
      {id, number, rule, kOpen, std::int64_t{0}});
  return {.number = number};
}

void end_source(Statements& sql, std::int64_t source, Edition edition) {
  for (const char* end :
       {"UPDATE sync_rows SET to_edition = $2 WHERE source = $1 AND to_edition = $3",
        "UPDATE sync_user_scopes SET to_edition = $2 WHERE source = $1 AND to_edition = $3"})
    sql.run(end, {source, edition, kOpen});
}

void set_served(Statements& sql, std::int64_t source, Edition second) {
  sql.run("UPDATE sync_sources SET served = $2 WHERE number = $1", {source, second});
}

std::vector<std::int64_t> unserved_sources(Statements& sql, Edition since, Edition now) {
  sql.run("UPDATE sync_sources SET served = $1 WHERE served = 0 OR served > $1", {now});
  std::vector<std::int64_t> sources;
  sql.for_each(
      "SELECT number FROM sync_sources WHERE served <= $1 AND (EXISTS (SELECT 1 FROM sync_rows "
      "WHERE source = number AND to_edition = $2) OR EXISTS (SELECT 1 FROM sync_user_scopes WHERE "
      "source = number AND to_edition = $2))",
      {since, kOpen}, [&](const SqlRow& row) { sources.push_back(row.integer(0)); });
  return sources;
}

SourceLine source_line(Statements& sql, std::int64_t source) {
  const auto rows =
      sql.run("SELECT number, kept_since, changed FROM sync_sources WHERE number = $1", {source});
  if (rows.empty()) {
    throw store::StoreFailure({.code = ErrorCode::kInvalidConfig,
                               .message = "another process serves this data source by another "
                                          "rule, or other columns; restart this one"});
  }
  return line_of(rows.front());
}

void set_changed(Statements& sql, std::int64_t source, Edition edition) {
  sql.run(
      "UPDATE sync_sources SET changed = $2, kept_since = CASE WHEN kept_since = $3 THEN $2 ELSE "
      "kept_since END WHERE number = $1",
      {source, edition, kOpen});
}

void for_each_current(Statements& sql, std::int64_t source, const std::optional<Scope>& scope,
                      const std::function<void(const StoredVersion&)>& version) {
  const auto take = [&](const SqlRow& row) {
    version({.id = row.integer(0),
             .scope = row.text(1),
             .place = row.integer(2),
             .key = row.text(3),
             .hash = row.bytes(4)});
  };
  if (scope) {
    sql.for_each(
        "SELECT id, scope, place, row_key, hash FROM sync_rows WHERE source = $1 AND scope = $2 "
        "AND to_edition = $3",
        {source, *scope, kOpen}, take);
  } else {
    sql.for_each(
        "SELECT id, scope, place, row_key, hash FROM sync_rows WHERE source = $1 AND to_edition = "
        "$2",
        {source, kOpen}, take);
  }
}

bool is_current(Statements& sql, std::int64_t source, const Scope& scope, const std::string& key) {
  return !sql.run(
                 "SELECT 1 FROM sync_rows WHERE source = $1 AND scope = $2 AND to_edition = $3 AND "
                 "row_key = $4",
                 {source, scope, kOpen, key})
              .empty();
}

bool has_current(Statements& sql, std::int64_t source, const Scopes& scopes) {
  return std::any_of(scopes.begin(), scopes.end(), [&](const Scope& scope) {
    return !sql.run(
                   "SELECT 1 FROM sync_rows WHERE source = $1 AND scope = $2 AND to_edition = $3 "
                   "LIMIT 1",
                   {source, scope, kOpen})
                .empty();
  });
}

bool is_kept(Statements& sql, std::int64_t source, const Scope& scope, const std::string& user) {
  return !sql.run("SELECT 1 FROM sync_rows WHERE source = $1 AND scope = $2 LIMIT 1",
                  {source, scope})
              .empty() ||
         !sql.run("SELECT 1 FROM sync_user_scopes WHERE source = $1 AND user_name = $2 LIMIT 1",
                  {source, user})
              .empty();
}

std::int64_t last_place(Statements& sql, std::int64_t source) {
  return sql.run("SELECT coalesce(max(place), 0) FROM sync_rows WHERE source = $1", {source})
      .at(0)
      .integer(0);
}

void insert_versions(Statements& sql, std::int64_t source,
                     const std::vector<NewVersion>& versions) {
  std::int64_t id = next_id(sql);
  in_groups(versions.size(), [&](std::size_t first, std::size_t count) {
    std::vector<SqlValue> rows;
    std::vector<SqlValue> contents;
    for (std::size_t i = first; i < first + count; ++i) {
      const NewVersion& version = versions[i];
      const SqlValue values[] = {id++,          source,      version.scope,
                                 version.place, version.key, Blob{version.hash},
                                 version.from,  version.to};
      rows.insert(rows.end(), std::begin(values), std::end(values));
      contents.insert(contents.end(), {Blob{version.hash}, Blob{version.cells}});
    }
    sql.run("INSERT INTO sync_contents (hash, cells) VALUES " + placeholders(count, 2) +
                " ON CONFLICT (hash) DO NOTHING",
            contents);
    sql.run(
        "INSERT INTO sync_rows (id, source, scope, place, row_key, hash, from_edition, "
        "to_edition) VALUES " +
            placeholders(count, 8),
        rows);
  });
}

void end_versions(Statements& sql, const std::vector<std::int64_t>& ids, Edition edition) {
  in_groups(ids.size(), [&](std::size_t first, std::size_t count) {
    std::vector<SqlValue> values = {edition};
    std::string list;
    for (std::size_t i = first; i < first + count; ++i) {
      values.emplace_back(ids[i]);
      list += (list.empty() ? "$" : ", $") + std::to_string(values.size());
    }
    sql.run("UPDATE sync_rows SET to_edition = $1 WHERE id IN (" + list + ")", values);
  });
}

void end_scope(Statements& sql, std::int64_t source, const Scope& scope, Edition edition) {
  sql.run(
      "UPDATE sync_rows SET to_edition = $3 WHERE source = $1 AND scope = $2 AND to_edition = $4",
      {source, scope, edition, kOpen});
}

void for_each_visible(Statements& sql, const Page& page, const PlacedRow& row) {
  sql.for_each(
      "SELECT r.place, c.cells FROM sync_rows r JOIN sync_contents c ON c.hash = r.hash WHERE "
      "r.source = $1 AND r.scope = $2 AND r.place > $3 AND r.from_edition <= $4 AND r.to_edition > "
      "$4 ORDER BY r.place LIMIT $5",
      {page.source, page.scope, page.after, page.edition, page.most},
      [&](const SqlRow& found) { row(found.integer(0), found.bytes(1)); });
}

void for_each_ended(Statements& sql, const Span& span, const EndedRow& row) {
  sql.for_each(kEnded, parameters(span),
               [&](const SqlRow& found) { row(found.text(0), found.bytes(1)); });
}

void for_each_begun(Statements& sql, const Span& span, const BegunRow& row) {
  sql.for_each(kBegun, parameters(span),
               [&](const SqlRow& found) { row(found.text(0), found.bytes(1), found.bytes(2)); });
}

void for_each_lost(Statements& sql, const Span& span, const EndedRow& row) {
  sql.for_each(kLost, parameters(span),
               [&](const SqlRow& found) { row(found.text(0), found.bytes(1)); });
}

void for_each_gained(Statements& sql, const Span& span, const BegunRow& row) {
  sql.for_each(kGained, parameters(span),
               [&](const SqlRow& found) { row(found.text(0), found.bytes(1), found.bytes(2)); });
}

std::optional<Scopes> scopes_of(Statements& sql, std::int64_t source, const std::string& user,
                                Edition edition) {
  const auto rows = sql.run(
      "SELECT scopes FROM sync_user_scopes WHERE source = $1 AND user_name = $2 AND from_edition "
      "<= $3 AND to_edition > $3",
      {source, user, edition});
  if (rows.empty()) return std::nullopt;
  return decoded(rows.front().bytes(0));
}

void set_scopes(Statements& sql, std::int64_t source, const std::string& user, const Scopes& scopes,
                Edition edition) {
  sql.run(
      "UPDATE sync_user_scopes SET to_edition = $3 WHERE source = $1 AND user_name = $2 AND "
      "to_edition = $4",
      {source, user, edition, kOpen});
  sql.run(
      "INSERT INTO sync_user_scopes (source, user_name, scopes, from_edition, to_edition) VALUES "
      "($1, $2, $3, $4, $5)",
      {source, user, Blob{outbox::encode_cells(scopes)}, edition, kOpen});
}

void for_each_user(Statements& sql, std::int64_t source,
                   const std::function<void(const Scopes&)>& user) {
  sql.for_each("SELECT scopes FROM sync_user_scopes WHERE source = $1 AND to_edition = $2",
               {source, kOpen}, [&](const SqlRow& row) { user(decoded(row.bytes(0))); });
}

// The index has only versions that are gone; a query that uses it must say that it wants no others.
void forget_before(Statements& sql, Edition edition) {
  static const std::string kGone =
      " FROM sync_rows WHERE to_edition <= $1 AND to_edition < " + std::to_string(kOpen);
  std::vector<Blob> hashes;
  sql.for_each("SELECT DISTINCT hash" + kGone, {edition},
               [&](const SqlRow& row) { hashes.push_back({row.bytes(0)}); });
  sql.run("DELETE" + kGone, {edition});
  for (const Blob& hash : hashes) {
    sql.run(
        "DELETE FROM sync_contents WHERE hash = $1 AND NOT EXISTS (SELECT 1 FROM sync_rows WHERE "
        "sync_rows.hash = $1)",
        {hash});
  }
  sql.run("DELETE FROM sync_user_scopes WHERE to_edition <= $1", {edition});
  sql.run("UPDATE sync_sources SET kept_since = $1 WHERE kept_since < $1", {edition});
  sql.run("DELETE FROM sync_editions WHERE edition < $1", {edition});
}

}  // namespace weir::sync
