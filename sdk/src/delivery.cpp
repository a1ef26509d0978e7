#include "delivery.h"

#include <limits>
#include <utility>

#include "api/answer_table.h"

namespace weir {
namespace {

constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max() / 4;

Delivered failed(Error error, std::int64_t calls) {
  return {.kind = Delivered::Kind::kFailed, .calls = calls, .error = std::move(error)};
}

SetCells whole_row_of(const outbox::BatchChange& change, const std::vector<std::string>& columns) {
  SetCells set{.key = change.key, .cells = {}};
  for (std::size_t i = 1; i < columns.size() && i < change.change.cells.size(); ++i)
    set.cells.push_back({.column = columns[i], .value = change.change.cells[i]});
  return set;
}

SetCells set_cells_of(const outbox::BatchChange& change) {
  SetCells set{.key = change.key, .cells = {}};
  const auto& cells = change.change.cells;
  for (std::size_t i = 0; i + 1 < cells.size(); i += 2)
    set.cells.push_back({.column = cells[i], .value = cells[i + 1]});
  return set;
}

api::PutDataSource content_of(const outbox::Batch& batch) {
  api::PutDataSource content{.external_id = batch.source};
  if (batch.replace) content.rows.emplace();
  for (const outbox::BatchChange& change : batch.changes) {
    switch (change.change.kind) {
      case outbox::ChangeKind::kUpsert:
        if (change.as_update) {
          content.cell_updates.push_back(whole_row_of(change, batch.columns));
          break;
        }
        (batch.replace ? *content.rows : content.new_rows).push_back(change.change.cells);
        break;
      case outbox::ChangeKind::kErase:
        content.deleted_keys.push_back(change.key);
        break;
      case outbox::ChangeKind::kSetCells:
        content.cell_updates.push_back(set_cells_of(change));
        break;
    }
  }
  return content;
}

constexpr const char* kOthersChangeRows =
    ". The platform has acknowledged that row earlier: somebody else changes this data source. The "
    "next publish of all its rows puts them right, and a diff shows what differs.";

Error writer_is_busy(const std::string& source, Milliseconds wait) {
  const auto waited = std::chrono::duration_cast<std::chrono::seconds>(wait);
  return {.code = ErrorCode::kLocked,
          .message = "another process was sending to data source " + source + " for " +
                     std::to_string(waited.count()) +
                     " s; nothing was sent, and what waits stays in the outbox"};
}

}  // namespace

Delivery::Delivery(outbox::Outbox& outbox, budget::Leases& leases,
                   std::shared_ptr<Transport> transport, api::Credentials credentials,
                   pipeline::Classifier classify, std::shared_ptr<Clock> clock,
                   DeliveryOptions options)
    : outbox_(outbox),
      leases_(leases),
      transport_(std::move(transport)),
      credentials_(std::move(credentials)),
      classify_(std::move(classify)),
      clock_(std::move(clock)),
      options_(options) {}

Delivered Delivery::deliver(const std::string& source, const std::string& reason) {
  // The call may first wait for a connection lease, and only then start its own time.
  const Milliseconds longest = options_.wait + options_.call_timeout;
  auto writer = leases_.take_any({budget::writer_lease_name(source)}, longest, options_.wait);
  if (!writer) return failed(writer.error(), 0);
  if (!writer->has_value()) return failed(writer_is_busy(source, options_.wait), 0);
  Result<std::optional<outbox::Batch>> batch = outbox_.next_batch(source, kNoLimit);
  if (!batch) return failed(batch.error(), 0);
  if (!batch->has_value()) return {};
  return deliver_batch(**batch, reason);
}

Delivered Delivery::deliver_batch(const outbox::Batch& batch, const std::string& reason) {
  Result<HttpRequest> request = api::put_request(credentials_, content_of(batch));
  if (!request) return failed(request.error(), 0);
  request->timeout = options_.call_timeout;
  request->reason = reason;
  Result<HttpResponse> response = transport_->send(*request);
  if (response) return settle(batch, *response);
  const bool sent = response.error().may_have_been_sent;
  if (!sent) {
    if (Result<void> back = outbox_.give_back(batch); !back) return failed(back.error(), 0);
  }
  return failed(response.error(), sent ? 1 : 0);
}

Delivered Delivery::settle(const outbox::Batch& batch, const HttpResponse& response) {
  const pipeline::Answer answer = classify_(response);
  if (answer.kind == pipeline::AnswerKind::kOk) {
    if (Result<void> kept = outbox_.acknowledge(batch); !kept) return failed(kept.error(), 1);
    return {.kind = Delivered::Kind::kAccepted,
            .changes = static_cast<std::int64_t>(batch.changes.size()),
            .calls = 1};
  }
  const Error error =
      api::error_of(answer, response.status, "sending to data source " + batch.source);
  const bool for_its_content = answer.kind == pipeline::AnswerKind::kRefused ||
                               answer.kind == pipeline::AnswerKind::kMissingRow;
  return for_its_content ? settle_refusal(batch, error) : failed(error, 1);
}

Delivered Delivery::settle_refusal(const outbox::Batch& batch, Error error) {
  const auto changes = static_cast<std::int64_t>(batch.changes.size());
  const Result<bool> is_drift = outbox_.simplify(batch, error);
  if (!is_drift) return failed(is_drift.error(), 1);
  if (*is_drift) error.message += kOthersChangeRows;
  if (changes != 1)
    return {.kind = Delivered::Kind::kRefused, .changes = changes, .calls = 1, .error = error};
  const bool was_gone_already = error.code == ErrorCode::kMissingRow &&
                                batch.changes.front().change.kind == outbox::ChangeKind::kErase;
  Result<void> settled = was_gone_already ? outbox_.acknowledge(batch)
                                          : outbox_.bury(batch, error.message, clock_->now());
  if (!settled) return failed(settled.error(), 1);
  return {.kind = was_gone_already ? Delivered::Kind::kAccepted : Delivered::Kind::kPutAside,
          .changes = 1,
          .calls = 1,
          .error = error};
}

}  // namespace weir
