#include <unistd.h>

#include <iostream>
#include <thread>

#include "commands/commands.h"
#include "commands/sending.h"
#include "exit_code.h"
#include "signals.h"

namespace weir::cli {
namespace {

constexpr std::chrono::seconds kWatchEvery{2};
// Cursor to the top left, and what was below is cleared after the new text: no flicker.
constexpr const char* kFromTheTop = "\033[H";
constexpr const char* kClearBelow = "\033[J";
constexpr const char* kClearAll = "\033[2J";

void print(const Usage& usage, const OutputArguments& output) {
  std::cout << (output.json ? as_json(usage) : as_text(usage, system_clock()->now())) << '\n'
            << std::flush;
}

// Until a signal comes. Where there is no screen, one text after the other.
int watch(const Client& client, const OutputArguments& output) {
  const bool on_screen = ::isatty(STDOUT_FILENO) != 0 && !output.json;
  if (on_screen) std::cout << kClearAll;
  while (signal_received() == 0) {
    const Result<Usage> usage = client.usage();
    if (!usage) return fail(usage.error(), output);
    if (on_screen) std::cout << kFromTheTop;
    print(*usage, output);
    if (on_screen) std::cout << kClearBelow << std::flush;
    if (!std::cout) return kOtherFailure;  // the reader has gone
    wait_for_signal(kWatchEvery);
  }
  return 128 + signal_received();
}

}  // namespace

int usage(const SettingFlags& settings, const UsageArguments& arguments,
          const OutputArguments& output) {
  Progress progress(false);
  Result<Client> client = open_client(settings, output, progress);
  if (!client) return fail(client.error(), output);
  if (arguments.calibrate) {
    const Result<void> calibrated = client->calibrate(*arguments.calibrate);
    if (!calibrated) return fail(calibrated.error(), output);
  }
  if (arguments.watch) return watch(*client, output);
  const Result<Usage> usage = client->usage();
  if (!usage) return fail(usage.error(), output);
  print(*usage, output);
  return kOk;
}

}  // namespace weir::cli
