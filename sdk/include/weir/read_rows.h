// Reading the rows that the platform has, page by page, and comparing a snapshot with them: the
// arguments and results of DataSource::read_rows() and diff(). Plain values.
//
// Every page is a call: 50,000 rows are 40 calls where a page has 1,250 rows, and 500 on older
// hosts (docs/platform-facts.md, "Rows"). How large a page is shows in the first answer. What a
// function that is given here throws ends the reading as an error (kUnavailable).
#pragma once

#include <weir/result.h>
#include <weir/row.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace weir::inline v0 {

// Where a reading stands before its next call.
struct ReadProgress {
  std::int64_t calls = 0;  // spent so far
  std::int64_t rows = 0;   // read so far
  // Known after the first page: the rows of the data source, and the calls still to come.
  std::optional<std::int64_t> total_rows = {};
  std::optional<std::int64_t> calls_left = {};
};

struct ReadOptions {
  // Asked before each call, so that a reading announces what it spends; false ends it with
  // kCancelled. Empty: nobody is asked.
  std::function<bool(const ReadProgress&)> before_call = {};
};

// A page as it is handed over; it lives until the function returns.
struct RowsPage {
  const std::vector<std::string>& columns;
  const std::vector<Row>& rows;
};

// Takes the next page. An error ends the reading.
using PageSink = std::function<Result<void>(const RowsPage& page)>;

struct ReadReport {
  std::vector<std::string> columns = {};
  std::int64_t rows = 0;
  std::int64_t calls = 0;
  std::string last_updated = {};  // as the platform says it
};

struct DiffOptions {
  std::function<bool(const ReadProgress&)> before_call = {};  // as in ReadOptions
  // How many differences are listed; all are counted.
  std::int64_t most_listed = 100;
};

// A row that is not the same on both sides.
struct RowDifference {
  enum class Kind {
    kMissing,    // the platform lacks it
    kExtra,      // only the platform has it
    kDifferent,  // its cells differ
  };
  Kind kind = Kind::kMissing;
  std::string key = {};
  Row wanted = {};       // as handed over; empty of an extra row
  Row on_platform = {};  // empty of a missing row
};

struct DiffReport {
  std::vector<std::string> columns = {};  // of the platform
  std::int64_t rows = 0;                  // of the snapshot
  std::int64_t rows_on_platform = 0;
  std::int64_t missing = 0;
  std::int64_t extra = 0;
  std::int64_t different = 0;
  std::int64_t calls = 0;
  // Rows that the platform has otherwise than it has acknowledged to Weir: somebody else changes
  // this data source. Weir has corrected its record of them, so that the next publish sends just
  // the differences.
  std::int64_t changed_by_others = 0;
  std::vector<RowDifference> differences = {};
};

}  // namespace weir::inline v0
