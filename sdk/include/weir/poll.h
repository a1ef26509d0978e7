// Poll: a running poll, which looks for news on the platform as often as a look is worth a call.
//
// Made by DataSource::poll() and FormEntries::poll(). A look is due when it is expected to find a
// price's worth of stale row-seconds (docs/polling.md), so the interval stretches when the budget
// is short and shrinks when there is much to find. Ends when it is destroyed. Move-only; hint() may
// be called from any thread.
#pragma once

#include <weir/clock.h>
#include <weir/export.h>
#include <weir/result.h>
#include <weir/row.h>
#include <weir/why.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir::inline v0 {

class Core;

struct PollOptions {
  // News of weight 2 count as twice as many.
  double weight = 1;
  // Never look sooner than this after the last look; a hint may.
  Milliseconds shortest = std::chrono::seconds{10};
  // Look after this at the latest, as long as there are calls; 0 is no limit.
  Milliseconds longest = std::chrono::hours{24};
};

// The changes that a look at a data source has found.
struct RowChanges {
  std::vector<std::string> columns;
  std::vector<Row> changed;          // new, or with another value than at the last look
  std::vector<std::string> deleted;  // keys
};

// Called with the changes of a look, by one thread at a time. They count as handled when it returns
// a success; after an error or an exception the same are handed over again, without another
// call. It may call every function of the client but poll_due() (kInvalidArgument) and
// those that end it.
using ChangesHandler = std::function<Result<void>(const RowChanges&)>;

class WEIR_EXPORT Poll final {
 public:
  Poll(Poll&&) noexcept;
  Poll& operator=(Poll&&) noexcept;

  // Ends the poll; waits for the handler to return, unless called by it.
  ~Poll();

  // Call this when a webhook or a person says there is news; polls at once. Costs the
  // calls of one look.
  void hint();

  // Why its last look or its handler failed; empty: it did not, or none was yet.
  std::optional<Error> failure() const;

  // How often it looks just now, and why: the news it expects at the price of a call. Costs no
  // call. kStoreBusy, kStoreUnusable: before its first look the price is read from the store.
  Result<PollPace> pace() const;

 private:
  friend class Core;
  Poll(std::shared_ptr<Core> core, std::size_t number) : core_(std::move(core)), number_(number) {}
  void end();

  std::shared_ptr<Core> core_;
  std::size_t number_;
};

}  // namespace weir::inline v0
