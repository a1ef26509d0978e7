#include "reading/comparing.h"

#include "outbox/diff.h"
#include "outbox/platform_rows.h"

namespace weir {

Result<budget::Lease> Comparing::take_writer(const std::string& source, const Context& context) {
  auto writer = seams_.leases.take_any({budget::writer_lease_name(source)}, seams_.call_timeout,
                                       context.until(seams_.clock->steady_now() + seams_.wait));
  if (!writer) return writer.error();
  if (writer->has_value()) return std::move(**writer);
  return Error{.code = ErrorCode::kBusy,
               .message = "another process is sending to data source " + source};
}

Result<std::int64_t> Comparing::adopt(const std::string& source, const Context& context) {
  const Result<budget::Lease> writer = take_writer(source, context);
  if (!writer) return writer.error();
  const Result<const outbox::KeyedHash*> hash = seams_.outbox.hash();
  if (!hash) return hash.error();
  outbox::PlatformRows rows(**hash);
  const auto take = [&](const api::Page& page) -> Result<void> {
    for (const Row& row : page.rows) {
      if (Result<void> added = rows.add(row); !added) return added;
    }
    return seams_.leases.renew(*writer, seams_.call_timeout);
  };
  const Result<ReadPages> read = seams_.reading.read_pages(
      {.source = source, .page_rows = seams_.page_rows, .reason = "adopt"}, take, context);
  if (!read) return read.error();
  if (Result<void> kept = seams_.outbox.adopt(source, read->columns, rows); !kept)
    return kept.error();
  return read->calls;
}

Result<DiffReport> Comparing::diff(const std::string& source, RowSource& rows,
                                   const DiffOptions& options, const Context& context) {
  const Result<const outbox::KeyedHash*> hash = seams_.outbox.hash();
  if (!hash) return hash.error();
  outbox::Diff diff(options.most_listed, **hash);
  if (Result<void> wanted = diff.want_all(rows); !wanted) return wanted.error();
  const Result<budget::Lease> writer = take_writer(source, context);
  if (!writer) return writer.error();
  outbox::PlatformRows found(**hash);
  const auto take = [&](const api::Page& page) -> Result<void> {
    for (const Row& row : page.rows) {
      diff.find(row);
      if (Result<void> added = found.add(row); !added) return added;
    }
    return seams_.leases.renew(*writer, seams_.call_timeout);
  };
  Result<ReadPages> read = seams_.reading.read_pages({.source = source,
                                                      .page_rows = seams_.page_rows,
                                                      .reason = "diff",
                                                      .before_call = options.before_call},
                                                     take, context);
  if (!read) return read.error();
  Result<DiffReport> report = diff.report();
  if (!report) return report;
  const Result<std::int64_t> changed = seams_.outbox.correct(source, found);
  if (!changed) return changed.error();
  report->columns = std::move(read->columns);
  report->calls = read->calls;
  report->changed_by_others = *changed;
  return report;
}

}  // namespace weir
