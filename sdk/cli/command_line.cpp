#include "command_line.h"

#include <unistd.h>
#include <weir/version.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <iostream>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "commands/commands.h"
#include "commands/daemon_commands.h"
#include "completion.h"
#include "daemon/config/claim_check.h"
#include "daemon/process/child.h"
#include "daemon_verbs.h"
#include "environment.h"
#include "exit_code.h"
#include "flag_checks.h"
#include "help.h"
#include "manual.h"
#include "output/report.h"
#include "setting_table.h"
#include "settings.h"
#include "settings_tree.h"
#include "signals.h"
#include "usage_problem.h"
#include "verbs.h"

namespace weir::cli {
namespace {

constexpr const char* kFooter = R"(
weir help VERB shows the flags of one of them, weir help settings all settings.

Exit codes: 0 done; 1 other failure; 2 usage; 3 settings; 4 wrong key;
            5 the day's calls are spent; 6 network or platform;
            7 some rows refused for good; 8 store;
            9 weir diff --exit-code has found a difference,
              or weir status --exit-code a trouble;
            129, 130, 143 stopped by a signal.)";

constexpr std::array<std::string_view, 7> kAllSettings = {
    "url", "company_id", "time_zone", "store", "calls_per_day", "max_connections", "ca_file"};

// What reads all of weir.toml takes nothing from flags.
bool is_of_file(const std::string& verb) {
  static constexpr std::array<std::string_view, 7> kOfFile = {
      "check", "init", "run", "reload", "release", "status", "doctor"};
  return std::find(kOfFile.begin(), kOfFile.end(), verb) != kOfFile.end();
}

// The settings that a verb uses.
std::span<const std::string_view> settings_of(const std::string& verb) {
  static constexpr std::array<std::string_view, 3> kOfStore = {"time_zone", "store",
                                                               "calls_per_day"};
  static constexpr std::array<std::string_view, 2> kOfSimulation = {"time_zone", "calls_per_day"};
  static constexpr std::array<std::string_view, 2> kOfService = {"company_id", "store"};
  if (is_of_file(verb)) return {};
  if (verb == "usage" || verb == "advise" || verb == "why") return kOfStore;
  if (verb == "simulate") return kOfSimulation;
  if (verb == "serve") return kOfService;
  return kAllSettings;
}

// Flags of files that a verb reads, and of those that it writes.
constexpr std::array kReadFiles = {"--config", "--key-file", "--ca-file", "--csv",
                                   "--ndjson", "--body",     "--changes", "--initial"};
constexpr std::array kWrittenFiles = {"--bundle", "--to", "--schedule", "--plot"};

// Of all organizations. Where other settings are wrong, doctor goes on, so the store counts as it
// is written.
std::vector<std::string> stores_of(const SettingsTree& tree, const SettingFlags& flags) {
  std::vector<std::string> stores;
  const std::string folder = tree.store_folder();
  for (const std::string& name : tree.org_names()) {
    const Result<const toml::table*> org = tree.org(name);
    if (!org) continue;
    if (const auto text = (**org)["store"].value<std::string>())
      stores.push_back(from_folder_of((folder.empty() ? "" : folder + "/") + "store", *text));
    if (const Result<Settings> settings = read_settings(tree, **org, flags, Needs::kRows))
      stores.push_back(settings->client.store);
  }
  return stores;
}

// What is wrong with the command line itself.
int refuse(const std::string& problem, bool as_an_object) {
  const Error error{.code = ErrorCode::kInvalidArgument, .message = problem};
  std::cerr << (as_an_object ? as_json(error) : "weir: " + problem) << '\n';
  return kUsage;
}

// What the parser has to say: help, a version, or what is wrong.
int tell(const CLI::App& app, const CLI::ParseError& problem, bool as_an_object) {
  if (problem.get_exit_code() == 0) {
    const bool is_version = problem.get_name() == "CallForVersion";
    std::cout << (is_version ? std::string(problem.what()) + "\n"
                             : wrapped(app.help(), help_width()));
    return kOk;
  }
  const auto verbs = app.get_subcommands();
  std::string words = usage_problem(app, problem);
  // A question that ends the sentence is an answer already.
  if (!words.ends_with('?'))
    words += "; weir help" + (verbs.empty() ? "" : " " + verbs.front()->get_name()) + " tells more";
  return refuse(words, as_an_object);
}

std::string page_of(const CLI::App& app, const std::string& topic) {
  if (topic == kManualTopic) return command_manual(app, std::string(kVersion));
  return topic == kSettingsTopic ? settings_page()
                                 : settings_manual(settings_page(), std::string(kVersion));
}

// What the flags of each verb fill in.
struct Arguments {
  PushArguments push;
  DiffArguments diff;
  ApplyArguments apply;
  UsageArguments usage;
  DownloadArguments download;
  CallArguments call;
  ForgetArguments forget;
  OutboxArguments outbox;
  EntriesArguments entries;
  PollArguments poll;
  BackfillArguments backfill;
  SimulateArguments simulate;
  AdviseArguments advise;
  ServeArguments serve;
  CheckArguments check;
  InitArguments init;
  RunArguments run;
  ReleaseArguments release;
  StatusArguments status;
  WhyArguments why;
  DoctorArguments doctor;
};

class CommandLine {
 public:
  CommandLine();
  int run(int argc, char** argv);

