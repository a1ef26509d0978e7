// Memory that runs out: one allocation of one thread fails, the one that the test has chosen. A
// program that links failing_memory.cpp has its operator new replaced.
#pragma once

#include <atomic>

namespace weir::testing {

// Of this thread: how many more allocations go through before one fails; below zero none fails.
extern constinit thread_local long allocations_left;
// Of this thread: set by an allocation that fails.
extern constinit thread_local bool has_failed;
// Of all threads.
extern std::atomic<int> failures_in_all;

}  // namespace weir::testing
