// Reading: fetches the rows of a data source from the platform, page by page, each page one call.
//
// The page size is taken from the first answer, since hosts differ. Rows that change while they are
// read are noticed by the data source's row count and its LastUpdated. Safe to use from several
// threads at once.
#pragma once

#include <weir/clock.h>
#include <weir/read_rows.h>
#include <weir/result.h>
#include <weir/row.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/platform.h"
#include "time/context.h"

namespace weir {

// What reading a data source page by page has found. Rows went to whoever asked.
struct ReadPages {
  std::vector<std::string> columns = {};
  std::int64_t rows = 0;
  std::int64_t total_rows = 0;
  std::int64_t calls = 0;
  std::string last_updated = {};
  bool is_unchanged = false;
};

// The rows need not be read, as long as these two stand.
struct KnownState {
  std::string last_updated = {};
  std::int64_t total_rows = 0;
};

// What is read, and who is told.
struct PagesRequest {
  std::string source = {};
  std::int64_t page_rows = 0;  // at most; hosts give fewer
  std::string reason = {};     // for the usage log
  std::optional<KnownState> known = {};
  // Asked before each call; false ends the reading with kCancelled.
  std::function<bool(const ReadProgress&)> before_call = {};
};

class Reading {
 public:
  Reading(const api::Platform& platform, std::shared_ptr<Clock> clock)
      : platform_(platform), clock_(std::move(clock)) {}

  // Hands over page after page; only the first, without its rows, when it shows that they are
  // unchanged. kConflict: the rows changed while they were read. kBadResponse: rows that are
  // missing or malformed. kCancelled: a stop was requested. An error of `take` ends the reading.
  Result<ReadPages> read_pages(const PagesRequest& request,
                               const std::function<Result<void>(api::Page&)>& take,
                               const Context& context);

  // One page: one call, or a few when a call fails and is worth another try. Each call made is
  // added to `calls`.
  Result<api::Page> read_page(const api::PageRequest& page, const std::string& reason,
                              std::int64_t& calls, const Context& context);

 private:
  const api::Platform& platform_;
  const std::shared_ptr<Clock> clock_;
};

}  // namespace weir
