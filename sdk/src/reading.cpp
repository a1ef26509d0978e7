#include "reading.h"

#include <utility>

#include "api/answer_table.h"
#include "pacing/retry_policy.h"

namespace weir {
namespace {

// A read that fails may be asked again, but each try costs a call.
constexpr int kMostTries = 3;

std::string operation(const std::string& source) { return "reading data source " + source; }

Error changed_meanwhile(const std::string& source) {
  return {.code = ErrorCode::kLocked,
          .message = operation(source) +
                     ": its rows changed while they were read; try again when nobody else writes",
          .may_have_been_sent = true};
}

Error incomplete(const std::string& source, std::size_t got, std::int64_t expected) {
  return {.code = ErrorCode::kBadResponse,
          .message = operation(source) + ": the platform sent " + std::to_string(got) + " of " +
                     std::to_string(expected) + " rows; try again",
          .may_have_been_sent = true};
}

}  // namespace

Reading::Reading(std::shared_ptr<Transport> transport, api::Credentials credentials,
                 pipeline::Classifier classify, std::shared_ptr<Clock> clock,
                 Milliseconds call_timeout)
    : transport_(std::move(transport)),
      credentials_(std::move(credentials)),
      classify_(std::move(classify)),
      clock_(std::move(clock)),
      call_timeout_(call_timeout) {}

Result<ReadRows> Reading::read_all(const std::string& source, std::int64_t page_rows,
                                   const std::string& reason,
                                   const std::optional<KnownState>& known) {
  ReadRows all;
  for (std::int64_t page_number = 0;; ++page_number) {
    Result<api::Page> page =
        read_page({.external_id = source, .page = page_number, .page_rows = page_rows}, reason);
    if (!page) return page.error();
    ++all.calls;
    if (page_number == 0) {
      all.columns = page->columns;
      all.total_rows = page->total_rows;
      all.last_updated = page->last_updated;
      all.is_unchanged = known && !known->last_updated.empty() &&
                         known->last_updated == page->last_updated &&
                         known->total_rows == page->total_rows;
      if (all.is_unchanged) return all;
    }
    if (page->total_rows != all.total_rows || page->last_updated != all.last_updated)
      return changed_meanwhile(source);
    const bool was_last = page->rows.empty();
    for (Row& row : page->rows) all.rows.push_back(std::move(row));
    if (static_cast<std::int64_t>(all.rows.size()) >= all.total_rows) return all;
    if (was_last) return incomplete(source, all.rows.size(), all.total_rows);
  }
}

Result<api::Page> Reading::read_page(const api::PageRequest& page, const std::string& reason) {
  for (int tries = 1;; ++tries) {
    Result<api::Page> read = try_page(page, reason);
    if (read || tries == kMostTries) return read;
    const auto rest = pacing::rest_after(read.error(), tries);
    if (!rest) return read;
    clock_->wait(*rest, {});
  }
}

Result<api::Page> Reading::try_page(const api::PageRequest& page, const std::string& reason) {
  HttpRequest request = api::page_request(credentials_, page);
  request.timeout = call_timeout_;
  request.reason = reason;
  Result<HttpResponse> response = transport_->send(request);
  if (!response) return response.error();
  const pipeline::Answer answer = classify_(*response);
  if (answer.kind != pipeline::AnswerKind::kOk) {
    return api::error_of(answer, response->status, operation(page.external_id));
  }
  return api::parse_page(*response);
}

}  // namespace weir
