// weir poll: one form or data source without a daemon, to standard output, a file or a command.
#include <weir/clock.h>

#include <algorithm>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <utility>

#include "commands/commands.h"
#include "commands/sending.h"
#include "daemon/entries/handover.h"
#include "daemon/entries/moment.h"
#include "daemon/entries/poll_task.h"
#include "daemon/entries/receiver.h"
#include "daemon/entries/recipient.h"
#include "daemon/process/run_process.h"
#include "exit_code.h"
#include "output/command_words.h"
#include "output/numbers.h"
#include "output/printable.h"
#include "output/zone_time.h"
#include "signals.h"

namespace weir::cli {
namespace {

using daemon::Handover;

constexpr Milliseconds kLongestWait = std::chrono::minutes{1};
constexpr Milliseconds kRestAfterError = std::chrono::seconds{30};
constexpr Milliseconds kBetweenTries = std::chrono::milliseconds{250};
constexpr std::size_t kMostLinesAtOnce = 100;

// Entries are done when their lines have left this program.
class StandardOutput final : public daemon::Recipient {
 public:
  std::size_t batch() const override { return kMostLinesAtOnce; }

  daemon::Handed hand_over(std::span<const QueuedEntry> entries,
                           std::stop_token /*stop*/) override {
    for (const QueuedEntry& entry : entries) std::cout << entry.body << '\n';
    std::cout.flush();
    if (std::cout.good()) return {};
    return {.verdict = daemon::HandlerAnswer::kStopped,
            .reason = "standard output cannot be written"};
  }
};

std::string poll_problem(const PollArguments& arguments) {
  if (arguments.form.has_value() == arguments.source.has_value())
    return "say what to poll: --form F or --source ID";
  if (arguments.to && arguments.exec) return "--to and --exec exclude each other";
  if (arguments.since && arguments.source) return "--since is for --form";
  if (arguments.receiver_port && (arguments.source || arguments.once))
    return "--receiver-port is for --form, without --once";
  return "";
}

Result<daemon::PollConfig> config_of(const PollArguments& arguments) {
  daemon::PollConfig config{
      .name = arguments.form ? "form " + *arguments.form : "data source " + *arguments.source,
      .form = arguments.form.value_or(""),
      .source = arguments.source.value_or("")};
  if (arguments.since) {
    const std::optional<TimePoint> since = daemon::moment_of(*arguments.since);
    if (!since)
      return Error{.code = ErrorCode::kInvalidArgument,
                   .message = "--since is no moment; give one such as 2026-11-01T08:00:00Z"};
    config.since = *since;
  }
  if (arguments.to) config.handler = daemon::AppendHandler{.path = *arguments.to};
  if (arguments.exec)
    config.handler = daemon::CommandHandler{.command = {"/bin/sh", "-c", *arguments.exec}};
  return config;
}

Result<std::unique_ptr<daemon::Recipient>> recipient_of(const PollArguments& arguments,
                                                        const daemon::PollConfig& config,
                                                        const LogSink& log) {
  if (!arguments.to && !arguments.exec)
    return std::unique_ptr<daemon::Recipient>(std::make_unique<StandardOutput>());
  return daemon::make_recipient(config, {.clock = system_clock(), .log = log});
}

// Sleeps until a moment, a delivery or a stop.
class WakeableSleep {
 public:
  void wake() {
    const std::lock_guard lock(mutex_);
    is_woken_ = true;
    woken_.notify_all();
  }

  void until(TimePoint moment, const std::stop_token& stop) {
    const Milliseconds left = std::max(Milliseconds{0}, moment - system_clock()->now());
    std::unique_lock lock(mutex_);
    woken_.wait_for(lock, stop, left, [this] { return is_woken_; });
    is_woken_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any woken_;
  bool is_woken_ = false;
};

// One poll from its first look to its end.
class Polling {
 public:
  Polling(Client& client, const PollArguments& arguments, const OutputArguments& output,
          std::string org)
      : client_(client), arguments_(arguments), output_(output), org_(std::move(org)) {}

  int run(const daemon::PollConfig& config) {
    name_ = config.name;
    const Result<std::optional<Claim>> claim = client_.claim(daemon::poll_claim(config));
    if (!claim) return fail(claim.error(), output_);
    if (!*claim)
      return fail({.code = ErrorCode::kStoreBusy,
                   .message = "weir run or another weir poll has the " + config.name +
                              " on this store; stop it, or see " + command("entries list", org_)},
                  output_);
    const LogSink log = log_sink();
    Result<std::unique_ptr<daemon::Recipient>> recipient = recipient_of(arguments_, config, log);
    if (!recipient) return fail(recipient.error(), output_);
    Result<Poll> poll = daemon::begin_poll(config, client_, [] {});
    if (!poll) return fail(poll.error(), output_);
    Handover handover({.poll = config.name, .org = org_},
                      {.queue = client_.entry_queue(config.name),
                       .recipient = std::move(*recipient),
                       .clock = system_clock(),
                       .log = log});
    if (arguments_.once) poll->hint();
    if (!arguments_.receiver_port) return work(*poll, handover);
    Result<std::unique_ptr<daemon::Receiver>> receiver =
        daemon::Receiver::start("127.0.0.1", *arguments_.receiver_port);
    if (!receiver) return fail(receiver.error(), output_);
    const std::string path = daemon::Receiver::path_of("", config.form);
    (*receiver)->serve(path, client_.form_entries(config.form), [this] { waiting_.wake(); });
    std::cerr << "weir: receive http://127.0.0.1:" << (*receiver)->port() << path << '\n';
    return work(*poll, handover);
  }

