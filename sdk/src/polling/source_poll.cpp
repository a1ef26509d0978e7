#include "polling/source_poll.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace weir {

SourcePoll::SourcePoll(Seams seams, std::string source, ChangesHandler handler)
    : seams_(std::move(seams)),
      source_(std::move(source)),
      handler_(std::move(handler)),
      seen_(seams_.database) {}

Result<std::optional<TimePoint>> SourcePoll::last_look() {
  Result<std::optional<polling::LastLook>> last = seen_.last_look(source_);
  if (!last) return last.error();
  return *last ? std::optional((*last)->at) : std::nullopt;
}

LookReport SourcePoll::hand_over(const Context& /*context*/) {
  LookReport report;
  if (Result<void> done = hand_found_over(report); !done) report.error = done.error();
  return report;
}

LookReport SourcePoll::look(const Context& context) {
  LookReport report;
  auto lease = seams_.leases.try_take("poll of data source " + source_, seams_.call_timeout);
  if (!lease) {
    report.error = lease.error();
  } else if (!lease->has_value()) {
    report.error = Error{
        .code = ErrorCode::kBusy,
        .message = "another process is looking at data source " + source_ + "; no call was made"};
  } else if (Result<void> done = read(report, **lease, context); !done) {
    report.error = done.error();
  } else if (Result<void> handed = hand_found_over(report); !handed) {
    report.has_answer = true;
    report.error = handed.error();
  }
  return report;
}

Result<void> SourcePoll::read(LookReport& report, const budget::Lease& lease,
                              const Context& context) {
  Result<std::optional<polling::LastLook>> last = seen_.last_look(source_);
  if (!last) return last.error();
  report.is_telling = last->has_value();
  std::optional<KnownState> known;
  if (*last) known = KnownState{.last_updated = (*last)->last_updated, .total_rows = (*last)->rows};
  std::vector<Row> rows;
  const auto take = [&](api::Page& page) -> Result<void> {
    std::move(page.rows.begin(), page.rows.end(), std::back_inserter(rows));
    return seams_.leases.renew(lease, seams_.call_timeout);
  };
  Result<ReadPages> read = seams_.reading.read_pages({.source = source_,
                                                      .page_rows = seams_.page_rows,
                                                      .reason = "poll",
                                                      .known = std::move(known)},
                                                     take, context);
  if (!read) {
    report.calls = read.error().may_have_been_sent ? 1 : 0;
    return read.error();
  }
  report.calls = read->calls;
  Found found{
      .rows = {},
      .look = {
          .last_updated = read->last_updated, .rows = read->total_rows, .at = seams_.clock->now()}};
  if (!read->is_unchanged) {
    Result<polling::RowDifferences> differences = seen_.difference(source_, rows);
    if (!differences) return differences.error();
    found.rows = std::move(*differences);
    found.rows.changes.columns = std::move(read->columns);
  }
  found_ = std::move(found);
  return {};
}

Result<void> SourcePoll::hand_found_over(LookReport& report) {
  if (!found_) return {};
  const RowChanges& changes = found_->rows.changes;
  const std::size_t count = changes.changed.size() + changes.deleted.size();
  if (count > 0) {
    if (Result<void> done = handler_(changes); !done) {
      return Error{.code = ErrorCode::kUnavailable,
                   .message = "the handler of data source " + source_ +
                              " failed: " + done.error().message + "; it is called again"};
    }
  }
  if (Result<void> kept = seen_.keep(source_, found_->rows, found_->look); !kept) return kept;
  report.found = static_cast<std::int64_t>(count);
  if (report.is_telling) report.news.resize(count);
  found_.reset();
  return {};
}

}  // namespace weir
