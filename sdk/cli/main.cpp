// The weir command: what surrounds its command line.
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <iostream>
#include <new>
#include <string_view>
#include <system_error>

#include "command_line.h"
#include "exit_code.h"
#include "signals.h"

namespace {

using namespace weir::cli;

// A daemon that is told to read its settings anew must not die of it because it has only just
// begun: so early that not even the libraries have been set up. heed_signals() goes on from there.
void block_hang_up(int, char**, char**) {
  sigset_t hang_up;
  ::sigemptyset(&hang_up);
  ::sigaddset(&hang_up, SIGHUP);
  ::sigprocmask(SIG_BLOCK, &hang_up, nullptr);
}

[[gnu::section(".preinit_array"), gnu::used]] void (*const kAtTheVeryStart)(int, char**,
                                                                            char**) = block_hang_up;

// Before its arguments are understood, a daemon must not die of a SIGHUP; what only looks like one
// sets it right afterwards.
HangUp hang_up_meant(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "run") return HangUp::kIsCounted;
    if (std::string_view(argv[i]) == "serve") return HangUp::kIsAnswered;
  }
  return HangUp::kEnds;
}

// What nobody could read is no success.
int with_output_written(int exit_code) {
  // The reason of an earlier write is not known any more; what it has left is tried again for it,
  // or else a line end.
  const bool was_good = std::cout.good();
  errno = 0;
  std::cout.clear();
  std::cout.flush();
  const bool is_flushed = std::fflush(stdout) == 0;
  if (was_good && std::cout.good() && is_flushed && std::ferror(stdout) == 0) return exit_code;
  int reason = errno;
  if (reason == 0 && ::write(STDOUT_FILENO, "\n", 1) < 0) reason = errno;
  std::cerr << "weir: cannot write to standard output"
            << (reason == 0 ? "" : std::string(": ") + std::strerror(reason)) << '\n';
  return exit_code == kOk ? kOtherFailure : exit_code;
}

int no_more(const char* what) {
  std::cerr << "weir: the system gives this program no more " << what
            << "; end others or raise its limit, then try again. Nothing that was kept is lost.\n";
  return kOtherFailure;
}

int unexpected(const std::exception& problem) {
  std::cerr << "weir: " << problem.what() << '\n';
  return kOtherFailure;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  // A file that may not grow further is told of as a full disk is.
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    heed_signals(hang_up_meant(argc, argv));
    return with_output_written(run_command_line(argc, argv));
  } catch (const std::bad_alloc&) {
    return no_more("memory");
  } catch (const std::system_error& problem) {
    if (problem.code() == std::errc::resource_unavailable_try_again) return no_more("threads");
    return unexpected(problem);
  } catch (const std::exception& problem) {
    return unexpected(problem);
  }
}
