// The part of the outbox that turns a whole snapshot into the changes it needs (publishing.h), or
// knows it again.
#include <utility>

#include "outbox/notes.h"
#include "outbox/outbox.h"
#include "outbox/publishing.h"
#include "rows/vector_rows.h"
#include "rows/whole_read.h"

namespace weir::outbox {

// A source as it is kept, and the version that was.
struct RawVersion {
  std::optional<Fingerprint> fingerprint = {};
  std::optional<std::string> version = {};
};

namespace {

using store::Statements;

constexpr int kMostReadings = 4;

Error keeps_changing(const std::string& source) {
  return {.code = ErrorCode::kConflict,
          .message = "data source " + source +
                     ": its rows were sent by others each time that the snapshot was read; publish "
                     "again. Nothing was changed."};
}

std::optional<std::string> version_of(RowSource& rows) {
  const Result<std::optional<std::string>> version = rows.version();
  return version ? *version : std::nullopt;
}

// Nothing where the source has no raw form; what is wrong with it is told by the reading.
RawVersion raw_version(RowSource& rows, const KeyedHash& key) {
  RawVersion found{.version = version_of(rows)};
  PiecewiseFingerprint hash(key);
  const Result<bool> is_raw = rows.read_raw([&](std::string_view bytes) { hash.add(bytes); });
  if (found.version && is_raw && *is_raw) found.fingerprint = hash.value();
  return found;
}

// What the rows that were read since looked like in raw form, unless they may be others.
std::optional<Fingerprint> still_raw(RowSource& rows, const RawVersion& raw) {
  if (!raw.fingerprint || version_of(rows) != raw.version) return std::nullopt;
  return raw.fingerprint;
}

// Whether the rows are those of the digest, in whatever order. What is wrong with a row is told by
// the reading that checks it.
bool has_rows(RowSource& rows, const SnapshotDigest& digest, const KeyedHash& hash) {
  std::int64_t count = 0;
  Fingerprint sum;
  const Result<void> read = read_whole(rows, {}, [&](const Row& row) -> Result<void> {
    ++count;
    add_to(sum, hash.of_row(row));
    return {};
  });
  return read && count == digest.rows && sum == digest.sum;
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
  const Result<const KeyedHash*> hash = this->hash();
  if (!hash) return hash.error();
  const RawVersion raw = raw_version(rows, **hash);
  Result<std::optional<PublishReport>> same = recognize(source, rows, with_columns, raw, **hash);
  if (!same) return same.error();
  if (same->has_value()) {
    if (options.notes.empty() || options.dry_run) return **same;
    const auto note = [&](Statements& sql) { return keep_notes(sql, options.notes); };
    if (Result<void> noted = database_.write(note); !noted) return noted.error();
    return **same;
  }
  bool keep_all = false;
  for (int readings = 0; readings < kMostReadings; ++readings) {
    Publishing publishing(source, with_columns, limits_, sizes_, **hash, keep_all);
    const auto begin = [&](Statements& sql) { return publishing.begin(sql); };
    const auto end = [&](Statements& sql) {
      Result<std::optional<PublishReport>> ended = publishing.end(sql, now);
      if (ended && ended->has_value() && !options.dry_run)
        note_changed(sql, history_, source, publishing.changes(), now);
      return ended;
    };
    if (Result<void> begun = database_.read(begin); !begun) return begun.error();
    const Result<void> read =
        read_whole(rows, {}, [&](const Row& row) -> Result<void> { return publishing.take(row); });
    if (!read) return read.error();
    publishing.note_raw(still_raw(rows, raw));
    Result<std::optional<PublishReport>> report =
        options.dry_run ? database_.read(end) : database_.add(end);
    if (!report) return report.error();
    if (report->has_value()) {
      tell(source, publishing.take_changes());
      return **report;
    }
    keep_all = keep_all || publishing.wants_all();
  }
  return keeps_changing(source);
}

Result<std::optional<PublishReport>> Outbox::recognize(const std::string& source, RowSource& rows,
                                                       const PublishOptions& options,
                                                       const RawVersion& raw,
                                                       const KeyedHash& hash) {
  const auto no = [] { return std::optional<PublishReport>(); };
  Result<std::optional<std::string>> version = rows.version();
  if (!version) return version.error();
  // Reading twice is cheap where the source knows its version, and may be dear elsewhere.
  if (!version->has_value() || options.replace) return no();
  const auto load = [&](Statements& sql) -> Result<std::optional<SnapshotDigest>> {
    const SourceState state = load_source(sql, source);
    if (state.replace_next || !state.mirror_complete || state.is_doubtful() ||
        state.columns != options.columns)
      return std::optional<SnapshotDigest>();
    return load_digest(sql, source);
  };
  const Result<std::optional<SnapshotDigest>> known = database_.read(load);
  if (!known) return known.error();
  if (!known->has_value() || (*known)->rows == 0) return no();
  const bool has_bytes = raw.fingerprint && raw.fingerprint == (*known)->raw;
  // Other bytes may be the same rows in another order.
  if (!has_bytes && !has_rows(rows, **known, hash)) return no();
  const Result<std::optional<SnapshotDigest>> still = database_.read(load);
  if (!still) return still.error();
  if (*still != *known) return no();
  if (const auto bytes = still_raw(rows, raw); !has_bytes && bytes && !options.dry_run) {
    // To be known by its bytes the next time; that it is known does not depend on it.
    static_cast<void>(database_.write([&](Statements& sql) -> Result<void> {
      SnapshotDigest digest = **known;
      digest.raw = bytes;
      if (load_digest(sql, source) == **known)
        save_digest(sql, source, digest, load_source(sql, source).revision);
      return {};
    }));
  }
  return std::optional(PublishReport{.rows = (*known)->rows,
                                     .unchanged = (*known)->rows - (*known)->set_aside,
                                     .set_aside = (*known)->set_aside});
}

}  // namespace weir::outbox
