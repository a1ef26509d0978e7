#include "commands/sending.h"

#include <iostream>
#include <memory>

#include "exit_code.h"
#include "signals.h"

namespace weir::cli {
namespace {

bool may_go_on(const Error& error, const SendReport& done) {
  const bool is_slow = error.code == ErrorCode::kTimeout || error.code == ErrorCode::kUnavailable;
  return is_slow && done.changes > 0;
}

// The time limit is for a platform that does not answer, not for many batches: it begins anew with
// each success.
Result<void> send_all(Client& client, const OutputArguments& output, SendSummary& summary) {
  while (true) {
    SendReport done;
    const Result<SendReport> sent = client.data_source(summary.source).send(output.wait, &done);
    summary.calls += done.calls;
    summary.dead_letters += done.dead_letters;
    if (sent) {
      if (done.dead_letters > 0)
        std::cerr << "weir: refused for good: " << done.last_refusal << '\n';
      return {};
    }
    if (!may_go_on(sent.error(), done)) return sent.error();
  }
}

}  // namespace

int fail(const Error& error, const OutputArguments& output) {
  std::cerr << (output.json ? as_json(error) : "weir: " + error.message) << '\n';
  if (error.code == ErrorCode::kCancelled && signal_received() != 0) return 128 + signal_received();
  return exit_code_of(error.code);
}

Error with_line(Error error, const std::string& file, const std::vector<std::size_t>& lines) {
  if (error.position && *error.position >= 1 && *error.position <= lines.size()) {
    error.message =
        file + ", line " + std::to_string(lines[*error.position - 1]) + ": " + error.message;
  }
  return error;
}

Result<Client> open_client(const SettingFlags& settings, const OutputArguments& output,
                           Progress& progress) {
  Result<ClientOptions> options = load_settings(settings);
  if (!options) return options.error();
  options->wait = output.wait;
  options->log = [&progress, log = options->log, calls = std::make_shared<int>(0)](
                     LogLevel level, std::string_view line) {
    if (log) log(level, line);
    progress.show("call " + std::to_string(++*calls) + ": " + std::string(line));
  };
  return Client::open(std::move(*options));
}

void print(const SendSummary& summary, const OutputArguments& output) {
  if (output.json) {
    std::cout << as_json(summary) << '\n';
  } else if (!output.quiet) {
    std::cout << as_text(summary) << '\n';
  }
}

int send_and_report(Client& client, SendSummary summary, const OutputArguments& output) {
  const StopOnSignal stop(client);
  const Result<void> sent = send_all(client, output, summary);
  const Result<Usage> usage = client.usage();
  if (usage) summary.calls_left = usage->left;
  print(summary, output);
  if (sent) return summary.dead_letters > 0 ? kPartial : kOk;
  Error error = sent.error();
  if (error.code == ErrorCode::kBudgetExhausted && usage)
    error.message += " The org day resets at " + iso_time(usage->resets_at) + ".";
  return fail(error, output);
}

}  // namespace weir::cli
