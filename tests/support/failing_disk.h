// A disk that fails: of the calls by which one thread opens, writes, syncs and cuts off files, the
// one that the test has chosen fails, or all from there on. A program that links failing_disk.cpp
// has these functions of the C library replaced, for SQLite too.
#pragma once

namespace weir::testing {

// Of this thread: how many more calls go through before one fails; below zero none fails.
extern constinit thread_local long disk_calls_left;
// Of this thread: whether the calls after that one fail as well.
extern constinit thread_local bool disk_stays_broken;
// Of this thread: how many calls have failed.
extern constinit thread_local int disk_failures;

}  // namespace weir::testing
