// LogSink: where Weir's log lines go. The library is silent unless the program passes one.
//
// Lines never contain a key, a token, a cell or a query string. A sink may be called from several
// threads at once.
#pragma once

#include <functional>
#include <string_view>

namespace weir {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

using LogSink = std::function<void(LogLevel level, std::string_view line)>;

// A sink that writes lines of `least` and above to standard error, with time and level.
LogSink stderr_log(LogLevel least);

}  // namespace weir
