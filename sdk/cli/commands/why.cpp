// weir why: why rows wait, why a poll looks as often as it does, why calls were made. A daemon is
// asked; without one the store tells.
#include "daemon/seeing/why.h"

#include <filesystem>
#include <iostream>
#include <system_error>

#include "commands/daemon_commands.h"
#include "commands/daemon_talk.h"
#include "commands/known_names.h"
#include "commands/sending.h"
#include "daemon/config/read_config.h"
#include "daemon/entries/poll_task.h"
#include "exit_code.h"
#include "output/command_words.h"
#include "settings_tree.h"

namespace weir::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string why_problem(const WhyArguments& arguments) {
  const int asked = (arguments.source.empty() ? 0 : 1) + (arguments.poll.empty() ? 0 : 1) +
                    (arguments.last == 0 ? 0 : 1);
  return asked == 1 ? "" : "name one of them: a data source, --poll NAME, or --last N";
}

// A question makes no store.
Result<void> require_store(const SettingFlags& settings) {
  const Result<Settings> read = read_settings(settings, Needs::kStore);
  if (!read) return read.error();
  const std::string& store = read->client.store;
  std::error_code unknown;
  if (store.find("://") != std::string::npos || std::filesystem::exists(store, unknown)) return {};
  return Error{.code = ErrorCode::kStoreUnusable,
               .message = "no weir run answers, and there is no store " + store +
                          " yet: nothing waits and no call was made"};
}

daemon::WhyAbout about(const SettingFlags& settings, const std::string& name, const Usage& usage) {
  return {.org = settings.org.value_or(""),
          .name = name,
          .time_zone = usage.time_zone,
          .now = system_clock()->now()};
}

Result<std::string> why_source(Client& client, const SettingFlags& settings,
                               const std::string& source, const Usage& usage) {
  if (Result<void> known = require_known_source(client, source); !known) return known.error();
  const Result<WaitReason> reason = client.why(source);
  if (!reason) return reason.error();
  daemon::SourceWhy why{
      .about = about(settings, source, usage), .reason = *reason, .has_daemon = false};
  if (reason->stale_rows > 0 || reason->since)
    why.what_to_do = "no weir run answers, so start one, or send now: " +
                     command("outbox send --source " + shell_word(source), why.about.org);
  tell_reset(why, usage);
  return as_json(why);
}

// The poll is begun for the question; nothing runs its looks.
Result<std::string> why_poll(Client& client, const SettingFlags& settings, const std::string& name,
                             const Usage& usage) {
  const daemon::ReadConfig read =
      daemon::read_daemon_config(settings.config.value_or("weir.toml"), settings.org);
  for (const daemon::OrgConfig& org : read.config.orgs) {
    for (const daemon::PollConfig& config : org.polls) {
      if (config.name != name) continue;
      const Result<Poll> poll = daemon::begin_poll(config, client, [] {});
      if (!poll) return poll.error();
      const Result<PollPace> pace = poll->pace();
      if (!pace) return pace.error();
      return as_json(daemon::PollWhy{.about = about(settings, name, usage), .pace = *pace});
    }
  }
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = "weir.toml has no [poll." + name + "]"};
}

std::string why_last(const SettingFlags& settings, std::int64_t most, Usage usage) {
  daemon::CallsWhy why{.about = about(settings, "", usage), .calls = std::move(usage.log)};
  if (why.calls.size() > static_cast<std::size_t>(most))
    why.calls.resize(static_cast<std::size_t>(most));
  return as_json(why);
}

Result<std::string> tell_by_store(const SettingFlags& settings, const WhyArguments& arguments,
                                  const OutputArguments& output) {
  if (Result<void> there = require_store(settings); !there) return there.error();
  Progress progress(false);
  Result<Client> client = open_client(settings, output, progress, Needs::kStore);
  if (!client) return client.error();
  const Result<Usage> usage = client->usage();
  if (!usage) return usage.error();
  if (!arguments.poll.empty()) return why_poll(*client, settings, arguments.poll, *usage);
  if (arguments.last > 0) return why_last(settings, arguments.last, *usage);
  return why_source(*client, settings, arguments.source, *usage);
}

Result<std::string> tell(const SettingFlags& settings, const WhyArguments& arguments,
                         const OutputArguments& output) {
  const Result<Json> answer = ask_weir_run(settings, {{"verb", "why"},
                                                      {"org", settings.org.value_or("")},
                                                      {"source", arguments.source},
                                                      {"poll", arguments.poll},
                                                      {"last", arguments.last}});
  if (!answer) return tell_by_store(settings, arguments, output);
  if (answer->contains("schema")) return answer->dump();
  return Error{.code = ErrorCode::kInvalidArgument, .message = answer->value("error", "")};
}

}  // namespace

int why(const SettingFlags& settings, const WhyArguments& arguments,
        const OutputArguments& output) {
  if (const std::string problem = why_problem(arguments); !problem.empty())
    return fail({.code = ErrorCode::kInvalidArgument, .message = problem}, output), kUsage;
  const Result<std::string> told = tell(settings, arguments, output);
  if (!told) return fail(told.error(), output);
  const Result<std::string> text = daemon::why_text(*told);
  if (!text) return fail(text.error(), output);
  if (output.json) {
    Json json = Json::parse(*told);
    json["text"] = *text;
    std::cout << json.dump() << '\n';
  } else if (!output.quiet) {
    std::cout << *text << '\n';
  }
  return kOk;
}

}  // namespace weir::cli
