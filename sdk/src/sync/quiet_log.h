// quiet(): a log sink of the user's whose exceptions end there, whatever their type: a line that is
// not written changes no answer. Thread-safe as the sink is.
#pragma once

#include <weir/log.h>

#include <string_view>
#include <utility>

#include "os/guarded.h"

namespace weir::sync {

// Empty stays empty.
inline LogSink quiet(LogSink log) {
  if (!log) return log;
  return [log = std::move(log)](LogLevel level, std::string_view line) {
    os::told([&] { log(level, line); });
  };
}

}  // namespace weir::sync
