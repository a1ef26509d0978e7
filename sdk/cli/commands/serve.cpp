#include <unistd.h>
#include <weir/foreign_words.h>

#include <iostream>
#include <thread>

#include "commands/commands.h"
#include "commands/sending.h"
#include "exit_code.h"
#include "output/explanation.h"
#include "output/flag_words.h"
#include "output/printable.h"
#include "serve_config.h"
#include "signals.h"

namespace weir::cli {
namespace {

constexpr std::chrono::hours kLongestWait{1};
// A data source or a store that does not answer, such as a file on a server that is away, holds up
// its thread. Nothing is lost when that ends with the program.
constexpr std::chrono::seconds kLongestStop{4};
constexpr std::chrono::milliseconds kLookEvery{200};

// A service that is stopped has done what it was to do; an answer that was asked for is missing.
void end_in_time_after_a_signal(bool serves) {
  std::thread([serves] {
    // Waits for nothing that the end of the program destroys.
    while (signal_received() == 0) std::this_thread::sleep_for(kLookEvery);
    std::this_thread::sleep_for(kLongestStop);
    ::_exit(serves ? kOk : 128 + signal_received());
  }).detach();
}

// What a person sees who asks what a user of the app gets.
int explain(SyncService& service, const ServeArguments& arguments, const OutputArguments& output) {
  const ExplainedUser user{.email = arguments.explain.at(0), .source = arguments.explain.at(1)};
  const Result<SyncExplanation> explained = service.explain(user.email, user.source);
  if (!explained) return fail(explained.error(), output);
  std::cout << (output.json ? as_json(*explained, user) : as_text(*explained, user)) << '\n';
  return kOk;
}

int start_anew(SyncService& service, const OutputArguments& output) {
  if (const Result<void> begun = service.start_anew(); !begun) return fail(begun.error(), output);
  std::cout << (output.json ? R"({"started_anew":true})"
                            : "every phone gets all rows at its next sync")
            << '\n';
  return kOk;
}

// "OUTAGES: each user their own rows (crew_email)".
std::string shown(const SyncSource& source) {
  std::string text = printable(source.id) + ": ";
  switch (source.rule.kind()) {
    case UserRule::Kind::kSameRowsForAll:
      return text + "the same rows for every user";
    case UserRule::Kind::kSourceDecides:
      return text + "each user their own rows (:email in the query)";
    default:
      return text + "each user their own rows (" + printable(source.rule.column_name()) + ")";
  }
}

}  // namespace

int serve(const SettingFlags& settings, const ServeArguments& arguments,
          const OutputArguments& output) {
  const ServeUse use = arguments.explain.empty() ? ServeUse::kServe : ServeUse::kExplain;
  Result<ServeConfig> config = load_serve_config(settings, use);
  if (!config) return fail(config.error(), output);
  const LogSink log = [to = stderr_log(settings.verbose ? LogLevel::kInfo : LogLevel::kWarning)](
                          LogLevel level, std::string_view line) {
    to(level, with_flags(weir::without_foreign_words(line)));
  };
  config->service.log = log;
  config->server.log = log;
  std::string served;
  for (const SyncSource& source : config->service.sources)
    served += "weir: serves " + shown(source) + "\n";
  end_in_time_after_a_signal(arguments.explain.empty() && !arguments.start_anew);
  Result<SyncService> service = SyncService::open(std::move(config->service));
  if (!service) return fail(service.error(), output);
  if (!arguments.explain.empty()) return explain(*service, arguments, output);
  if (arguments.start_anew) return start_anew(*service, output);
  // After a restart of the machine a database may be away for a while, and phones ask for the
  // others.
  if (const Result<void> readable = service->check_sources(); !readable)
    log(LogLevel::kWarning,
        readable.error().message +
            ". Phones that ask for it get 424 until it can be read; the others are served");
  Result<SyncServer> server = SyncServer::start(*service, std::move(config->server));
  if (!server) return fail(server.error(), output);
  std::cout << "listening on " << server->url() << std::endl;
  std::cerr << served;
  while (signal_received() == 0) wait_for_signal(kLongestWait);
  server->stop();
  return kOk;
}

}  // namespace weir::cli
