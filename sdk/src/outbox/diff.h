// Diff: a snapshot against the rows that were read from the platform, in bounded memory: 64 bytes a
// row, the differences that are listed, and a temporary file. First all rows of the snapshot, then
// all of the platform. Not thread-safe.
#pragma once

#include <weir/read_rows.h>
#include <weir/result.h>
#include <weir/row.h>
#include <weir/row_source.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "outbox/comparison.h"

namespace weir::outbox {

class Diff {
 public:
  // The hash must outlive it.
  Diff(std::int64_t most_listed, const KeyedHash& hash)
      : most_listed_(most_listed), hash_(hash), comparison_(false, hash) {}

  // The next row of the snapshot. kInvalidArgument: it is no row, or its key was there before.
  Result<void> want(const Row& row);
  Result<void> want_all(RowSource& rows);

  // The next row of the platform.
  void find(const Row& row);

  // Counts and differences; of the rest of the report nothing is known here.
  Result<DiffReport> report() const;

 private:
  bool may_list() const { return static_cast<std::int64_t>(listed_.size()) < most_listed_; }

  const std::int64_t most_listed_;
  const KeyedHash& hash_;
  Comparison comparison_;
  std::int64_t found_ = 0;
  std::int64_t extra_ = 0;
  std::vector<RowDifference> listed_;
  std::map<std::string, std::size_t> different_;  // key to its place in listed_
};

}  // namespace weir::outbox
