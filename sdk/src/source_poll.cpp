#include "source_poll.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace weir {

SourcePoll::SourcePoll(Context context, std::string source, ChangesHandler handler)
    : context_(std::move(context)),
      source_(std::move(source)),
      handler_(std::move(handler)),
      seen_(context_.database) {}

Result<std::optional<TimePoint>> SourcePoll::last_look() {
  Result<std::optional<polling::LastLook>> last = seen_.last_look(source_);
  if (!last) return last.error();
  return *last ? std::optional((*last)->at) : std::nullopt;
}

LookReport SourcePoll::hand_over(const std::stop_token&) {
  LookReport report;
  if (Result<void> done = hand_found_over(report); !done) report.error = done.error();
  return report;
}

LookReport SourcePoll::look(const std::stop_token&) {
  LookReport report;
  auto lease = context_.leases.try_take("poll of data source " + source_, context_.call_timeout);
  if (!lease) {
    report.error = lease.error();
  } else if (!lease->has_value()) {
    report.error = Error{
        .code = ErrorCode::kLocked,
        .message = "another process is looking at data source " + source_ + "; no call was made"};
  } else if (Result<void> done = read(report); !done) {
    report.error = done.error();
  } else if (Result<void> handed = hand_found_over(report); !handed) {
    report.error = handed.error();
  }
  return report;
}

Result<void> SourcePoll::read(LookReport& report) {
  Result<std::optional<polling::LastLook>> last = seen_.last_look(source_);
  if (!last) return last.error();
  report.is_telling = last->has_value();
  std::optional<KnownState> known;
  if (*last) known = KnownState{.last_updated = (*last)->last_updated, .total_rows = (*last)->rows};
  std::vector<Row> rows;
  const auto take = [&](api::Page& page) -> Result<void> {
    std::move(page.rows.begin(), page.rows.end(), std::back_inserter(rows));
    return {};
  };
  Result<ReadPages> read = context_.reading.read_pages({.source = source_,
                                                        .page_rows = context_.page_rows,
                                                        .reason = "poll",
                                                        .known = std::move(known)},
                                                       take);
  if (!read) {
    report.calls = read.error().may_have_been_sent ? 1 : 0;
    return read.error();
  }
  report.calls = read->calls;
  Found found{.changes = {},
              .look = {.last_updated = read->last_updated,
                       .rows = read->total_rows,
                       .at = context_.clock->now()}};
  if (!read->is_unchanged) {
    Result<RowChanges> changes = seen_.difference(source_, rows);
    if (!changes) return changes.error();
    found.changes = std::move(*changes);
    found.changes.columns = std::move(read->columns);
  }
  found_ = std::move(found);
  return {};
}

Result<void> SourcePoll::hand_found_over(LookReport& report) {
  if (!found_) return {};
  const RowChanges& changes = found_->changes;
  const std::size_t count = changes.changed.size() + changes.deleted.size();
  if (count > 0) {
    if (Result<void> done = handler_(changes); !done) {
      return Error{.code = ErrorCode::kUnavailable,
                   .message = "the handler of data source " + source_ +
                              " failed: " + done.error().message + "; it is called again"};
    }
  }
  if (Result<void> kept = seen_.keep(source_, changes, found_->look); !kept) return kept;
  report.found = static_cast<std::int64_t>(count);
  found_.reset();
  return {};
}

}  // namespace weir
