// Runs a function of a foreign library that may never come back, such as one that waits for a
// server, in a thread of its own, and waits only so long for it.
#pragma once

#include <chrono>
#include <functional>
#include <stop_token>

namespace weir::cli {

// Runs `work`, which must own all that it uses, in a thread of its own. False when too many of them
// are still at work.
bool run_apart(std::function<void()> work);

enum class CallEnd { kDone, kLate, kStopped };

// As run_apart(), and waits for its end. When it is late it is left behind and goes on by itself.
// kLate at once when too many are at work.
CallEnd call_within(std::chrono::milliseconds longest, const std::stop_token& stop,
                    std::function<void()> work);

}  // namespace weir::cli
