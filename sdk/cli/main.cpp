// The weir command: its verbs and flags.
#include <unistd.h>
#include <weir/version.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <new>
#include <span>
#include <string>
#include <system_error>

#include "commands/commands.h"
#include "commands/daemon_commands.h"
#include "completion.h"
#include "daemon_verbs.h"
#include "environment.h"
#include "exit_code.h"
#include "help.h"
#include "manual.h"
#include "output/printable.h"
#include "setting_table.h"
#include "signals.h"
#include "verbs.h"

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

[[gnu::section(".preinit_array"),
  gnu::used]] void (*const at_the_very_start)(int, char**, char**) = block_hang_up;

constexpr const char* kFooter = R"(
weir help VERB shows the flags of one of them, weir help settings all settings.

Exit codes: 0 done; 1 other failure; 2 usage; 3 settings; 4 wrong key;
            5 the day's calls are spent; 6 network or platform;
            7 some rows refused for good; 8 store;
            9 weir diff --exit-code has found a difference;
            129, 130, 143 stopped by a signal.)";

constexpr std::array<std::string_view, 7> kAllSettings = {
    "url", "company_id", "time_zone", "store", "calls_per_day", "max_connections", "ca_file"};

// The settings that a verb uses.
std::span<const std::string_view> settings_of(const std::string& verb) {
  static constexpr std::array<std::string_view, 3> kOfStore = {"time_zone", "store",
                                                               "calls_per_day"};
  static constexpr std::array<std::string_view, 2> kOfSimulation = {"time_zone", "calls_per_day"};
  static constexpr std::array<std::string_view, 2> kOfService = {"company_id", "store"};
  // What reads all of weir.toml takes nothing from elsewhere.
  for (const char* of_file : {"check", "init", "run", "reload", "release", "status", "doctor"})
    if (verb == of_file) return {};
  if (verb == "usage" || verb == "advise" || verb == "why") return kOfStore;
  if (verb == "simulate") return kOfSimulation;
  if (verb == "serve") return kOfService;
  return kAllSettings;
}

// What the parser has to say: help, a version, or what is wrong.
int tell(const CLI::App& app, const CLI::ParseError& problem) {
  if (problem.get_exit_code() == 0) {
    const bool is_version = problem.get_name() == "CallForVersion";
    std::cout << (is_version ? std::string(problem.what()) + "\n"
                             : wrapped(app.help(), help_width()));
    return kOk;
  }
  const auto verbs = app.get_subcommands();
  std::cerr << "weir: " << printable(problem.what()) << "; weir help"
            << (verbs.empty() ? "" : " " + verbs.front()->get_name()) << " tells more\n";
  return kUsage;
}

std::string page_of(const CLI::App& app, const std::string& topic) {
  if (topic == kManualTopic) return command_manual(app, std::string(weir::kVersion));
  return topic == kSettingsTopic ? settings_page()
                                 : settings_manual(settings_page(), std::string(weir::kVersion));
}

