#include "reading/reading.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <utility>

#include "os/guarded.h"
#include "pacing/retry_policy.h"

namespace weir {
namespace {

// A read that fails may be asked again, but each try costs a call.
constexpr int kMostTries = 3;
// Somebody waits for the rows: a longer rest is for them to decide.
constexpr Milliseconds kLongestRest = std::chrono::minutes{2};

std::string operation(const std::string& source) { return "reading data source " + source; }

Error changed_meanwhile(const std::string& source) {
  return {.code = ErrorCode::kConflict,
          .message = operation(source) +
                     ": its rows changed while they were read; try again when nobody else writes",
          .may_have_been_sent = true};
}

Error incomplete(const std::string& source, std::int64_t got, std::int64_t expected) {
  return {.code = ErrorCode::kBadResponse,
          .message = operation(source) + ": the platform sent " + std::to_string(got) + " of " +
                     std::to_string(expected) + " rows; try again",
          .may_have_been_sent = true};
}

Error same_again(const std::string& source, std::int64_t page) {
  return {.code = ErrorCode::kBadResponse,
          .message = operation(source) + ": the platform, or a cache before it, answers page " +
                     std::to_string(page + 1) + " with the rows of the page before; try again",
          .may_have_been_sent = true};
}

// A mistake would only end a reading.
using PageHashes = std::vector<std::size_t>;

PageHashes hashes_of(const api::Page& page) {
  PageHashes hashes;
  hashes.reserve(page.rows.size());
  for (const Row& row : page.rows) {
    std::size_t hash = row.size();
    for (const std::string& cell : row) hash = hash * 1'000'003 + std::hash<std::string>()(cell);
    hashes.push_back(hash);
  }
  return hashes;
}

Error stopped(const std::string& source, std::int64_t calls) {
  return {.code = ErrorCode::kCancelled,
          .message = operation(source) + ": stopped after " + std::to_string(calls) + " call(s)"};
}

bool is_known(const std::optional<KnownState>& known, const api::Page& page) {
  return known && !known->last_updated.empty() && known->last_updated == page.last_updated &&
         known->total_rows == page.total_rows;
}

// How large a page is shows in the first.
ReadProgress progress_of(const ReadPages& read, std::int64_t pages) {
  ReadProgress progress{.calls = read.calls, .rows = read.rows};
  if (pages == 0) return progress;
  const std::int64_t page_rows = std::max<std::int64_t>(1, read.rows / pages);
  progress.total_rows = read.total_rows;
  progress.calls_left = (read.total_rows - read.rows + page_rows - 1) / page_rows;
  return progress;
}

// Whoever is asked before a call may end the reading.
Result<void> ask(const PagesRequest& request, const ReadPages& read, std::int64_t pages) {
  if (!request.before_call) return {};
  const Result<bool> goes_on = os::guarded("before_call", [&]() -> Result<bool> {
    return request.before_call(progress_of(read, pages));
  });
  if (!goes_on) return goes_on.error();
  return *goes_on ? Result<void>() : stopped(request.source, read.calls);
}

}  // namespace

Result<ReadPages> Reading::read_pages(const PagesRequest& request,
                                      const std::function<Result<void>(api::Page&)>& take,
                                      const Context& context) {
  ReadPages read;
  PageHashes before;
  for (api::PageRequest next{.external_id = request.source, .page_rows = request.page_rows};;
       ++next.page) {
    if (Result<void> asked = ask(request, read, next.page); !asked) return asked.error();
    if (context.is_stopped()) return stopped(request.source, read.calls);
    Result<api::Page> page = read_page(next, request.reason, read.calls, context);
    if (!page) return page.error();
    if (next.page == 0) {
      read.columns = page->columns;
      read.total_rows = page->total_rows;
      read.last_updated = page->last_updated;
      read.is_unchanged = is_known(request.known, *page);
      if (read.is_unchanged) return read;
    }
    if (page->total_rows != read.total_rows || page->last_updated != read.last_updated ||
        page->columns != read.columns)
      return changed_meanwhile(request.source);
    const auto rows = static_cast<std::int64_t>(page->rows.size());
    // It could go on so until the day's calls are spent.
    const PageHashes page_before = std::exchange(before, hashes_of(*page));
    if (rows > 0 && before == page_before) return same_again(request.source, next.page);
    if (Result<void> taken = take(*page); !taken) return taken.error();
    read.rows += rows;
    if (read.rows >= read.total_rows) return read;
    if (rows == 0) return incomplete(request.source, read.rows, read.total_rows);
  }
}

Result<api::Page> Reading::read_page(const api::PageRequest& page, const std::string& reason,
                                     std::int64_t& calls, const Context& context) {
  for (int tries = 1;; ++tries) {
    Result<api::Page> read = platform_.page(page, reason, context);
    if (read || read.error().may_have_been_sent) ++calls;
    if (read || tries == kMostTries) return read;
    const auto rest = pacing::rest_after(read.error(), tries);
    if (!rest || *rest > std::min(kLongestRest, context.left(clock_->steady_now()))) return read;
    clock_->wait(*rest, context.stop);
    if (context.is_stopped()) return stopped(page.external_id, calls);
  }
}

}  // namespace weir
