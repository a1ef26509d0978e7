// read_whole(): reads a source of rows to its end, whoever wrote it. Pure, thread-safe.
#pragma once

#include <weir/row_source.h>

namespace weir::outbox {

// As rows.read(). An error of the sink ends it as an error also where the source drops it: else a
// row that was refused would look like one that is not there, and be deleted.
inline Result<void> read_whole(RowSource& rows, const RowQuery& query, const RowSink& sink) {
  Result<void> taken;
  const Result<void> read = rows.read(query, [&](const Row& row) -> Result<void> {
    if (taken) taken = sink(row);
    return taken;
  });
  return read ? taken : read;
}

}  // namespace weir::outbox
