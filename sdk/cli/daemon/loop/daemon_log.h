// DaemonLog: the lines of `weir run` on standard error: for a terminal, for journald, or as JSON.
//
// A line that comes again and again is written the first, tenth, hundredth, … time, and once an
// hour. Safe to use from several threads at once.
#pragma once

#include <weir/clock.h>
#include <weir/log.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace weir::daemon {

enum class LogForm {
  kText,     // time, level, line
  kJournal,  // <3>line: journald has the time
  kJson,     // an object a line
};

class DaemonLog {
 public:
  using Write = std::function<void(std::string_view line)>;

  DaemonLog(LogForm form, LogLevel least, std::shared_ptr<Clock> clock, Write write);

  void set_form(LogForm form);

  // `org`: whose line it is; empty in a file of one organization.
  void add(LogLevel level, std::string_view org, std::string_view line);

  // For the parts of one organization; the log must outlive it.
  LogSink sink(std::string org);

  // The last lines of all levels that are written, oldest first, at most 200.
  std::vector<std::string> last() const;

 private:
  struct Repeated {
    std::int64_t times = 0;
    Milliseconds written_at = {};  // steady
  };

  bool is_due(const std::string& text, std::int64_t& times);
  std::string formed(LogLevel level, std::string_view org, std::string_view line,
                     std::int64_t times) const;

  const LogLevel least_;
  const std::shared_ptr<Clock> clock_;
  const Write write_;

  mutable std::mutex mutex_;
  LogForm form_;
  std::map<std::string, Repeated> repeated_;
  std::deque<std::string> last_;
};

// Whether standard error goes to journald.
bool is_journal();

// A Write to standard error.
void write_to_stderr(std::string_view line);

}  // namespace weir::daemon
