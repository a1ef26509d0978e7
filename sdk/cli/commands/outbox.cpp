#include <iostream>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "commands/commands.h"
#include "commands/known_names.h"
#include "commands/sending.h"
#include "exit_code.h"
#include "output/numbers.h"
#include "output/outbox_report.h"
#include "output/printable.h"
#include "signals.h"

namespace weir::cli {
namespace {

DeadLetterChoice choice_of(const OutboxArguments& arguments) {
  return {.id = arguments.id, .source = arguments.source, .key = arguments.key};
}

template <class Report>
void print_report(const Report& report, const OutputArguments& output) {
  if (output.quiet && !output.json) return;
  std::cout << (output.json ? as_json(report) : as_text(report)) << '\n';
}

bool is_chosen(const DeadLetter& letter, const OutboxArguments& arguments) {
  return (!arguments.id || *arguments.id == letter.id) &&
         (!arguments.source || *arguments.source == letter.source) &&
         (!arguments.key || *arguments.key == letter.key);
}

template <class Summary>
int end_of_sending(Client& client, Summary& summary, std::optional<Error>& failure,
                   const OutputArguments& output) {
  const Result<Usage> usage = client.usage();
  if (usage) summary.calls_left = usage->left;
  print_report(summary, output);
  if (!failure) return summary.dead_letters > 0 ? kPartial : kOk;
  std::int64_t waiting = 0;
  if (const Result<OutboxContents> left = client.outbox())
    for (const WaitingChanges& source : left->waiting)
      waiting += source.upserts + source.deletes + source.cell_updates;
  return fail(with_waiting_rows(*failure, waiting, usage ? usage->time_zone : ""), output);
}

// A name that finds nothing is mistyped more often than all is done.
Result<void> require_known(const Client& client, const OutboxArguments& arguments) {
  if (arguments.source)
    if (Result<void> known = require_known_source(client, *arguments.source); !known) return known;
  if (!arguments.id && !arguments.key) return {};
  const Result<OutboxContents> contents = client.outbox();
  if (!contents) return contents.error();
  std::vector<std::string> ids;
  for (const DeadLetter& letter : contents->dead_letters) {
    if (is_chosen(letter, arguments)) return {};
    ids.push_back(std::to_string(letter.id));
  }
  std::string what = "there is no dead letter";
  if (arguments.id) what += " " + std::to_string(*arguments.id);
  if (arguments.key) what += " of key '" + printable(*arguments.key) + "'";
  if (arguments.source) what += " of " + printable(*arguments.source);
  return unknown_name(what, ids);
}

int list(const Client& client, const OutboxArguments& arguments, const OutputArguments& output) {
  Result<OutboxContents> contents = client.outbox();
  if (!contents) return fail(contents.error(), output);
  std::erase_if(contents->dead_letters,
                [&](const DeadLetter& letter) { return !is_chosen(letter, arguments); });
  std::erase_if(contents->waiting, [&](const WaitingChanges& waiting) {
    return arguments.source && *arguments.source != waiting.source;
  });
  if (output.json) {
    std::cout << as_json(*contents) << '\n';
  } else if (!output.quiet) {
    const Result<Usage> usage = client.usage();
    std::cout << as_text(*contents, usage ? usage->time_zone : "") << '\n';
  }
  return kOk;
}

// The data sources whose dead letters are chosen, and those that are left alone until somebody asks
// for just that.
std::set<std::string> sources_to_retry(const OutboxContents& contents,
                                       const OutboxArguments& arguments) {
  std::set<std::string> sources;
  for (const DeadLetter& letter : contents.dead_letters) {
    if (is_chosen(letter, arguments)) sources.insert(letter.source);
  }
  if (arguments.id || arguments.key) return sources;
  for (const WaitingChanges& waiting : contents.waiting) {
    const bool is_meant = !arguments.source || *arguments.source == waiting.source;
    if (is_meant && waiting.halted_until) sources.insert(waiting.source);
  }
  return sources;
}

// A person asks, so they are sent now and at any price.
int retry(Client& client, const OutboxArguments& arguments, const OutputArguments& output) {
  Result<OutboxContents> contents = client.outbox();
  if (!contents) return fail(contents.error(), output);
  const std::set<std::string> sources = sources_to_retry(*contents, arguments);
  const Result<std::int64_t> retried = client.retry(choice_of(arguments));
  if (!retried) return fail(retried.error(), output);
  RetrySummary summary{.retried = *retried};
  const StopOnSignal stop(client);
  std::optional<Error> failure;
  for (const std::string& source : sources) {
    SendReport done;
    const Result<SendReport> sent = client.data_source(source).send(output.wait, &done);
    summary.calls += done.calls;
    summary.sent += done.changes;
    summary.dead_letters += done.dead_letters;
    if (done.dead_letters > 0) std::cerr << "weir: refused for good: " << done.last_refusal << '\n';
    if (!sent) failure = sent.error();
  }
  return end_of_sending(client, summary, failure, output);
}

// Without keeping anything first, which a full disk may not allow.
int send(Client& client, const OutboxArguments& arguments, const OutputArguments& output) {
  const StopOnSignal stop(client);
  Result<OutboxContents> contents = client.outbox();
  if (!contents) return fail(contents.error(), output);
  SentSummary summary;
  std::optional<Error> failure;
  for (const WaitingChanges& waiting : contents->waiting) {
    if (arguments.source && *arguments.source != waiting.source) continue;
    SendReport done;
    const Result<SendReport> sent = client.data_source(waiting.source).send(output.wait, &done);
    summary.sent += done.changes;
    summary.calls += done.calls;
    summary.dead_letters += done.dead_letters;
    if (!sent) failure = sent.error();
  }
  return end_of_sending(client, summary, failure, output);
}

int drop(Client& client, const OutboxArguments& arguments, const OutputArguments& output) {
  const Result<std::int64_t> dropped = client.drop(choice_of(arguments));
  if (!dropped) return fail(dropped.error(), output);
  if (output.json) {
    std::cout << "{\"dropped\":" << *dropped << "}\n";
  } else if (!output.quiet) {
    std::cout << counted(*dropped, "dead letter") << " dropped\n";
  }
  return kOk;
}

int drop_waiting(Client& client, const OutboxArguments& arguments, const OutputArguments& output) {
  const Result<std::int64_t> dropped = client.data_source(*arguments.source).discard();
  if (!dropped) return fail(dropped.error(), output);
  if (output.json) {
    std::cout << "{\"dropped\":" << *dropped << "}\n";
  } else if (!output.quiet) {
    std::cout << counted(*dropped, "waiting change") << " of " << printable(*arguments.source)
              << " dropped\n";
  }
  return kOk;
}

// Which letters, or which data source; what is wrong with that, if anything is.
std::string choice_problem(const OutboxArguments& arguments) {
  if (arguments.waiting) {
    const bool only_source = arguments.source && !arguments.id && !arguments.key && !arguments.all;
    return only_source ? "" : "--waiting goes together with --source ID, and with nothing else";
  }
  if (arguments.verb == OutboxArguments::Verb::kSend && (arguments.id || arguments.key))
    return "weir outbox send takes --source alone; weir outbox retry sends dead letters again";
  const bool chooses = arguments.id || arguments.source || arguments.key;
  const bool takes_letters = arguments.verb == OutboxArguments::Verb::kRetry ||
                             arguments.verb == OutboxArguments::Verb::kDrop;
  if (!takes_letters || chooses != arguments.all) return "";
  return arguments.all ? "--all is all dead letters; leave it out, or an id, --source and --key"
                       : "say which dead letters: an id, --source, --key, or --all";
}

}  // namespace

int outbox(const SettingFlags& settings, const OutboxArguments& arguments,
           const OutputArguments& output) {
  if (const std::string problem = choice_problem(arguments); !problem.empty())
    return fail({.code = ErrorCode::kInvalidArgument, .message = problem}, output), kUsage;
  Progress progress(!output.json && !output.quiet);
  const bool sends = arguments.verb == OutboxArguments::Verb::kSend ||
                     arguments.verb == OutboxArguments::Verb::kRetry;
  Result<Client> client =
      open_client(settings, output, progress, sends ? Needs::kCalls : Needs::kRows);
  if (!client) return fail(client.error(), output);
  if (Result<void> known = require_known(*client, arguments); !known)
    return fail(known.error(), output);
  switch (arguments.verb) {
    case OutboxArguments::Verb::kSend:
      return send(*client, arguments, output);
    case OutboxArguments::Verb::kRetry:
      return retry(*client, arguments, output);
    case OutboxArguments::Verb::kDrop:
      return arguments.waiting ? drop_waiting(*client, arguments, output)
                               : drop(*client, arguments, output);
    case OutboxArguments::Verb::kList:
      break;
  }
  return list(*client, arguments, output);
}

}  // namespace weir::cli
