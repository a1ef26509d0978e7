// guarded(): runs what a user's code has given, and makes an Error of what it throws, so that no
// exception of a callback ends a thread of ours or leaves a function that returns a Result.
//
// It may throw anything, a lack of memory of its own and what is no std::exception included. Only
// the end of a thread that is cancelled goes on. Thread-safe: no state.
#pragma once

#include <cxxabi.h>
#include <weir/error.h>
#include <weir/result.h>

#include <exception>
#include <string>
#include <type_traits>
#include <utility>

namespace weir::os {

// What the callback returns, a Result.
template <class Callback>
std::invoke_result_t<Callback> guarded(const std::string& what, Callback&& callback) try {
  return std::forward<Callback>(callback)();
} catch (const abi::__forced_unwind&) {
  throw;
} catch (const std::exception& thrown) {
  return Error{.code = ErrorCode::kUnavailable,
               .message = what + " threw an exception: " + thrown.what()};
} catch (...) {
  return Error{.code = ErrorCode::kUnavailable,
               .message = what + " threw what is no std::exception"};
}

// What is only told: nothing of what it throws changes anything.
template <class Callback>
void told(Callback&& callback) {
  const Result<void> done = guarded("", [&]() -> Result<void> {
    std::forward<Callback>(callback)();
    return {};
  });
  static_cast<void>(done);
}

}  // namespace weir::os
