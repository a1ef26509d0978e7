#include <unistd.h>

#include <condition_variable>
#include <iostream>
#include <mutex>
#include <stop_token>
#include <thread>

#include "commands/daemon_commands.h"
#include "commands/sending.h"
#include "daemon/check/build_check.h"
#include "daemon/check/place_check.h"
#include "daemon/loop/daemon.h"
#include "daemon/loop/reloader.h"
#include "daemon/once/run_once.h"
#include "daemon/process/child.h"
#include "exit_code.h"
#include "output/once_report.h"
#include "settings_file.h"
#include "signals.h"

namespace weir::cli {
namespace {

using daemon::Daemon;
using daemon::DaemonLog;
using daemon::LogForm;

constexpr Milliseconds kLongestRest = std::chrono::seconds{30};
constexpr Milliseconds kStatusEvery = std::chrono::minutes{1};

LogForm form_of(const daemon::DaemonSettings& settings) {
  if (settings.logs_json) return LogForm::kJson;
  return daemon::is_journal() ? LogForm::kJournal : LogForm::kText;
}

// Warnings are no reason not to start.
bool tell(const daemon::ReadConfig& read, DaemonLog& log) {
  for (const daemon::Finding& finding : read.findings) {
    const bool is_fault = finding.level == daemon::Finding::Level::kFault;
    log.add(is_fault ? LogLevel::kError : LogLevel::kWarning, "", daemon::shown(finding));
  }
  return !has_fault(read.findings);
}

// Until a signal asks for the end.
void watch_over(Daemon& daemon, const daemon::Systemd& systemd, Clock& clock) {
  const std::optional<Milliseconds> watchdog = systemd.watchdog();
  Milliseconds told_at = clock.steady_now();
  daemon::Reloader reloader(daemon);
  while (signal_received() == 0) {
    wait_for_signal(watchdog ? std::min(*watchdog / 4, kLongestRest) : kLongestRest);
    if (take_hang_up()) reloader.ask();
    if (watchdog && daemon.is_ticking(*watchdog / 2)) systemd.alive();
    if (clock.steady_now() - told_at < kStatusEvery) continue;
    told_at = clock.steady_now();
    systemd.status(daemon.summary());
  }
}

// Ends the process when a signal came so long ago, whatever hangs then: a thread that waits in the
// kernel for a file system which does not answer cannot be ended otherwise.
class LastResort {
 public:
  LastResort(Milliseconds stop_within, DaemonLog& log)
      : stop_within_(stop_within),
        log_(log),
        thread_([this](const std::stop_token& over) { watch(over); }) {}

 private:
  void watch(const std::stop_token& over) {
    std::mutex mutex;
    std::condition_variable_any changed;
    const std::stop_callback stopped(stop_of_process(), [&] {
      const std::lock_guard lock(mutex);
      changed.notify_all();
    });
    std::unique_lock lock(mutex);
    changed.wait(lock, over, [] { return stop_of_process().stop_requested(); });
    changed.wait_for(lock, over, stop_within_, [] { return false; });
    if (over.stop_requested()) return;
    log_.add(LogLevel::kWarning, "",
             "what still ran after stop_within is ended now; nothing that was kept is lost");
    daemon::kill_all_programs();
    ::_exit(kOk);
  }

  const Milliseconds stop_within_;
  DaemonLog& log_;
  std::jthread thread_;
};

// A signal ends it as it ends a push.
int run_to_an_end(const daemon::DaemonConfig& config, const RunArguments& arguments,
                  const daemon::OnceSeams& seams, const OutputArguments& output) {
  const auto outcomes = daemon::run_once(
      config,
      {.delivering = arguments.dry_run ? daemon::Delivering::kDry : daemon::Delivering::kOnce,
       .wait = output.wait},
      seams, stop_of_process());
  if (!outcomes) return fail(outcomes.error(), output);
  const OnceReport report{.orgs = *outcomes, .is_dry = arguments.dry_run};
  if (output.json) {
    std::cout << as_json(report) << '\n';
  } else {
    if (!output.quiet) std::cout << as_text(report);
    std::cerr << problems_of(report);
  }
  return signal_received() != 0 ? 128 + signal_received() : exit_code_of(report);
}

}  // namespace

int run_daemon(const SettingFlags& settings, const RunArguments& arguments,
               const OutputArguments& output) {
  const daemon::Systemd systemd = daemon::Systemd::from_environment();
  const std::shared_ptr<Clock> clock = system_clock();
  // Absolute, so that a reload compares the same paths.
  const std::string file = absolute_path(settings.config.value_or("weir.toml"));
  daemon::ReadConfig read = daemon::read_daemon_config(file, settings.org);
  const auto add = [&](std::vector<daemon::Finding> found) {
    read.findings.insert(read.findings.end(), found.begin(), found.end());
  };
  add(daemon::check_places(read.config));
  // A start would find these one by one; who has to mend the file wants all of them.
  if (has_fault(read.findings)) add(daemon::check_build(read.config, read.findings));
  daemon::put_in_order(read.findings);
  const bool ends = arguments.once || arguments.dry_run;
  const LogLevel usual = ends ? LogLevel::kWarning : LogLevel::kInfo;
  const LogLevel least = settings.verbose ? LogLevel::kDebug : usual;
  DaemonLog log(form_of(read.config.daemon), least, clock, daemon::write_to_stderr);
  // What was not waited for is no fault of the file.
  if (has_fault(read.findings) && signal_received() != 0) return 128 + signal_received();
  if (!tell(read, log)) return kConfig;
  if (ends) return run_to_an_end(read.config, arguments, {.log = log, .clock = clock}, output);
  const Milliseconds stop_within = read.config.daemon.stop_within;
  const LastResort last_resort(stop_within, log);
  Result<std::unique_ptr<Daemon>> daemon =
      Daemon::start(std::move(read.config),
                    {.log = log, .systemd = systemd, .clock = clock, .only_org = settings.org});
  if (!daemon) return fail(daemon.error(), output);
  for (const std::string& line : (*daemon)->start_lines()) std::cout << line << '\n';
  std::cout << "ready" << std::endl;
  systemd.ready((*daemon)->summary());
  watch_over(**daemon, systemd, *clock);
  systemd.stopping(stop_within);
  (*daemon)->stop();
  return kOk;
}

}  // namespace weir::cli
