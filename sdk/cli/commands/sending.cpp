#include "commands/sending.h"

#include <iostream>
#include <nlohmann/json.hpp>

#include "daemon/control/control_socket.h"
#include "daemon/once/send_out.h"
#include "exit_code.h"
#include "output/flag_words.h"
#include "output/printable.h"
#include "output/zone_time.h"
#include "settings_tree.h"
#include "signals.h"

namespace weir::cli {
namespace {

Result<void> send_all(Client& client, const OutputArguments& output, SendSummary& summary) {
  SendReport done;
  Result<void> sent = daemon::send_out(client.data_source(summary.source), output.wait, done);
  summary.calls += done.calls;
  summary.sent += done.changes;
  summary.dead_letters += done.dead_letters;
  if (sent && done.dead_letters > 0)
    std::cerr << "weir: refused for good: " << shown_message(done.last_refusal) << '\n';
  return sent;
}

constexpr int kConnectionsOfThePlatform = 3;

void tell_of_store(const StoreState& store) {
  if (store.is_new) {
    std::cerr << "weir: new store " << shown_place(store)
              << ": today's calls are not known; weir usage --calibrate N\n";
  } else if (store.may_be_a_copy) {
    std::cerr << "weir: the store " << shown_place(store)
              << " was copied or put back from a backup. There must never be two: both would spend "
                 "the day's calls. Say how many were made today: weir usage --calibrate N\n";
  }
}

// Whether a weir run of this weir.toml has the store; it looks at what waits there then.
bool daemon_knows(const SettingFlags& settings, const std::string& store) {
  constexpr Milliseconds kPatience = std::chrono::seconds{2};
  const std::string file = settings.config.value_or("weir.toml");
  const std::string folder = read_settings_tree(file).store_folder();
  const nlohmann::json question = {{"verb", "kept"}, {"store", store}};
  const Result<std::string> answer = daemon::ask_daemon(
      folder.empty() ? "." : folder,
      question.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), kPatience);
  if (!answer) return false;
  const auto json = nlohmann::json::parse(*answer, nullptr, false);
  return json.is_object() && json.value("ok", false);
}

// What is left of the data source in the outbox.
void count_waiting(const Client& client, SendSummary& summary) {
  const Result<OutboxContents> contents = client.outbox();
  if (!contents) return;
  summary.waiting = 0;
  for (const WaitingChanges& waiting : contents->waiting) {
    if (waiting.source != summary.source) continue;
    summary.waiting = waiting.upserts + waiting.deletes + waiting.cell_updates;
    summary.waiting_deletes = waiting.deletes;
  }
}

}  // namespace

Result<bool> is_unheard_of(Client& client, const std::string& source) {
  const Result<KnownSource> known = client.data_source(source).known();
  if (!known) return known.error();
  const Result<KeptOfSource> kept = client.kept(source);
  if (!kept) return kept.error();
  return !known->is_published && known->columns.empty() && kept->waiting == 0 &&
         kept->dead_letters == 0 && kept->rows == 0;
}

int fail(const Error& error, const OutputArguments& output) {
  Error shown = error;
  shown.message = shown_message(with_flags(shown.message));
  std::cerr << (output.json ? as_json(shown) : "weir: " + shown.message) << '\n';
  if (error.code == ErrorCode::kCancelled && signal_received() != 0) return 128 + signal_received();
  return exit_code_of(error.code);
}

Error with_waiting_rows(Error error, std::int64_t waiting, const std::string& zone) {
  const bool says_so = error.message.find(" in the outbox") != std::string::npos;
  if (waiting == 0 || says_so) return error;
  if (!error.message.ends_with('.') && !error.message.ends_with('?')) error.message += '.';
  error.message += waiting == 1 ? " The row waits in the outbox; the next command sends it"
                                : " The rows wait in the outbox; the next command sends them";
  if (error.retry_after && error.retry_after->count() > 0)
    error.message +=
        " (not before " + zone_time(system_clock()->now() + *error.retry_after, zone) + ")";
  error.message += '.';
  return error;
}

Error with_line(Error error, const std::string& file, const std::vector<std::size_t>& lines) {
  if (error.position && *error.position >= 1 && *error.position <= lines.size()) {
    error.message =
        file + ", line " + std::to_string(lines[*error.position - 1]) + ": " + error.message;
  }
  return error;
}

Result<Client> open_client(const SettingFlags& settings, const OutputArguments& output,
                           Progress& progress, Needs needs) {
  const Result<Settings> read = read_settings(settings, needs);
  if (!read) return read.error();
  return open_client(*read, output, progress);
}

Result<Client> open_client(const Settings& settings, const OutputArguments& output,
                           Progress& progress) {
  ClientOptions options = settings.client;
  options.wait = output.wait;
  options.log = [&progress, log = options.log](LogLevel level, std::string_view line) {
    if (log) log(level, line);
    // Without a line that wraps and stays.
    if (level == LogLevel::kDebug) progress.called();
  };
  const bool has_more_connections = options.max_connections > kConnectionsOfThePlatform;
  Result<Client> client = Client::open(std::move(options));
  if (!client) return with_place(settings, client.error());
  if (has_more_connections)
    std::cerr << "weir: max_connections is more than the " << kConnectionsOfThePlatform
              << " that the platform allows; it refuses the others\n";
  tell_of_store(client->store_state());
  return client;
}

void print(const SendSummary& summary, const OutputArguments& output) {
  if (output.json) {
    std::cout << as_json(summary) << '\n';
  } else if (!output.quiet) {
    std::cout << as_text(summary) << '\n';
  }
}

int keep_and_report(Client& client, SendSummary summary, const SettingFlags& settings,
                    const OutputArguments& output) {
  count_waiting(client, summary);
  summary.kept = summary.to_upsert + summary.to_delete;
  if (const Result<Usage> usage = client.usage()) summary.calls_left = usage->left;
  print(summary, output);
  const std::string store = client.store_state().location;
  if (!daemon_knows(settings, store))
    std::cerr << "weir: no weir run uses " << store
              << ", so the kept changes wait until one is started, or for weir outbox send\n";
  return kOk;
}

int send_and_report(Client& client, SendSummary summary, const OutputArguments& output) {
  const StopOnSignal stop(client);
  const Result<void> sent = send_all(client, output, summary);
  summary.has_failed = !sent;
  summary.was_given_up = !sent && sent.error().code == ErrorCode::kUnknownDataSource &&
                         summary.is_unheard_of && client.forget(summary.source).has_value();
  count_waiting(client, summary);
  const Result<Usage> usage = client.usage();
  if (usage) summary.calls_left = usage->left;
  print(summary, output);
  if (summary.set_aside > 0) {
    std::cerr << "weir: " << summary.set_aside
              << " rows are left out, refused earlier just as they are; weir outbox retry --source "
              << summary.source << " sends them again\n";
  }
  if (sent) return summary.dead_letters > 0 || summary.set_aside > 0 ? kPartial : kOk;
  Error error = sent.error();
  if (summary.was_given_up) {
    while (error.message.ends_with('.')) error.message.pop_back();
    error.message += ". Nothing was kept.";
  }
  error = with_waiting_rows(error, summary.waiting.value_or(0), usage ? usage->time_zone : "");
  if (error.code == ErrorCode::kBudgetExhausted && usage)
    error.message = day_spent(*usage, summary.waiting);
  return fail(error, output);
}

}  // namespace weir::cli
