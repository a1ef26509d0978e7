#include "pushing/delivery.h"

#include <limits>
#include <utility>

#include "outbox/request_faults.h"
#include "text/iso_time.h"

namespace weir {
namespace {

constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max() / 4;

Delivered failed(Error error, std::int64_t calls) {
  return {.kind = Delivered::Kind::kFailed, .calls = calls, .error = std::move(error)};
}

// Of the batch, which must outlive it.
api::PutDataSource content_of(const outbox::Batch& batch) {
  api::PutDataSource content{.external_id = batch.source};
  if (batch.replace) content.rows.emplace();
  for (const outbox::BatchChange& change : batch.changes) {
    switch (change.change.kind) {
      case outbox::ChangeKind::kUpsert:
        if (change.as_update) {
          content.cell_updates.push_back(
              {.key = &change.key, .cells = &change.change.cells, .columns = &batch.columns});
          break;
        }
        (batch.replace ? *content.rows : content.new_rows).push_back(&change.change.cells);
        break;
      case outbox::ChangeKind::kErase:
        content.deleted_keys.push_back(&change.key);
        break;
      case outbox::ChangeKind::kSetCells:
        content.cell_updates.push_back({.key = &change.key, .cells = &change.change.cells});
        break;
    }
  }
  return content;
}

constexpr const char* kOthersChangeRows =
    ". The platform has acknowledged that row earlier: somebody else changes this data source. The "
    "next publish of all its rows puts them right, and a diff shows the differences.";

// No proxy and no platform refuses so few bytes for their number.
constexpr std::int64_t kSurelyTaken = 64 * 1024;

// The letters of its rows went back, so the loop counts them no longer.
Delivered stopped_by_fault(const std::string& source, const std::string& refusal, TimePoint until,
                           std::int64_t calls) {
  const Error error{
      .code = ErrorCode::kWrongRequest,
      .message = refusal + (refusal.ends_with('.') ? "" : ".") +
                 " Different rows are refused with the same words, so it is the request's fault, "
                 "not theirs. They wait in the outbox and are tried again when the rows or the "
                 "settings change, at " +
                 text::format_time(until) + ", or with Client::retry({.source = \"" + source +
                 "\"})"};
  Delivered delivered = failed(error, calls);
  delivered.refused_with = refusal;
  delivered.stands_until = until;
  return delivered;
}

Error writer_is_busy(const std::string& source, Milliseconds waited) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(waited);
  return {.code = ErrorCode::kBusy,
          .message = "another process is still sending to data source " + source + " (waited " +
                     std::to_string(seconds.count()) +
                     " s). Waiting changes stay in the outbox and go with the next sending"};
}

}  // namespace

Delivered Delivery::deliver(const std::string& source, const std::string& reason,
                            const Context& context) {
  const Milliseconds begun = clock_->steady_now();
  // The call may first wait for a connection lease, and only then start its own time.
  const Milliseconds longest = wait_ + platform_.call_timeout();
  auto writer =
      leases_.take_any({budget::writer_lease_name(source)}, longest, context.until(begun + wait_));
  if (!writer) return failed(writer.error(), 0);
  if (!writer->has_value()) return failed(writer_is_busy(source, clock_->steady_now() - begun), 0);
  const auto fault = outbox_.request_fault(source, settings_, clock_->now());
  if (!fault) return failed(fault.error(), 0);
  if (*fault) return stopped_by_fault(source, (*fault)->reason, (*fault)->until, 0);
  Result<std::optional<outbox::Batch>> batch = outbox_.next_batch(source, kNoLimit);
  if (!batch) return failed(batch.error(), 0);
  if (!batch->has_value()) return {};
  return deliver_batch(**batch, reason, context);
}

Delivered Delivery::deliver_batch(const outbox::Batch& batch, const std::string& reason,
                                  const Context& context) {
  const api::PutAnswer answer = platform_.put(content_of(batch), reason, context);
  if (!answer.error) return settle_accepted(batch);
  if (answer.kind == pipeline::AnswerKind::kTooLarge) return settle_size(batch, *answer.error);
  if (answer.is_refused_for_its_content()) return settle_refusal(batch, *answer.error);
  if (answer.error->may_have_been_sent) return failed(*answer.error, 1);
  if (Result<void> back = outbox_.give_back(batch); !back) return failed(back.error(), 0);
  return failed(*answer.error, 0);
}

Delivered Delivery::settle_accepted(const outbox::Batch& batch) {
  if (Result<void> kept = outbox_.acknowledge(batch, clock_->now()); !kept)
    return failed(kept.error(), 1);
  return {.kind = Delivered::Kind::kAccepted,
          .changes = static_cast<std::int64_t>(batch.changes.size()),
          .calls = 1};
}

Delivered Delivery::settle_refusal(const outbox::Batch& batch, Error error) {
  const TimePoint now = clock_->now();
  const Result<bool> is_known = outbox_.repeats_fault(batch, error.message, now, settings_);
  if (!is_known) return failed(is_known.error(), 1);
  if (*is_known)
    return stopped_by_fault(batch.source, error.message, now + outbox::kFaultStandsFor, 1);
  const auto changes = static_cast<std::int64_t>(batch.changes.size());
  const Result<bool> is_drift = outbox_.simplify(batch, error);
  if (!is_drift) return failed(is_drift.error(), 1);
  if (*is_drift) error.message += kOthersChangeRows;
  if (changes != 1)
    return {.kind = Delivered::Kind::kRefused, .changes = changes, .calls = 1, .error = error};
  const bool was_gone_already = error.code == ErrorCode::kMissingRow &&
                                batch.changes.front().change.kind == outbox::ChangeKind::kErase;
  if (!was_gone_already) return bury(batch, std::move(error));
  if (Result<void> settled = outbox_.acknowledge(batch, clock_->now()); !settled)
    return failed(settled.error(), 1);
  return {.kind = Delivered::Kind::kAccepted, .changes = 1, .calls = 1, .error = error};
}

// A small request that is too large is not refused for what is in it.
Delivered Delivery::settle_size(const outbox::Batch& batch, Error error) {
  const auto changes = static_cast<std::int64_t>(batch.changes.size());
  if (changes == 1 && batch.bytes >= kSurelyTaken) return bury(batch, std::move(error));
  if (changes < 2) {
    error.code = ErrorCode::kWrongRequest;
    return failed(std::move(error), 1);
  }
  if (Result<void> limited = outbox_.limit_size(batch); !limited) return failed(limited.error(), 1);
  return {.kind = Delivered::Kind::kRefused, .changes = changes, .calls = 1, .error = error};
}

Delivered Delivery::bury(const outbox::Batch& batch, Error error) {
  const TimePoint now = clock_->now();
  const Result<bool> is_fault = outbox_.bury(batch, error.message, now, settings_);
  if (!is_fault) return failed(is_fault.error(), 1);
  if (*is_fault)
    return stopped_by_fault(batch.source, error.message, now + outbox::kFaultStandsFor, 1);
  return {.kind = Delivered::Kind::kPutAside, .changes = 1, .calls = 1, .error = error};
}

}  // namespace weir
