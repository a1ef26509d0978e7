// ConnectionLimit: how many connections may be open at once just now.
//
// The platform's limit is soft and others may use it too: when it refuses a connection, everybody
// on the store makes do with one less for a while, and after ten quiet minutes takes one more again
// (additive increase; the decrease is by one of three). Works within a transaction; no state of its
// own.
#pragma once

#include <weir/clock.h>

#include "store/database.h"

namespace weir::budget {

// Between 1 and `most`. `now` is the store's shared time.
int connections_allowed(store::Statements& sql, int most, Milliseconds now);

// The platform has refused a connection.
void lower_connections(store::Statements& sql, int most, Milliseconds now);

}  // namespace weir::budget
