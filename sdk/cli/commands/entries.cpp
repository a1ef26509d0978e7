// weir entries: what polls have taken over and no handler has taken yet. The daemon hands over
// again what is retried here.
#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "commands/commands.h"
#include "commands/known_names.h"
#include "commands/sending.h"
#include "exit_code.h"
#include "output/entries_report.h"
#include "output/numbers.h"
#include "output/printable.h"

namespace weir::cli {
namespace {

std::string entries_problem(const EntriesArguments& arguments) {
  const bool chooses = !arguments.ids.empty() || arguments.poll;
  if (arguments.verb == EntriesArguments::Verb::kList || chooses != arguments.all) return "";
  return arguments.all ? "--all is all dead letters; leave it out, or ids and --poll"
                       : "say which entries: ids, --poll, or --all";
}

Result<void> require_known(const Client& client, const SettingFlags& settings,
                           const EntriesArguments& arguments) {
  if (arguments.poll)
    if (Result<void> known = require_known_poll(client, settings, *arguments.poll); !known)
      return known;
  if (arguments.ids.empty()) return {};
  const Result<std::vector<QueuedEntry>> all =
      client.queued_entries({.queue = arguments.poll.value_or("")});
  if (!all) return all.error();
  std::vector<std::string> numbers;
  for (const QueuedEntry& entry : *all) numbers.push_back(std::to_string(entry.number));
  for (const std::string& id : arguments.ids) {
    const bool is_there = std::any_of(all->begin(), all->end(), [&](const QueuedEntry& entry) {
      return id == entry.id || id == std::to_string(entry.number);
    });
    if (!is_there) return unknown_name("there is no entry '" + printable(id) + "'", numbers);
  }
  return {};
}

int list_entries(const Client& client, const EntryChoice& choice, const OutputArguments& output) {
  const Result<std::vector<QueuedEntry>> found = client.queued_entries(choice);
  if (!found) return fail(found.error(), output);
  if (output.json) {
    std::cout << entries_as_json(*found) << '\n';
  } else if (!output.quiet) {
    const Result<Usage> usage = client.usage();
    std::cout << entries_as_text(*found, usage ? usage->time_zone : "") << '\n';
  }
  return kOk;
}

void print_count(const char* what, std::int64_t count, const std::string& text,
                 const OutputArguments& output) {
  if (output.json) {
    std::cout << "{\"" << what << "\":" << count << "}\n";
  } else if (!output.quiet) {
    std::cout << counted(count, "entry", "entries") << text << '\n';
  }
}

}  // namespace

int entries(const SettingFlags& settings, const EntriesArguments& arguments,
            const OutputArguments& output) {
  if (const std::string problem = entries_problem(arguments); !problem.empty())
    return fail({.code = ErrorCode::kInvalidArgument, .message = problem}, output), kUsage;
  Progress progress(false);
  Result<Client> client = open_client(settings, output, progress, Needs::kRows);
  if (!client) return fail(client.error(), output);
  if (Result<void> known = require_known(*client, settings, arguments); !known)
    return fail(known.error(), output);
  const EntryChoice choice{.queue = arguments.poll.value_or(""), .ids = arguments.ids};
  if (arguments.verb == EntriesArguments::Verb::kList) return list_entries(*client, choice, output);
  const bool retries = arguments.verb == EntriesArguments::Verb::kRetry;
  const Result<std::int64_t> count =
      retries ? client->retry_entries(choice) : client->drop_entries(choice);
  if (!count) return fail(count.error(), output);
  if (retries) {
    print_count("retried", *count, " to be handed over again by weir run or weir poll", output);
  } else {
    print_count("dropped", *count, " dropped", output);
  }
  return kOk;
}

}  // namespace weir::cli