int run(int argc, char** argv) {
  CLI::App app{"weir spends a daily budget of API calls where they matter most.", "weir"};
  app.footer(kFooter);
  app.set_version_flag("--version", "weir " + std::string(weir::kVersion));
  app.require_subcommand(1);
  app.fallthrough();
  SettingFlags settings;
  OutputArguments output;
  PushArguments push_arguments;
  DiffArguments diff_arguments;
  ApplyArguments apply_arguments;
  UsageArguments usage_arguments;
  DownloadArguments download_arguments;
  CallArguments call_arguments;
  ForgetArguments forget_arguments;
  OutboxArguments outbox_arguments;
  EntriesArguments entries_arguments;
  PollArguments poll_arguments;
  BackfillArguments backfill_arguments;
  SimulateArguments simulate_arguments;
  AdviseArguments advise_arguments;
  ServeArguments serve_arguments;
  CheckArguments check_arguments;
  InitArguments init_arguments;
  RunArguments run_arguments;
  ReleaseArguments release_arguments;
  StatusArguments status_arguments;
  WhyArguments why_arguments;
  DoctorArguments doctor_arguments;
  int wait_seconds = 30;
  add_setting_flags(app, settings, kAllSettings);
  add_push(app, push_arguments);
  CLI::App& diff_command = add_diff(app, diff_arguments);
  add_simulate(app, simulate_arguments);
  CLI::App& apply_command = add_apply(app, apply_arguments);
  CLI::App& usage_command = add_usage(app, usage_arguments);
  const CLI::App& forget_command = add_forget(app, forget_arguments);
  CLI::App& call_command = add_call(app, call_arguments);
  CLI::App& download_command = add_download(app, download_arguments);
  const CLI::App& outbox_command = add_outbox(app, outbox_arguments, output, wait_seconds);
  const CLI::App& entries_command = add_entries(app, entries_arguments, output);
  CLI::App& poll_command = add_poll(app, poll_arguments);
  CLI::App& backfill_command = add_backfill(app, backfill_arguments);
  CLI::App& advise_command = add_advise(app, advise_arguments);
  CLI::App& serve_command = add_serve(app, serve_arguments);
  const CLI::App& check_command = add_check(app, check_arguments);
  const CLI::App& init_command = add_init(app);
  CLI::App& run_command = add_run(app, run_arguments);
  const CLI::App& reload_command = add_reload(app);
  const CLI::App& release_command = add_release(app, release_arguments);
  const CLI::App& status_command = add_status(app, status_arguments);
  const CLI::App& why_command = add_why(app, why_arguments);
  const CLI::App& doctor_command = add_doctor(app, doctor_arguments);
  for (CLI::App* command : app.get_subcommands({})) {
    if (command != &outbox_command && command != &entries_command) add_output(*command, output);
    add_setting_flags(*command, settings, settings_of(command->get_name()));
  }
  std::string shell;
  const CLI::App& completion_command = add_completion(app, shell);
  add_wait(*app.get_subcommand("push"), wait_seconds);
  add_wait(diff_command, wait_seconds);
  add_wait(apply_command, wait_seconds);
  add_wait(run_command, wait_seconds);
  add_wait(poll_command, wait_seconds);
  download_command
      .add_option("--wait", wait_seconds, "Seconds without a byte arriving; default 30")
      ->check(CLI::Range(0, 86400));
  call_command.add_option("--wait", wait_seconds, "Seconds for everything together; default 30")
      ->check(CLI::Range(1, 86400));
  if (argc == 1) {
    std::cerr << wrapped(app.help(), help_width());
    return kUsage;
  }
  std::string problem;
  std::vector<std::string> words = arguments_meant(app, argc, argv, problem);
  if (words.size() == 1 && is_topic(words.front())) {
    std::cout << page_of(app, words.front());
    return kOk;
  }
  if (!problem.empty()) {
    std::cerr << "weir: " << problem << '\n';
    return kUsage;
  }
  std::reverse(words.begin(), words.end());
  try {
    app.parse(std::move(words));
  } catch (const CLI::ParseError& wrong) {
    return tell(app, wrong);
  }
  if (completion_command.parsed()) {
    std::cout << completion(app, shell);
    return kOk;
  }
  for (const std::string& strange : strange_variables(environ))
    std::cerr << "weir: " << strange << '\n';
  output.wait = std::chrono::seconds{wait_seconds};
  set_hang_up(run_command.parsed()     ? HangUp::kIsCounted
              : serve_command.parsed() ? HangUp::kIsAnswered
                                       : HangUp::kEnds);
  if (run_command.parsed() && run_arguments.rehearse)
    return rehearse(settings, *run_arguments.rehearse, output);
  if (run_command.parsed()) return run_daemon(settings, run_arguments, output);
  if (reload_command.parsed()) return reload(settings, output);
  if (release_command.parsed()) return release(settings, release_arguments, output);
  if (status_command.parsed()) return status(settings, status_arguments, output);
  if (why_command.parsed()) return why(settings, why_arguments, output);
  if (doctor_command.parsed()) return doctor(settings, doctor_arguments, output);
  if (app.got_subcommand("simulate")) return simulate(settings, simulate_arguments, output);
  if (diff_command.parsed()) return diff(settings, diff_arguments, output);
  if (usage_command.parsed()) return usage(settings, usage_arguments, output);
  if (outbox_command.parsed()) return outbox(settings, outbox_arguments, output);
  if (entries_command.parsed()) return entries(settings, entries_arguments, output);
  if (backfill_command.parsed()) return backfill(settings, backfill_arguments, output);
  if (poll_command.parsed()) return poll(settings, poll_arguments, output);
  if (forget_command.parsed()) return forget(settings, forget_arguments, output);
  if (call_command.parsed()) return call(settings, call_arguments, output);
  if (download_command.parsed()) return download(settings, download_arguments, output);
  if (advise_command.parsed()) return advise(settings, advise_arguments, output);
  if (serve_command.parsed()) return serve(settings, serve_arguments, output);
  if (check_command.parsed()) return check(settings, check_arguments, output);
  if (init_command.parsed()) {
    init_arguments.file = settings.config.value_or(init_arguments.file);
    return init(init_arguments, output);
  }
  if (apply_command.parsed()) return apply(settings, apply_arguments, output);
  return push(settings, push_arguments, output);
}

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
  std::cout.flush();
  const int reason = errno;
  if (std::cout.good() && std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return exit_code;
  std::cerr << "weir: cannot write to standard output: " << std::strerror(reason) << '\n';
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
  try {
    heed_signals(hang_up_meant(argc, argv));
    return with_output_written(run(argc, argv));
  } catch (const std::bad_alloc&) {
    return no_more("memory");
  } catch (const std::system_error& problem) {
    if (problem.code() == std::errc::resource_unavailable_try_again) return no_more("threads");
    return unexpected(problem);
  } catch (const std::exception& problem) {
    return unexpected(problem);
  }
}
