// The part of the core that reads what the platform has: each page is a call.
#include <utility>

#include "core.h"
#include "outbox/diff.h"
#include "outbox/platform_rows.h"

namespace weir {

// The writer lease keeps our own processes from changing the rows while they are read.
Result<budget::Lease> Core::take_writer(const std::string& source) {
  auto writer =
      leases_.take_any({budget::writer_lease_name(source)}, options_.call_timeout, options_.wait);
  if (!writer) return writer.error();
  if (writer->has_value()) return std::move(**writer);
  return Error{.code = ErrorCode::kLocked,
               .message = "another process is sending to data source " + source};
}

Result<std::int64_t> Core::adopt(const std::string& source) {
  const Result<budget::Lease> writer = take_writer(source);
  if (!writer) return writer.error();
  outbox::PlatformRows rows;
  const auto take = [&](const api::Page& page) -> Result<void> {
    for (const Row& row : page.rows) {
      if (Result<void> added = rows.add(row); !added) return added;
    }
    return {};
  };
  const Result<ReadPages> read = reading_.read_pages(
      {.source = source, .page_rows = options_.limits.page_rows, .reason = "adopt"}, take);
  if (!read) return read.error();
  if (Result<void> kept = outbox_.adopt(source, read->columns, rows); !kept) return kept.error();
  return read->calls;
}

Result<Description> Core::describe(const std::string& source) {
  if (Result<void> own = require_own_process(); !own) return own.error();
  const Result<std::int64_t> revision = outbox_.revision(source);
  if (!revision) return revision.error();
  std::int64_t calls = 0;
  Result<api::Page> page =
      reading_.read_page({.external_id = source, .page = 0, .page_rows = 1}, "describe", calls);
  if (!page) return page.error();
  if (Result<void> kept = outbox_.set_columns(source, page->columns); !kept) return kept.error();
  const Result<bool> differs = outbox_.compare_count(source, page->total_rows, *revision);
  if (!differs) return differs.error();
  return Description{
      .columns = page->columns, .rows = page->total_rows, .changed_by_others = *differs};
}

Result<ReadReport> Core::read_rows(const std::string& source, const PageSink& sink,
                                   const ReadOptions& options) {
  if (Result<void> own = require_own_process(); !own) return own.error();
  const auto take = [&](const api::Page& page) {
    return sink({.columns = page.columns, .rows = page.rows});
  };
  Result<ReadPages> read = reading_.read_pages({.source = source,
                                                .page_rows = options_.limits.page_rows,
                                                .reason = "read",
                                                .before_call = options.before_call},
                                               take);
  if (!read) return read.error();
  return ReadReport{.columns = std::move(read->columns),
                    .rows = read->rows,
                    .calls = read->calls,
                    .last_updated = std::move(read->last_updated)};
}

Result<DiffReport> Core::diff(const std::string& source, RowSource& rows,
                              const DiffOptions& options) {
  if (Result<void> own = require_own_process(); !own) return own.error();
  outbox::Diff diff(options.most_listed);
  const Result<void> wanted = rows.read({}, [&](const Row& row) { return diff.want(row); });
  if (!wanted) return wanted.error();
  const Result<budget::Lease> writer = take_writer(source);
  if (!writer) return writer.error();
  outbox::PlatformRows found;
  const auto take = [&](const api::Page& page) -> Result<void> {
    for (const Row& row : page.rows) {
      diff.find(row);
      if (Result<void> added = found.add(row); !added) return added;
    }
    return {};
  };
  Result<ReadPages> read = reading_.read_pages({.source = source,
                                                .page_rows = options_.limits.page_rows,
                                                .reason = "diff",
                                                .before_call = options.before_call},
                                               take);
  if (!read) return read.error();
  Result<DiffReport> report = diff.report();
  if (!report) return report;
  const Result<std::int64_t> changed = outbox_.correct(source, found);
  if (!changed) return changed.error();
  report->columns = std::move(read->columns);
  report->calls = read->calls;
  report->changed_by_others = *changed;
  return report;
}

}  // namespace weir
