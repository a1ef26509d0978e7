// weir entries: what polls have taken over and no handler has taken yet. The daemon hands over
// again what is retried here.
#include <iostream>

#include "commands/commands.h"
#include "commands/sending.h"
#include "exit_code.h"
#include "output/entries_report.h"
#include "output/numbers.h"

namespace weir::cli {
namespace {

std::string entries_problem(const EntriesArguments& arguments) {
  const bool chooses = !arguments.ids.empty() || arguments.poll;
  return arguments.verb != EntriesArguments::Verb::kList && chooses == arguments.all
             ? "say which entries: ids, --poll, or --all"
             : "";
}

int list_entries(const Client& client, const EntryChoice& choice, const OutputArguments& output) {
  const Result<std::vector<QueuedEntry>> found = client.queued_entries(choice);
  if (!found) return fail(found.error(), output);
  if (output.json || !output.quiet)
    std::cout << (output.json ? entries_as_json(*found) : entries_as_text(*found)) << '\n';
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
