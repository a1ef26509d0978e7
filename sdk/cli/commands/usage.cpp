#include <unistd.h>

#include <iostream>
#include <map>
#include <string>
#include <utility>

#include "commands/commands.h"
#include "commands/sending.h"
#include "daemon/seeing/metrics_text.h"
#include "exit_code.h"
#include "output/numbers.h"
#include "output/report.h"
#include "output/screen.h"
#include "signals.h"

namespace weir::cli {
namespace {

constexpr std::chrono::seconds kWatchEvery{2};
constexpr const char* kClearAll = "\033[2J";

std::string shown(const Client& client, const Usage& usage, const OutputArguments& output) {
  const StoreState store = client.store_state();
  return output.json ? as_json(usage, store) : as_text(usage, store);
}

// Until a signal comes. Where there is no screen, one text after the other.
int watch(const Client& client, const OutputArguments& output) {
  const bool on_screen = ::isatty(STDOUT_FILENO) != 0 && !output.json;
  if (on_screen) std::cout << kClearAll;
  while (signal_received() == 0) {
    const Result<Usage> usage = client.usage();
    if (!usage) return fail(usage.error(), output);
    const std::string text = shown(client, *usage, output);
    std::cout << (on_screen ? fitted(text, screen_size()) : text + "\n") << std::flush;
    if (!std::cout) return kOtherFailure;  // the reader has gone
    wait_for_signal(kWatchEvery);
  }
  return 128 + signal_received();
}

// What the store knows, in the words of a running daemon: its data sources are those that wait,
// rest or have dead letters.
daemon::Status status_of(const Usage& usage, const OutboxContents& outbox, TimePoint now) {
  std::map<std::string, daemon::SourceStatus> sources;
  for (const WaitingChanges& waiting : outbox.waiting) {
    daemon::SourceStatus& source = sources[waiting.source];
    source.stale_rows = waiting.upserts + waiting.deletes + waiting.cell_updates;
    source.oldest_at = waiting.oldest;
    const bool rests = waiting.halted_until.has_value();
    source.state = rests ? daemon::SourceState::kFailing : daemon::SourceState::kWaiting;
  }
  for (const DeadLetter& letter : outbox.dead_letters) ++sources[letter.source].dead_letters;
  daemon::OrgStatus org{.usage = usage};
  for (auto& [name, source] : sources) {
    source.source = name;
    org.sources.push_back(std::move(source));
  }
  return {.now = now, .orgs = {std::move(org)}};
}

int print_metrics(const Client& client, const OutputArguments& output) {
  const Result<Usage> usage = client.usage();
  if (!usage) return fail(usage.error(), output);
  const Result<OutboxContents> outbox = client.outbox();
  if (!outbox) return fail(outbox.error(), output);
  std::cout << daemon::as_metrics(status_of(*usage, *outbox, system_clock()->now()));
  return kOk;
}

// What makes a number of the portal unlikely; empty when nothing does.
std::string doubt_of(std::int64_t calls, const Usage& usage) {
  if (calls > usage.limit)
    return grouped(calls) + " calls are more than the " + grouped(usage.limit) + " of a day";
  if (calls < usage.calls_today)
    return "Weir itself has spent " + grouped(usage.calls_today) + " calls today, more than " +
           grouped(calls);
  return "";
}

// A slip of the pen would close the day. Whoever is at a terminal is asked, a script says --yes.
Result<void> confirm(const Client& client, const UsageArguments& arguments) {
  const Result<Usage> usage = client.usage();
  if (!usage) return usage.error();
  const std::string doubt = doubt_of(*arguments.calibrate, *usage);
  if (doubt.empty() || arguments.yes) return {};
  const bool is_person = ::isatty(STDIN_FILENO) != 0 && ::isatty(STDERR_FILENO) != 0;
  if (is_person && is_answered_by_yes(doubt + ". Is that what the portal shows?")) return {};
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = doubt +
                          "; nothing was changed. If that is what the portal shows, add "
                          "--yes"};
}

}  // namespace

int usage(const SettingFlags& settings, const UsageArguments& arguments,
          const OutputArguments& output) {
  if (arguments.metrics && (output.json || arguments.watch))
    return fail(
               {.code = ErrorCode::kInvalidArgument,
                .message = "--metrics has a form of its own, and is printed once; leave out --json "
                           "and --watch"},
               output),
           kUsage;
  Progress progress(false);
  SettingFlags flags = settings;
  flags.moves_time_zone = arguments.moves_time_zone;
  Result<Client> client = open_client(flags, output, progress, Needs::kStore);
  if (!client) return fail(client.error(), output);
  if (arguments.calibrate) {
    if (Result<void> meant = confirm(*client, arguments); !meant)
      return fail(meant.error(), output), kUsage;
    const Result<void> calibrated = client->calibrate(*arguments.calibrate);
    if (!calibrated) return fail(calibrated.error(), output);
  }
  if (arguments.watch) return watch(*client, output);
  if (arguments.metrics) return print_metrics(*client, output);
  const Result<Usage> usage = client->usage();
  if (!usage) return fail(usage.error(), output);
  if (output.json || !output.quiet) std::cout << shown(*client, *usage, output) << std::endl;
  return kOk;
}

}  // namespace weir::cli
