// LogSink: takes Weir's log lines. The library is silent unless the program passes one.
//
// Lines never contain an integration key, a token or a query string, and of the rows at most the
// key of one that is wrong. A sink may be called from several threads at once, and may itself call
// every function of the client but those that end it; sending within a send is refused. An
// exception from it is ignored.
#pragma once

#include <weir/export.h>

#include <functional>
#include <string_view>

namespace weir::inline v0 {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

using LogSink = std::function<void(LogLevel level, std::string_view line)>;

// A sink that writes lines of `least` and above to standard error, with time and level.
WEIR_EXPORT LogSink stderr_log(LogLevel least);

}  // namespace weir::inline v0