 private:
  struct Verb {
    const CLI::App* command;
    std::function<int()> carry_out;
  };

  // The help lists the verbs in the order in which they are added.
  void add_verbs_of_rows();
  void add_verbs_of_the_store();
  void add_verbs_of_the_daemon();
  void add_waits();
  void add_flags_of_all();
  // What is asked for without a verb being carried out: help, a version, a page, or a mistake.
  std::optional<int> answer_without_verb(int argc, char** argv);
  int carry_out() const;
  HangUp hang_up() const;
  // A flag that the verb would leave out, though it says where calls go and how many: what is
  // wrong.
  std::optional<std::string> given_twice() const;
  std::optional<std::string> flag_without_effect() const;

  // The files of those of these flags that are given.
  std::vector<daemon::FlagFile> files_of(std::span<const char* const> flags) const;
  // A file that the verb would write over, though it is Weir's own or is read.
  std::optional<std::string> overwritten() const;

  template <class OfVerb>
  CLI::App& on(CLI::App& command,
               int (*verb)(const SettingFlags&, const OfVerb&, const OutputArguments&),
               const OfVerb& of_verb) {
    verbs_.push_back(
        {&command, [this, verb, &of_verb] { return verb(settings_, of_verb, output_); }});
    return command;
  }
  bool is_asked_for(const char* verb) const { return app_.got_subcommand(verb); }

