// quiet(): a log sink of the user's whose exceptions end there, whatever their type: a line that is
// not written changes no answer. Thread-safe as the sink is.
#pragma once

#include <cxxabi.h>
#include <weir/log.h>

#include <string_view>
#include <utility>

namespace weir::sync {

// Empty stays empty. Only the end of a thread that is cancelled goes on.
inline LogSink quiet(LogSink log) {
  if (!log) return log;
  return [log = std::move(log)](LogLevel level, std::string_view line) {
    try {
      log(level, line);
    } catch (const abi::__forced_unwind&) {
      throw;
    } catch (...) {
      return;
    }
  };
}

}  // namespace weir::sync
