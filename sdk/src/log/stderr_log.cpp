// Log lines to standard error: the only place of the SDK that knows spdlog.
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <weir/log.h>

#include <algorithm>
#include <memory>
#include <string>

namespace weir::inline v0 {
namespace {

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

// Text from outside must not forge lines or reach the terminal as an escape sequence.
std::string printable(std::string_view line) {
  std::string text(line);
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, '?');
  return text;
}

}  // namespace

LogSink stderr_log(LogLevel least) {
  // A logger of our own, so that the program's spdlog registry is left alone.
  auto logger =
      std::make_shared<spdlog::logger>("weir", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_level(level_of(least));
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %n: %v");
  return [logger](LogLevel level, std::string_view line) {
    logger->log(level_of(level), "{}", printable(line));
  };
}

}  // namespace weir::inline v0