  CLI::App app_{"weir spends a daily budget of API calls where they matter most.", "weir"};
  SettingFlags settings_;
  OutputArguments output_;
  Arguments arguments_;
  int wait_seconds_ = 30;
  std::string shell_;
  std::vector<Verb> verbs_;
};

CommandLine::CommandLine() {
  app_.footer(kFooter);
  app_.set_version_flag("--version", "weir " + std::string(kVersion));
  app_.require_subcommand(1);
  app_.fallthrough();
  add_setting_flags(app_, settings_, kAllSettings);
  add_verbs_of_rows();
  add_verbs_of_the_store();
  add_verbs_of_the_daemon();
  add_flags_of_all();
  add_waits();
  verbs_.push_back({&add_completion(app_, shell_), [this] {
                      std::cout << completion(app_, shell_);
                      return static_cast<int>(kOk);
                    }});
}

void CommandLine::add_verbs_of_rows() {
  on(add_push(app_, arguments_.push), push, arguments_.push);
  on(add_diff(app_, arguments_.diff), diff, arguments_.diff);
  on(add_simulate(app_, arguments_.simulate), simulate, arguments_.simulate);
  on(add_apply(app_, arguments_.apply), apply, arguments_.apply);
}

void CommandLine::add_verbs_of_the_store() {
  on(add_usage(app_, arguments_.usage), usage, arguments_.usage);
  on(add_forget(app_, arguments_.forget), forget, arguments_.forget);
  on(add_call(app_, arguments_.call), call, arguments_.call);
  on(add_download(app_, arguments_.download), download, arguments_.download);
  on(add_outbox(app_, arguments_.outbox, output_, wait_seconds_), outbox, arguments_.outbox);
  on(add_entries(app_, arguments_.entries, output_), entries, arguments_.entries);
  on(add_poll(app_, arguments_.poll), poll, arguments_.poll);
  on(add_backfill(app_, arguments_.backfill), backfill, arguments_.backfill);
  on(add_advise(app_, arguments_.advise), advise, arguments_.advise);
  on(add_serve(app_, arguments_.serve), serve, arguments_.serve);
}

void CommandLine::add_verbs_of_the_daemon() {
  on(add_check(app_, arguments_.check), check, arguments_.check);
  verbs_.push_back({&add_init(app_), [this] {
                      InitArguments& of_init = arguments_.init;
                      of_init.file = settings_.config.value_or(of_init.file);
                      return init(of_init, output_);
                    }});
  verbs_.push_back({&add_run(app_, arguments_.run), [this] {
                      const RunArguments& of_run = arguments_.run;
                      return of_run.rehearse ? rehearse(settings_, *of_run.rehearse, output_)
                                             : run_daemon(settings_, of_run, output_);
                    }});
  verbs_.push_back({&add_reload(app_), [this] { return reload(settings_, output_); }});
  on(add_release(app_, arguments_.release), release, arguments_.release);
  on(add_status(app_, arguments_.status), status, arguments_.status);
  on(add_why(app_, arguments_.why), why, arguments_.why);
  on(add_doctor(app_, arguments_.doctor), doctor, arguments_.doctor);
}

void CommandLine::add_flags_of_all() {
  for (CLI::App* command : app_.get_subcommands({})) {
    const std::string& name = command->get_name();
    // Those have verbs of their own, which have the flags.
    if (name != "outbox" && name != "entries") add_output(*command, output_);
    add_setting_flags(*command, settings_, settings_of(name));
  }
}

void CommandLine::add_waits() {
  for (const char* verb : {"push", "diff", "apply", "run", "poll"})
    add_wait(*app_.get_subcommand(verb), wait_seconds_);
  app_.get_subcommand("download")
      ->add_option("--wait", wait_seconds_, "Seconds without a byte arriving; default 30")
      ->check(whole_number(0, 86400));
  app_.get_subcommand("call")
      ->add_option("--wait", wait_seconds_, "Seconds for everything together; default 30")
      ->check(whole_number(1, 86400));
}

std::optional<int> CommandLine::answer_without_verb(int argc, char** argv) {
  if (argc == 1) {
    std::cerr << wrapped(app_.help(), help_width());
    return kUsage;
  }
  std::string problem;
  std::vector<std::string> words = arguments_meant(app_, argc, argv, problem);
  if (words.size() == 1 && is_topic(words.front())) {
    std::cout << page_of(app_, words.front());
    return kOk;
  }
  const bool as_an_object =
      std::find(argv + 1, argv + argc, std::string_view("--json")) != argv + argc;
  if (!problem.empty()) return refuse(problem, as_an_object);
  std::reverse(words.begin(), words.end());
  try {
    app_.parse(std::move(words));
  } catch (const CLI::ParseError& wrong) {
    return tell(app_, wrong, as_an_object);
  }
  if (const auto twice = given_twice()) return refuse(*twice, as_an_object);
  if (const auto without = flag_without_effect()) return refuse(*without, as_an_object);
  if (const auto lost = overwritten()) return refuse(*lost, as_an_object);
  return std::nullopt;
}

// The parser takes a setting before the verb and behind it for two flags.
std::optional<std::string> CommandLine::given_twice() const {
  const CLI::App* verb = app_.get_subcommands().front();
  for (const CLI::Option* option : app_.get_options()) {
    if (option->count() == 0 || option->get_items_expected_max() == 0) continue;
    const CLI::Option* behind = verb->get_option_no_throw(option->get_name());
    if (behind != nullptr && behind->count() > 0)
      return option->get_name() + " is given more than once";
  }
  return std::nullopt;
}

std::optional<std::string> CommandLine::flag_without_effect() const {
  const std::string verb = app_.get_subcommands().front()->get_name();
  if (!is_of_file(verb)) return std::nullopt;
  const auto words = [&](const std::string& flag, const std::string& setting) {
    return "weir " + verb + " takes no " + flag + ": it reads all of weir.toml. Write " + setting +
           " into that file, or into another one and give --config";
  };
  if (settings_.key_file) return words("--key-file", "integration_key_file");
  for (const std::string_view name : kAllSettings)
    if (app_.get_option(flag_of(name))->count() > 0) return words(flag_of(name), std::string(name));
  return std::nullopt;
}

std::vector<daemon::FlagFile> CommandLine::files_of(std::span<const char* const> flags) const {
  std::vector<daemon::FlagFile> files;
  const CLI::App* verb = app_.get_subcommands().front();
  for (const CLI::App* command : {static_cast<const CLI::App*>(&app_), verb}) {
    for (const char* flag : flags) {
      const CLI::Option* option = command->get_option_no_throw(flag);
      if (option != nullptr && option->count() > 0)
        files.push_back({.flag = flag, .path = option->results().back()});
    }
  }
  return files;
}

std::optional<std::string> CommandLine::overwritten() const {
  std::vector<daemon::FlagFile> written = files_of(kWrittenFiles);
  // The name of a form entry's file, which is written here.
  if (is_asked_for("download") && written.empty())
    written.push_back({.flag = "--file", .path = arguments_.download.file});
  if (written.empty()) return std::nullopt;
  const SettingsTree tree = read_settings_tree(settings_.config.value_or("weir.toml"));
  return daemon::overwritten_file(tree, stores_of(tree, settings_), files_of(kReadFiles), written);
}

HangUp CommandLine::hang_up() const {
  if (is_asked_for("run")) return HangUp::kIsCounted;
  return is_asked_for("serve") ? HangUp::kIsAnswered : HangUp::kEnds;
}

int CommandLine::carry_out() const {
  const auto asked_for = std::find_if(verbs_.begin(), verbs_.end(),
                                      [](const Verb& verb) { return verb.command->parsed(); });
  return asked_for->carry_out();
}

int CommandLine::run(int argc, char** argv) {
  if (const std::optional<int> answered = answer_without_verb(argc, argv)) return *answered;
  if (!is_asked_for("completion")) {
    for (const std::string& strange : strange_variables(environ))
      std::cerr << "weir: " << strange << '\n';
  }
  output_.wait = std::chrono::seconds{wait_seconds_};
  set_hang_up(hang_up());
  before_sudden_end(&daemon::kill_all_programs);
  return carry_out();
}

}  // namespace

int run_command_line(int argc, char** argv) { return CommandLine().run(argc, argv); }

}  // namespace weir::cli
