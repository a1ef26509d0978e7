// SourceReader: a RowSource as Platform Sync needs it: the columns that are sent, the cell that the
// user rule looks at, checked rows, and whether there is anything new. Not thread-safe.
#pragma once

#include <weir/clock.h>
#include <weir/sync/sync_options.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir::sync {

// What was known of a source when it was read.
struct SourceRead {
  std::optional<std::string> version = {};
  Milliseconds at = {};
};

class SourceReader {
 public:
  SourceReader(const SyncSource& source, std::shared_ptr<Clock> clock)
      : source_(source), clock_(std::move(clock)) {}

  // The state of the source now, to be kept with the rows that are read after it.
  Result<SourceRead> look();

  // Whether what was read then is still what the source has, as far as its options ask.
  bool is_fresh(const SourceRead& then, const SourceRead& now) const;

  // Hands over each row as it is sent, and its user cell, which is empty without a user column.
  using Take = std::function<Result<void>(const Row& row, const std::string& user_cell)>;
  Result<void> read(const RowQuery& query, const Take& take);

  // The columns that are sent.
  Result<std::vector<std::string>> columns();

 private:
  struct Layout {
    std::vector<std::string> names = {};  // of the source
    std::vector<std::size_t> sent = {};
    std::optional<std::size_t> user = {};
  };

  Result<Layout> layout();
  Error failed(Error error) const;

  const SyncSource& source_;
  const std::shared_ptr<Clock> clock_;
};

}  // namespace weir::sync
