// RowSource: where the rows of a data source come from, written once.
//
// The same source is handed to DataSource::publish() or served by Platform Sync, so moving a busy
// data source off the budget changes one line. A row is handed on as it is read, so no source has
// to fit into memory. Implementations need not be safe to use from several threads: Weir calls one
// function at a time. What one throws becomes an error of whoever reads (kUnavailable).
//
//   class Crews final : public weir::RowSource { … };
//   client->data_source("CREWS").publish(crews);
#pragma once

#include <weir/export.h>
#include <weir/result.h>
#include <weir/row.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::inline v0 {

struct RowQuery {
  // Only the rows that this user of the app may see, by e-mail address; empty: all rows.
  std::optional<std::string> user = {};
};

// Takes one row, whose cells are in the order of RowSource::columns() and live until it returns. An
// error ends the reading.
using RowSink = std::function<Result<void>(const Row& row)>;

// Takes the next bytes of a source as it is kept.
using RawSink = std::function<void(std::string_view bytes)>;

class WEIR_EXPORT RowSource {
 public:
  virtual ~RowSource() = default;

  // The names of the columns, the key first.
  virtual Result<std::vector<std::string>> columns() = 0;

  // Hands every row that the query asks for to the sink, as the source has them now, in the columns
  // that columns() has told last: where it has others by now, it must fail. An error of the sink is
  // returned; a source that knows where the row stands, such as its line in a file, adds that to
  // the message.
  virtual Result<void> read(const RowQuery& query, const RowSink& sink) = 0;

  // Whether the rows of the last read() may have been cut off, as those of a file whose last line
  // has no end.
  virtual bool may_be_cut_off() const { return false; }

  // Streams the raw bytes the rows are made from, and what else the rows depend on. Override it
  // when hashing those bytes is much cheaper than parsing them; equal bytes must mean equal rows.
  // Returns false, with nothing handed over, when they are not at hand.
  virtual Result<bool> read_raw(const RawSink& sink) {
    static_cast<void>(sink);
    return false;
  }

  // A text that differs whenever the rows may have changed since it was last asked for, and is much
  // cheaper than reading them; empty when the source cannot tell.
  virtual Result<std::optional<std::string>> version() { return std::optional<std::string>(); }
};

}  // namespace weir::inline v0
