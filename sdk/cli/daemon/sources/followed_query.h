// A query that is followed: what is later than :since is asked for and applied; a reconciliation
// reads it whole and publishes the difference.
//
// :since is the newest version that was read, less the overlap, in which late commits are found. It
// is kept in the store, in the transaction that keeps the last of the changes, so that a crash
// makes rows be read again and never passed over. Rows that are read again cost nothing. The first
// reading is a whole one, and so is the first after the query was changed.
#pragma once

#include <memory>

#include "daemon/sources/origin_reader.h"
#include "daemon/sources/timetable.h"

namespace weir::daemon {

std::unique_ptr<OriginReader> make_followed_query(const SourceConfig& config,
                                                  const QueryOrigin& query, const Follow& follow,
                                                  Timetable timetable);

}  // namespace weir::daemon
