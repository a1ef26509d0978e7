// Day: what changed in each data source on one day, as the baselines and the judge see it.
//
// Both start each day in sync, and rows that are still stale at its end count until then: so the
// baselines owe nothing to an earlier day. Plain values, and Waiting, which counts stale rows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weir::bench {

struct Change {
  double at;          // seconds since 1970
  std::uint32_t row;  // numbered within the data source, from 0
  std::uint64_t before;
  std::uint64_t after;  // what the row holds; 0 is a row that is not there
};

struct SourceDay {
  std::string name = {};
  std::vector<Change> changes = {};
  std::uint32_t rows = 0;
  // Some row changes twice, so it may return to what the platform holds.
  bool rows_return = false;
};

struct Day {
  double begin = 0;
  double end = 0;
  std::vector<SourceDay> sources = {};
  std::int64_t changes = 0;
};

// What a schedule costs.
struct Outcome {
  double stale_row_seconds = 0;
  double calls = 0;
};

// The rows of a data source that wait for a call.
class Waiting {
 public:
  explicit Waiting(std::uint32_t rows) : seen_(rows, 0), held_(rows), stale_(rows) {}

  void take(const Change& change) {
    if (seen_[change.row] != call_) {
      seen_[change.row] = call_;
      held_[change.row] = change.before;
      stale_[change.row] = false;
    }
    const bool is_stale = change.after != held_[change.row];
    count_ += static_cast<std::int64_t>(is_stale) - static_cast<std::int64_t>(stale_[change.row]);
    stale_[change.row] = is_stale;
  }

  void send() {
    ++call_;
    count_ = 0;
  }

  std::int64_t count() const { return count_; }

 private:
  std::uint32_t call_ = 1;
  std::vector<std::uint32_t> seen_;
  std::vector<std::uint64_t> held_;
  std::vector<bool> stale_;
  std::int64_t count_ = 0;
};

}  // namespace weir::bench
