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
#include <functional>
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

// A callback that is only told something, such as a log sink: nothing of what it throws changes
// anything. Empty stays empty.
template <class... Told>
std::function<void(Told...)> quiet(std::function<void(Told...)> callback) {
  if (!callback) return callback;
  return [callback = std::move(callback)](Told... told) {
    const Result<void> done = guarded("", [&]() -> Result<void> {
      callback(told...);
      return {};
    });
    static_cast<void>(done);
  };
}

}  // namespace weir::os