 private:
  LogSink log_sink() const {
    return [quiet = output_.quiet](LogLevel level, std::string_view line) {
      if (level >= LogLevel::kWarning && !quiet)
        std::cerr << "weir: " << printable(std::string(line)) << '\n';
    };
  }

  int work(Poll& poll, Handover& handover) {
    const std::stop_token stop = stop_of_process();
    // What an earlier program has found needs no look.
    const Result<Handover::Step> before = hand_over(handover, stop);
    if (!before) return fail(before.error(), output_);
    // Nor would it help: what it finds goes behind the entry that rests.
    if (arguments_.once && before->progress == Handover::Progress::kWaits)
      return tell_of_rest(handover, *before);
    while (true) {
      if (!std::cout.good()) return kOtherFailure;
      if (is_enough(handover)) return end_code(handover);
      const Result<std::optional<TimePoint>> looked =
          arguments_.once ? look_once(poll, stop) : client_.poll_due();
      if (stop.stop_requested()) return 128 + signal_received();
      if (!looked && arguments_.once) return fail(looked.error(), output_);
      if (!arguments_.once) tell_of(looked ? poll.failure() : looked.error());
      const Result<Handover::Step> step = hand_over(handover, stop);
      if (!step) return fail(step.error(), output_);
      if (!std::cout.good()) return kOtherFailure;
      if (is_enough(handover)) return end_code(handover);
      if (step->progress == Handover::Progress::kStopped) return 128 + signal_received();
      if (arguments_.once) return end_once(poll, handover, *step);
      handover.rest();
      daemon::reap_strays();
      wait_for(looked, *step, stop);
    }
  }

  // Another process may be in the midst of a look. That of one that was killed rests for a while,
  // for its call may still be under way.
  Result<std::optional<TimePoint>> look_once(Poll& poll, const std::stop_token& stop) {
    const std::shared_ptr<Clock> clock = system_clock();
    const Milliseconds give_up = clock->steady_now() + output_.wait;
    while (true) {
      Result<std::optional<TimePoint>> looked = client_.poll_due();
      const std::optional<Error> failure = looked ? poll.failure() : std::nullopt;
      if (!failure || failure->code != ErrorCode::kBusy || clock->steady_now() >= give_up)
        return looked;
      tell_of(Error{.message = failure->message +
                               ", or it was killed a moment ago; waiting for up to " +
                               std::to_string(output_.wait.count()) + " s (--wait)"});
      if (!clock->wait(kBetweenTries, stop)) return looked;
      poll.hint();
    }
  }

  // The same failure is told once.
  void tell_of(const std::optional<Error>& failure) {
    const std::string words = failure ? failure->message : "";
    if (!words.empty() && words != told_) log_sink()(LogLevel::kWarning, words);
    told_ = words;
  }

  Result<Handover::Step> hand_over(Handover& handover, const std::stop_token& stop) const {
    while (true) {
      if (is_enough(handover)) return Handover::Step{};
      Result<Handover::Step> step = handover.step(stop, left(handover));
      if (!step || step->progress != Handover::Progress::kWorked) return step;
    }
  }

  std::size_t left(const Handover& handover) const {
    return arguments_.max ? static_cast<std::size_t>(*arguments_.max - handover.done())
                          : std::size_t{1'000'000};
  }
  bool is_enough(const Handover& handover) const {
    return arguments_.max && handover.done() >= *arguments_.max;
  }

  void wait_for(const Result<std::optional<TimePoint>>& looked, const Handover::Step& step,
                const std::stop_token& stop) {
    TimePoint next = system_clock()->now() + (looked ? kLongestWait : kRestAfterError);
    if (looked && *looked) next = std::min(next, **looked);
    if (step.next) next = std::min(next, *step.next);
    waiting_.until(next, stop);
  }

  static int end_code(const Handover& handover) { return handover.buried() > 0 ? kPartial : kOk; }

  int end_once(const Poll& poll, const Handover& handover, const Handover::Step& step) const {
    if (const std::optional<Error> failure = poll.failure()) return fail(*failure, output_);
    if (step.progress == Handover::Progress::kIdle) return end_code(handover);
    return tell_of_rest(handover, step);
  }

  int tell_of_rest(const Handover& handover, const Handover::Step& step) const {
    std::string words = "entries wait for another try: " + handover.problem();
    while (words.ends_with('.')) words.pop_back();
    if (step.next) {
      const Result<Usage> usage = client_.usage();
      words += "; they rest until " + zone_time(*step.next, usage ? usage->time_zone : "") +
               ", unless " + command("entries retry --poll " + shell_word(name_), org_) +
               " ends that";
    }
    log_sink()(LogLevel::kWarning, words);
    return kPartial;
  }

  Client& client_;
  const PollArguments& arguments_;
  const OutputArguments& output_;
  const std::string org_;
  std::string name_;
  std::string told_;
  WakeableSleep waiting_;
};

}  // namespace

int poll(const SettingFlags& settings, const PollArguments& arguments,
         const OutputArguments& output) {
  set_hang_up(HangUp::kIsAnswered);
  if (const std::string problem = poll_problem(arguments); !problem.empty())
    return fail({.code = ErrorCode::kInvalidArgument, .message = problem}, output), kUsage;
  const Result<daemon::PollConfig> config = config_of(arguments);
  if (!config) return fail(config.error(), output), kUsage;
  Progress progress(false);
  Result<Client> client = open_client(settings, output, progress, Needs::kCalls);
  if (!client) return fail(client.error(), output);
  const StopOnSignal stop(*client);
  return Polling(*client, arguments, output, settings.org.value_or("")).run(*config);
}

}  // namespace weir::cli
