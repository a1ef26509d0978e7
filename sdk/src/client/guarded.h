// guarded(): runs what a user's code has given, and makes an Error of what it throws, so that no
// exception of a callback ends a thread of ours.
//
// It may throw anything, a lack of memory of its own and what is no std::exception included. Only
// the end of a thread that is cancelled goes on. Thread-safe: no state.
#pragma once

#include <cxxabi.h>
#include <weir/error.h>
#include <weir/log.h>
#include <weir/result.h>
#include <weir/transport.h>

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace weir {

template <class Callback>
std::invoke_result_t<Callback> guarded(const std::string& what, Callback&& callback) try {
  return std::forward<Callback>(callback)();
} catch (const abi::__forced_unwind&) {
  throw;
} catch (const std::exception& thrown) {
  return Error{.code = ErrorCode::kUnavailable,
               .message = what + " threw an exception: " + thrown.what(),
               .may_have_been_sent = true};
} catch (...) {
  return Error{.code = ErrorCode::kUnavailable,
               .message = what + " threw what is no std::exception",
               .may_have_been_sent = true};
}

// A sink whose exceptions end there: a line that is not written changes nothing. Empty stays empty.
LogSink guarded(LogSink log);

// A callback that is told when something is due; empty stays empty.
std::function<void(TimePoint)> guarded(std::function<void(TimePoint)> on_due);

// A transport of the user's own. What it throws counts as a call whose end is not known.
std::shared_ptr<Transport> guarded(std::shared_ptr<Transport> transport);

// A handler that takes one thing.
template <class Given>
std::function<Result<void>(const Given&)> guarded(
    std::function<Result<void>(const Given&)> handler) {
  return [handler = std::move(handler)](const Given& given) {
    return guarded("it", [&] { return handler(given); });
  };
}

}  // namespace weir
