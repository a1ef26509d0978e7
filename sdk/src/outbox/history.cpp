#include "outbox/history.h"

#include <algorithm>
#include <utility>

#include "outbox/row_values.h"

namespace weir::outbox {
namespace {

using store::SqlRow;
using store::Statements;

// Of a large snapshot several lines, so that none takes much memory to read.
constexpr std::size_t kRowsOfALine = 4096;
constexpr std::size_t kNumberBytes = 8;
// What a line takes beside its rows, about.
constexpr std::int64_t kSpaceAround = 64;
constexpr std::int64_t kLinesAtOnce = 256;
// When the space is spent, a tenth of it is freed, so that not every line has to.
constexpr std::int64_t kFreedShare = 10;

void put(std::string& bytes, std::uint64_t number) {
  for (std::size_t i = 0; i < kNumberBytes; ++i) bytes += static_cast<char>(number >> (8 * i));
}

std::uint64_t take_number(std::string_view& bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < kNumberBytes; ++i)
    number |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  bytes.remove_prefix(kNumberBytes);
  return number;
}

HistoryLine line_of(const SqlRow& row) {
  HistoryLine line{.time = TimePoint(Milliseconds(row.integer(1))),
                   .source = row.text(2),
                   .kind = static_cast<HistoryKind>(row.integer(3))};
  if (!row.is_null(5)) line.deadline = Milliseconds(row.integer(5));
  std::string_view bytes = row.bytes(4);
  if (line.kind == HistoryKind::kLooked) {
    if (bytes.size() >= kNumberBytes) line.calls = static_cast<std::int64_t>(take_number(bytes));
    while (bytes.size() >= kNumberBytes)
      line.news.emplace_back(Milliseconds(static_cast<std::int64_t>(take_number(bytes))));
    return line;
  }
  const bool has_values = line.kind == HistoryKind::kChanged;
  const std::size_t size = has_values ? 3 * kNumberBytes : kNumberBytes;
  while (bytes.size() >= size) {
    RowChange change{.key = take_number(bytes)};
    if (has_values) {
      change.before = take_number(bytes);
      change.after = take_number(bytes);
    }
    line.rows.push_back(change);
  }
  return line;
}

std::int64_t space_of(std::int64_t body) { return body + kSpaceAround; }

// From the oldest on, whatever is too old or too much.
std::int64_t drop_oldest(Statements& sql, const HistoryOptions& options, std::int64_t bytes,
                         TimePoint now) {
  const std::int64_t horizon = (now - options.kept).time_since_epoch().count();
  const bool is_full = bytes > options.bytes;
  const std::int64_t aim = is_full ? options.bytes - options.bytes / kFreedShare : options.bytes;
  while (true) {
    std::int64_t last = 0;
    const auto lines = sql.run(
        "SELECT number, time_ms, CAST(length(body) AS BIGINT) FROM history ORDER BY number LIMIT "
        "$1",
        {kLinesAtOnce});
    for (const SqlRow& line : lines) {
      if (bytes <= aim && line.integer(1) >= horizon) break;
      last = line.integer(0);
      bytes -= space_of(line.integer(2));
    }
    if (lines.empty()) return 0;
    if (last == 0) return bytes;
    sql.run("DELETE FROM history WHERE number <= $1", {last});
    if (last != lines.back().integer(0)) return bytes;
  }
}

void add_line(Statements& sql, const HistoryOptions& options, const std::string& source,
              HistoryKind kind, std::string body, TimePoint now,
              std::optional<Milliseconds> deadline = {}) {
  const std::int64_t space = space_of(static_cast<std::int64_t>(body.size()));
  const auto size = sql.run("SELECT last, bytes FROM history_size");
  const std::int64_t number = size.at(0).integer(0) + 1;
  std::int64_t bytes = size.at(0).integer(1) + space;
  sql.run(
      "INSERT INTO history (number, time_ms, source, kind, body, deadline_ms) VALUES ($1, $2, $3, "
      "$4, $5, $6)",
      {number, now.time_since_epoch().count(), source, static_cast<std::int64_t>(kind),
       store::Blob{std::move(body)},
       deadline ? store::SqlValue(deadline->count()) : store::SqlValue()});
  if (bytes > options.bytes || number % kLinesAtOnce == 0)
    bytes = drop_oldest(sql, options, bytes, now);
  sql.run("UPDATE history_size SET last = $1, bytes = $2", {number, bytes});
}

}  // namespace

void note_changed(Statements& sql, const HistoryOptions& options, const std::string& source,
                  std::span<const RowChange> changes, TimePoint now) {
  if (!options.is_on()) return;
  const auto found = options.deadlines.find(source);
  const Milliseconds deadline = found == options.deadlines.end() ? Milliseconds{0} : found->second;
  while (!changes.empty()) {
    const std::size_t count = std::min(changes.size(), kRowsOfALine);
    std::string body;
    body.reserve(count * 3 * kNumberBytes);
    for (const RowChange& change : changes.first(count)) {
      put(body, change.key);
      put(body, change.before);
      put(body, change.after);
    }
    changes = changes.subspan(count);
    add_line(sql, options, source, HistoryKind::kChanged, std::move(body), now, deadline);
  }
}

void note_settled(Statements& sql, const HistoryOptions& options, const std::string& source,
                  HistoryKind kind, std::span<const std::string> keys, TimePoint now) {
  if (!options.is_on()) return;
  std::string body;
  body.reserve(keys.size() * kNumberBytes);
  for (const std::string& key : keys) put(body, short_key(key));
  add_line(sql, options, source, kind, std::move(body), now);
}

void note_looked(Statements& sql, const HistoryOptions& options, const std::string& poll,
                 std::int64_t calls, std::span<const TimePoint> news, TimePoint now) {
  if (!options.is_on() || (calls == 0 && news.empty())) return;
  do {
    const std::size_t count = std::min(news.size(), kRowsOfALine);
    std::string body;
    body.reserve((count + 1) * kNumberBytes);
    put(body, static_cast<std::uint64_t>(calls));
    for (const TimePoint time : news.first(count))
      put(body, static_cast<std::uint64_t>(time.time_since_epoch().count()));
    news = news.subspan(count);
    calls = 0;
    add_line(sql, options, poll, HistoryKind::kLooked, std::move(body), now);
  } while (!news.empty());
}

void forget_history(Statements& sql, const std::string& source) {
  sql.run("DELETE FROM history WHERE source = $1", {source});
  sql.run(
      "UPDATE history_size SET bytes = (SELECT CAST(coalesce(sum(length(body) + $1), 0) AS BIGINT) "
      "FROM history)",
      {kSpaceAround});
}

Result<void> read_history(store::Database& database,
                          const std::function<Result<void>(const HistoryLine&)>& take) {
  std::int64_t after = 0;
  TimePoint latest = TimePoint::min();
  while (true) {
    std::vector<HistoryLine> lines;
    Result<void> read = database.read([&](Statements& sql) -> Result<void> {
      sql.for_each(
          "SELECT number, time_ms, source, kind, body, deadline_ms FROM history WHERE number > $1 "
          "ORDER BY "
          "number LIMIT $2",
          {after, kLinesAtOnce}, [&](const SqlRow& row) {
            after = row.integer(0);
            lines.push_back(line_of(row));
          });
      return {};
    });
    if (!read) return read;
    if (lines.empty()) return {};
    for (HistoryLine& line : lines) {
      latest = line.time = std::max(line.time, latest);
      if (Result<void> taken = take(line); !taken) return taken;
    }
  }
}

}  // namespace weir::outbox
