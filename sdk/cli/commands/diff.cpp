#include <iostream>

#include "commands/commands.h"
#include "commands/rows.h"
#include "commands/sending.h"
#include "exit_code.h"
#include "output/diff_report.h"
#include "signals.h"

namespace weir::cli {
namespace {

std::string shown(const ReadProgress& progress) {
  std::string text = "reading the platform's rows: call " + std::to_string(progress.calls + 1);
  if (progress.calls_left)
    text += " of " + std::to_string(progress.calls + *progress.calls_left) + ", " +
            std::to_string(progress.rows) + " of " + std::to_string(*progress.total_rows) + " rows";
  return text;
}

std::int64_t calls_in_all(const ReadProgress& progress) {
  return progress.calls + progress.calls_left.value_or(1);
}

}  // namespace

int diff(const SettingFlags& settings, const DiffArguments& arguments,
         const OutputArguments& output) {
  Progress progress(!output.json && !output.quiet);
  if (Result<void> usable = check_rows(arguments.rows); !usable)
    return fail(usable.error(), output), kUsage;
  Result<Client> client = open_client(settings, output, progress);
  if (!client) return fail(client.error(), output);
  DataSource source = client->data_source(arguments.source);
  const Result<KnownSource> known = source.known();
  if (!known) return fail(known.error(), output);
  const std::unique_ptr<RowSource> rows =
      rows_of(arguments.rows, known->columns, false, !known->are_columns_certain);
  const StopOnSignal stop(*client);
  std::int64_t needed = 0;
  DiffOptions options{.most_listed = arguments.limit};
  options.before_call = [&](const ReadProgress& read) {
    progress.show(shown(read));
    needed = calls_in_all(read);
    return signal_received() == 0 && needed <= arguments.max_calls.value_or(needed);
  };
  const Result<DiffReport> report = source.diff(*rows, options);
  if (!report) {
    Error error = report.error();
    if (error.code == ErrorCode::kCancelled && signal_received() == 0)
      error.message += "; it takes " + std::to_string(needed) + ", more than --max-calls allows";
    return fail(error, output);
  }
  DiffSummary summary{.source = arguments.source, .report = *report};
  if (const Result<Usage> usage = client->usage()) summary.calls_left = usage->left;
  if (output.json || !output.quiet)
    std::cout << (output.json ? as_json(summary) : as_text(summary)) << '\n';
  return arguments.exit_code && differs(*report) ? kDifferent : kOk;
}

}  // namespace weir::cli
