#include <iostream>

#include "commands/commands.h"
#include "commands/sending.h"
#include "exit_code.h"
#include "output/explanation.h"
#include "serve_config.h"
#include "signals.h"

namespace weir::cli {
namespace {

constexpr std::chrono::hours kLongestWait{1};

// What a person sees who asks what a user of the app gets.
int explain(SyncService& service, const ServeArguments& arguments, const OutputArguments& output) {
  const ExplainedUser user{.email = arguments.explain.at(0), .source = arguments.explain.at(1)};
  const Result<SyncExplanation> explained = service.explain(user.email, user.source);
  if (!explained) return fail(explained.error(), output);
  std::cout << (output.json ? as_json(*explained, user) : as_text(*explained, user)) << '\n';
  return kOk;
}

}  // namespace

int serve(const SettingFlags& settings, const ServeArguments& arguments,
          const OutputArguments& output) {
  Result<ServeConfig> config = load_serve_config(settings);
  if (!config) return fail(config.error(), output);
  const LogSink log = stderr_log(settings.verbose ? LogLevel::kInfo : LogLevel::kWarning);
  config->service.log = log;
  config->server.log = log;
  Result<SyncService> service = SyncService::open(std::move(config->service));
  if (!service) return fail(service.error(), output);
  if (!arguments.explain.empty()) return explain(*service, arguments, output);
  if (const Result<void> readable = service->check_sources(); !readable)
    return fail(readable.error(), output);
  Result<SyncServer> server = SyncServer::start(*service, std::move(config->server));
  if (!server) return fail(server.error(), output);
  std::cout << "listening on " << server->url() << std::endl;
  while (signal_received() == 0) wait_for_signal(kLongestWait);
  server->stop();
  return kOk;
}

}  // namespace weir::cli
