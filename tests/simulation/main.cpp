// weir-simulate: plays seeds of the simulation; ./dev simulate runs it.
//
// usage: weir-simulate --seeds N [--first K]   plays N seeds, from seed K on (default 1)
//        weir-simulate --seed N [--trace]      plays one seed; --trace shows everything that
//        happens
// Ends with 0 when no rule was broken, else with 1 and the line that repeats the first seed.
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "simulation/many_seeds.h"

namespace {

using namespace weir::simulation;

volatile std::sig_atomic_t interrupted = 0;

int usage() {
  std::fputs(
      "usage: ./dev simulate --seeds N [--first K]\n"
      "       ./dev simulate --seed N [--trace]\n",
      stderr);
  return 2;
}

struct Arguments {
  std::uint64_t first = 1;
  std::uint64_t seeds = 0;
  bool is_single = false;
  bool prints = false;
};

bool read(int argc, char** argv, Arguments& arguments) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--trace") {
      arguments.prints = true;
      continue;
    }
    if (++i == argc) return false;
    char* end = nullptr;
    const std::uint64_t value = std::strtoull(argv[i], &end, 10);
    if (*argv[i] == '\0' || *end != '\0') return false;
    if (word == "--seeds") {
      arguments.seeds = value;
    } else if (word == "--first") {
      arguments.first = value;
    } else if (word == "--seed") {
      arguments.first = value;
      arguments.seeds = 1;
      arguments.is_single = true;
    } else {
      return false;
    }
  }
  return arguments.seeds > 0 && (arguments.is_single || !arguments.prints);
}

void show_progress(const Progress& progress) {
  std::fprintf(stderr, "\r%lld of %lld seeds, %.0f a second, %lld broke a rule ",
               static_cast<long long>(progress.played), static_cast<long long>(progress.of),
               progress.per_second, static_cast<long long>(progress.broken));
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  if (!read(argc, argv, arguments)) return usage();
  if (arguments.is_single) {
    const Outcome outcome = simulate(arguments.first, arguments.prints);
    std::printf("%s\n", in_words(outcome).c_str());
    return outcome.violation ? 1 : 0;
  }
  std::signal(SIGINT, [](int) { interrupted = 1; });
  std::signal(SIGTERM, [](int) { interrupted = 1; });
  const bool is_terminal = ::isatty(STDERR_FILENO) == 1;
  const Summary summary = simulate_many(
      arguments.first, arguments.seeds, [] { return interrupted != 0; },
      is_terminal ? show_progress : [](const Progress&) {});
  if (is_terminal) std::fputs("\n", stderr);
  std::printf("%s\n", in_words(summary).c_str());
  return summary.broken.empty() ? 0 : 1;
}
