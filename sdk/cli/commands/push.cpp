#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>

#include "commands/commands.h"
#include "commands/rows.h"
#include "commands/sending.h"
#include "exit_code.h"
#include "output/printable.h"

namespace weir::cli {
namespace {

Error usage_error(const std::string& message) {
  return {.code = ErrorCode::kInvalidArgument, .message = message};
}

// Flags come before what weir.toml says of the data source.
Result<PublishOptions> options_of(const PushArguments& arguments, const PushSettings& settings) {
  PublishOptions options{.first = settings.first,
                         .replace = arguments.replace,
                         .allow_empty = arguments.allow_empty,
                         .guard_deletes = true,
                         .allow_incomplete_replace = arguments.allow_incomplete_replace,
                         .dry_run = arguments.dry_run};
  if (arguments.first) options.first = first_publish_of(*arguments.first);
  std::optional<DeletesLimit> limit = settings.max_deletes;
  if (arguments.max_deletes) {
    limit = read_deletes(*arguments.max_deletes);
    if (!limit)
      return usage_error("--max-deletes takes a number of rows or a percentage such as 10%, not '" +
                         printable(*arguments.max_deletes) + "'");
  }
  if (!limit) return options;
  options.max_deletes = limit->rows;
  options.max_deletes_percent = limit->percent;
  return options;
}

// A record of NDJSON shows itself whether it is whole.
void tell_of_last_line(const PushArguments& arguments, const std::string& place) {
  if (arguments.rows.csv) std::cerr << "weir: " << ends_without_line_break(place) << '\n';
}

constexpr std::string_view kMayBeCutOff =
    ": the file ends without a line break, so it may be cut off; ";

// A file that was cut off would delete the rows behind the cut. No dry run costs a call. What the
// platform has is known only after it was adopted: then the publishing itself has the limit.
Result<void> check_whole(Client& client, const PushArguments& arguments, RowSource& rows,
                         PublishOptions& options) {
  constexpr double kMostPercent = 10;
  if (arguments.allow_cut_off) return {};
  const Result<std::optional<std::string>> place = place_without_end(arguments.rows);
  if (!place) return place.error();
  if (!*place) return {};
  const double most = std::min(kMostPercent, options.max_deletes_percent.value_or(kMostPercent));
  PublishOptions trial = options;
  if (options.first == FirstPublish::kAdopt) options.max_deletes_percent = most;
  trial.replace = false;
  trial.first = FirstPublish::kReplace;
  trial.dry_run = true;
  trial.guard_deletes = false;
  // Other mistakes are told by the publishing itself.
  const Result<PublishReport> all = client.data_source(arguments.source).publish(rows, trial);
  if (!all) return {};
  if (all->deleted == 0) return tell_of_last_line(arguments, **place), Result<void>();
  const std::string end = **place + std::string(kMayBeCutOff);
  const std::string gone =
      std::to_string(all->deleted) + " rows that the platform has are not in it";
  trial.max_deletes_percent = most;
  if (client.data_source(arguments.source).publish(rows, trial)) {
    std::cerr << "weir: " << end << gone << '\n';
    return {};
  }
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = end + gone +
                          ", more than a tenth. Write it again, whole, or give --allow-cut-off. "
                          "Nothing was changed"};
}

// A refusal of deletes may have this cause.
Error with_cut_off(Error error, const PushArguments& arguments) {
  const bool is_of_deletes = error.code == ErrorCode::kInvalidArgument &&
                             error.message.find("would delete") != std::string::npos;
  if (!is_of_deletes || arguments.allow_cut_off) return error;
  const Result<std::optional<std::string>> place = place_without_end(arguments.rows);
  if (!place || !*place) return error;
  error.message = **place + std::string(kMayBeCutOff) + error.message + " (--allow-cut-off)";
  return error;
}

PushSettings push_settings(const Settings& settings, const std::string& source) {
  const auto found = settings.push.find(source);
  return found == settings.push.end() ? PushSettings{} : found->second;
}

}  // namespace

int push(const SettingFlags& settings, const PushArguments& arguments,
         const OutputArguments& output) {
  Progress progress(!output.json && !output.quiet);
  if (Result<void> usable = check_rows(arguments.rows); !usable)
    return fail(usable.error(), output), kUsage;
  const Result<Settings> read = read_settings(settings, Needs::kCalls);
  if (!read) return fail(read.error(), output);
  Result<PublishOptions> options = options_of(arguments, push_settings(*read, arguments.source));
  if (!options) return fail(options.error(), output), kUsage;
  progress.show("reading the rows");
  Result<Client> client = open_client(*read, output, progress);
  if (!client) return fail(client.error(), output);
  DataSource source = client->data_source(arguments.source);
  const Result<KnownSource> known = source.known();
  if (!known) return fail(known.error(), output);
  const Result<bool> is_new = is_unheard_of(*client, arguments.source);
  if (!is_new) return fail(is_new.error(), output);
  std::unique_ptr<RowSource> rows = rows_of(arguments.rows, known->columns, arguments.allow_empty,
                                            arguments.replace || !known->are_columns_certain);
  bool has_zero = false;
  if (!arguments.allow_key_zero) rows = noting_key_zero(std::move(rows), has_zero);
  if (Result<void> whole = check_whole(*client, arguments, *rows, *options); !whole)
    return fail(whole.error(), output);
  const Result<PublishReport> published = source.publish(*rows, *options);
  if (!published) return fail(with_cut_off(published.error(), arguments), output);
  if (has_zero && !output.quiet) tell_of_key_zero();
  SendSummary summary{.source = arguments.source,
                      .rows = published->rows,
                      .to_upsert = published->upserted,
                      .to_delete = published->deleted,
                      .unchanged = published->unchanged,
                      .calls = published->calls,
                      .set_aside = published->set_aside,
                      .is_first = published->is_first,
                      .is_unheard_of = *is_new,
                      .replaces_all_rows = published->replaces_all_rows,
                      .doubtful = published->doubtful,
                      .store_was_put_back = published->store_was_put_back,
                      .dry_run = arguments.dry_run};
  if (arguments.keep && !arguments.dry_run)
    return keep_and_report(*client, summary, settings, output);
  if (!arguments.dry_run) {
    progress.expect(arguments.source, published->calls_needed);
    return send_and_report(*client, summary, output);
  }
  summary.calls = published->calls_needed;
  if (const Result<Usage> usage = client->usage()) summary.calls_left = usage->left;
  print(summary, output);
  return kOk;
}

}  // namespace weir::cli
