// The part of the core that reads what the platform has: each page is a call.
#include <utility>

#include "client/core.h"
#include "os/guarded.h"
#include "rows/guarded_rows.h"

namespace weir {

Result<Description> Core::describe(const std::string& source) {
  if (Result<void> usable = require_name(kDataSource, source); !usable) return usable.error();
  const Result<std::int64_t> revision = outbox_.revision(source);
  if (!revision) return revision.error();
  std::int64_t calls = 0;
  Result<api::Page> page = reading_.read_page({.external_id = source, .page = 0, .page_rows = 1},
                                              "describe", calls, context());
  if (!page) return page.error();
  if (Result<void> kept = outbox_.set_columns(source, page->columns); !kept) return kept.error();
  const Result<bool> differs = outbox_.compare_count(source, page->total_rows, *revision);
  if (!differs) return differs.error();
  return Description{
      .columns = page->columns, .rows = page->total_rows, .changed_by_others = *differs};
}

Result<ReadReport> Core::read_rows(const std::string& source, const PageSink& sink,
                                   const ReadOptions& options) {
  if (Result<void> usable = require_name(kDataSource, source); !usable) return usable.error();
  if (!sink)
    return Error{
        .code = ErrorCode::kInvalidArgument,
        .message = "reading rows needs a function that takes their pages; no call was made"};
  const auto take = [&](const api::Page& page) {
    return os::guarded("the function that takes the pages",
                       [&] { return sink({.columns = page.columns, .rows = page.rows}); });
  };
  Result<ReadPages> read = reading_.read_pages({.source = source,
                                                .page_rows = options_.limits.page_rows,
                                                .reason = "read",
                                                .before_call = options.before_call},
                                               take, context());
  if (!read) return read.error();
  return ReadReport{.columns = std::move(read->columns),
                    .rows = read->rows,
                    .calls = read->calls,
                    .last_updated = std::move(read->last_updated)};
}

Result<DiffReport> Core::diff(const std::string& source, RowSource& rows,
                              const DiffOptions& options) {
  if (Result<void> usable = require_name(kDataSource, source); !usable) return usable.error();
  outbox::GuardedRows guarded_rows(rows);
  return comparing_.diff(source, guarded_rows, options, context());
}

}  // namespace weir
