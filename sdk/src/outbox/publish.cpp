// The part of the outbox that turns a whole snapshot into the changes it needs (publishing.h), or
// knows it again.
#include <utility>

#include "outbox/outbox.h"
#include "outbox/publishing.h"
#include "outbox/vector_rows.h"

namespace weir::outbox {
namespace {

using store::Statements;

constexpr int kMostReadings = 4;

Error keeps_changing(const std::string& source) {
  return {.code = ErrorCode::kLocked,
          .message = "data source " + source +
                     ": its rows were sent by others each time that the snapshot was read; publish "
                     "again. Nothing was changed."};
}

}  // namespace

Result<PublishReport> Outbox::publish(const std::string& source, const std::vector<Row>& rows,
                                      const PublishOptions& options, TimePoint now) {
  VectorRows in_memory(rows, options.columns);
  return publish(source, in_memory, options, now);
}

Result<PublishReport> Outbox::publish(const std::string& source, RowSource& rows,
                                      const PublishOptions& options, TimePoint now) {
  PublishOptions with_columns = options;
  Result<std::vector<std::string>> columns = rows.columns();
  if (!columns) return columns.error();
  if (!columns->empty()) with_columns.columns = std::move(*columns);
  Result<std::optional<PublishReport>> same = recognize(source, rows, with_columns);
  if (!same) return same.error();
  if (same->has_value()) return **same;
  bool keep_all = false;
  for (int readings = 0; readings < kMostReadings; ++readings) {
    Publishing publishing(source, with_columns, limits_, keep_all);
    const auto begin = [&](Statements& sql) { return publishing.begin(sql); };
    const auto end = [&](Statements& sql) { return publishing.end(sql, now); };
    if (Result<void> begun = database_.read(begin); !begun) return begun.error();
    const Result<void> read =
        rows.read({}, [&](const Row& row) -> Result<void> { return publishing.take(row); });
    if (!read) return read.error();
    Result<std::optional<PublishReport>> report =
        options.dry_run ? database_.read(end) : database_.write(end);
    if (!report) return report.error();
    if (report->has_value()) {
      tell(source, publishing.take_changes(), now);
      return **report;
    }
    keep_all = keep_all || publishing.wants_all();
  }
  return keeps_changing(source);
}

Result<std::optional<PublishReport>> Outbox::recognize(const std::string& source, RowSource& rows,
                                                       const PublishOptions& options) {
  const auto no = [] { return std::optional<PublishReport>(); };
  Result<std::optional<std::string>> version = rows.version();
  if (!version) return version.error();
  // Reading twice is cheap where the source knows its version, and may be dear elsewhere.
  if (!version->has_value() || options.replace) return no();
  const auto load = [&](Statements& sql) -> Result<std::optional<SnapshotDigest>> {
    const SourceState state = load_source(sql, source);
    if (state.replace_next || !state.mirror_complete || state.doubtful ||
        state.columns != options.columns)
      return std::optional<SnapshotDigest>();
    return load_digest(sql, source);
  };
  const Result<std::optional<SnapshotDigest>> known = database_.read(load);
  if (!known) return known.error();
  if (!known->has_value() || (*known)->rows == 0) return no();
  SnapshotDigest found;
  const Result<void> read = rows.read({}, [&](const Row& row) -> Result<void> {
    ++found.rows;
    add_to(found.sum, fingerprint_of(row));
    return {};
  });
  // What is wrong with a row is told by the reading that checks it.
  if (!read || !(found == **known)) return no();
  const Result<std::optional<SnapshotDigest>> still = database_.read(load);
  if (!still) return still.error();
  if (*still != *known) return no();
  return std::optional(PublishReport{.rows = found.rows, .unchanged = found.rows});
}

}  // namespace weir::outbox
