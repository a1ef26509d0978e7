#include "daemon/loop/daemon_log.h"

#include <sys/stat.h>
#include <unistd.h>
#include <weir/foreign_words.h>

#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <nlohmann/json.hpp>
#include <utility>

#include "output/printable.h"

namespace weir::daemon {
namespace {

constexpr std::size_t kMostLast = 200;
constexpr std::size_t kMostRepeated = 1000;
constexpr Milliseconds kWriteAgainAfter = std::chrono::hours{1};

const char* name_of(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      break;
  }
  return "error";
}

// Of syslog, which journald reads.
int priority_of(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return 7;
    case LogLevel::kInfo:
      return 6;
    case LogLevel::kWarning:
      return 4;
    case LogLevel::kError:
      break;
  }
  return 3;
}

bool is_power_of_ten(std::int64_t number) {
  while (number > 1 && number % 10 == 0) number /= 10;
  return number == 1;
}

std::string time_text(TimePoint time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(
      std::chrono::time_point_cast<std::chrono::seconds>(time));
  std::tm parts = {};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text, size};
}

}  // namespace

DaemonLog::DaemonLog(LogForm form, LogLevel least, std::shared_ptr<Clock> clock, Write write)
    : least_(least), clock_(std::move(clock)), write_(std::move(write)), form_(form) {}

void DaemonLog::set_form(LogForm form) {
  const std::lock_guard lock(mutex_);
  form_ = form;
}

void DaemonLog::add(LogLevel level, std::string_view org, std::string_view line) {
  if (level < least_) return;
  const std::string plain = cli::printable(weir::without_foreign_words(line));
  const std::lock_guard lock(mutex_);
  std::int64_t times = 1;
  const bool may_repeat = level >= LogLevel::kWarning;
  if (may_repeat && !is_due(std::string(org) + "\n" + plain, times)) return;
  last_.push_back(formed(level, org, plain, times));
  if (last_.size() > kMostLast) last_.pop_front();
  write_(last_.back());
}

// Called with mutex_ held.
bool DaemonLog::is_due(const std::string& text, std::int64_t& times) {
  // Texts that differ each time must not fill the memory.
  if (repeated_.size() > kMostRepeated) repeated_.clear();
  Repeated& repeated = repeated_[text];
  times = ++repeated.times;
  const Milliseconds now = clock_->steady_now();
  if (!is_power_of_ten(times) && now - repeated.written_at < kWriteAgainAfter) return false;
  repeated.written_at = now;
  return true;
}

std::string DaemonLog::formed(LogLevel level, std::string_view org, std::string_view line,
                              std::int64_t times) const {
  if (form_ == LogForm::kJson) {
    nlohmann::ordered_json json = {{"time", time_text(clock_->now())}, {"level", name_of(level)}};
    if (!org.empty()) json["org"] = org;
    json["text"] = line;
    if (times > 1) json["times"] = times;
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
  std::string text = form_ == LogForm::kJournal
                         ? "<" + std::to_string(priority_of(level)) + ">"
                         : time_text(clock_->now()) + " " + name_of(level) + " ";
  if (!org.empty()) text += std::string(org) + ": ";
  text += line;
  if (times > 1) text += " (" + std::to_string(times) + " times)";
  return text;
}

LogSink DaemonLog::sink(std::string org) {
  return [this, org = std::move(org)](LogLevel level, std::string_view line) {
    add(level, org, line);
  };
}

std::vector<std::string> DaemonLog::last() const {
  const std::lock_guard lock(mutex_);
  return {last_.begin(), last_.end()};
}

bool is_journal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat found = {};
  if (stream == nullptr || ::fstat(STDERR_FILENO, &found) != 0) return false;
  return std::to_string(found.st_dev) + ":" + std::to_string(found.st_ino) == stream;
}

void write_to_stderr(std::string_view line) {
  const std::string whole = std::string(line) + "\n";
  std::size_t done = 0;
  while (done < whole.size()) {
    const ssize_t written = ::write(STDERR_FILENO, whole.data() + done, whole.size() - done);
    if (written < 0 && errno == EINTR) continue;
    // A log that cannot be written stops nothing.
    if (written <= 0) return;
    done += static_cast<std::size_t>(written);
  }
}

}  // namespace weir::daemon
