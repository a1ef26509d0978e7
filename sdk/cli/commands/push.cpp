#include <charconv>
#include <memory>

#include "commands/commands.h"
#include "commands/rows.h"
#include "commands/sending.h"
#include "exit_code.h"

namespace weir::cli {
namespace {

Error usage_error(const std::string& message) {
  return {.code = ErrorCode::kInvalidArgument, .message = message};
}

Result<void> read_max_deletes(const std::string& text, PublishOptions& options) {
  const bool percent = text.ends_with('%');
  const char* end = text.data() + text.size() - (percent ? 1 : 0);
  std::int64_t number = 0;
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stopped != end || number < 0 || (percent && number > 100)) {
    return usage_error("--max-deletes takes a number of rows or a percentage such as 10%, not '" +
                       text + "'");
  }
  if (percent) {
    options.max_deletes_percent = static_cast<double>(number);
  } else {
    options.max_deletes = number;
  }
  return {};
}

Result<PublishOptions> options_of(const PushArguments& arguments) {
  PublishOptions options{.first = arguments.adopt ? FirstPublish::kAdopt : FirstPublish::kReplace,
                         .replace = arguments.replace,
                         .allow_empty = arguments.allow_empty,
                         .allow_incomplete_replace = arguments.allow_incomplete_replace,
                         .dry_run = arguments.dry_run};
  if (!arguments.max_deletes) return options;
  if (Result<void> read = read_max_deletes(*arguments.max_deletes, options); !read)
    return read.error();
  return options;
}

}  // namespace

int push(const SettingFlags& settings, const PushArguments& arguments,
         const OutputArguments& output) {
  Progress progress(!output.json && !output.quiet);
  if (Result<void> usable = check_rows(arguments.rows); !usable)
    return fail(usable.error(), output), kUsage;
  Result<PublishOptions> options = options_of(arguments);
  if (!options) return fail(options.error(), output), kUsage;
  progress.show("reading the rows");
  const std::unique_ptr<RowSource> rows = rows_of(arguments.rows);
  Result<Client> client = open_client(settings, output, progress);
  if (!client) return fail(client.error(), output);
  const Result<PublishReport> published =
      client->data_source(arguments.source).publish(*rows, *options);
  if (!published) return fail(published.error(), output);
  SendSummary summary{.source = arguments.source,
                      .rows = published->rows,
                      .upserted = published->upserted,
                      .deleted = published->deleted,
                      .unchanged = published->unchanged,
                      .calls = published->calls,
                      .set_aside = published->set_aside,
                      .doubtful = published->doubtful,
                      .dry_run = arguments.dry_run};
  if (!arguments.dry_run) return send_and_report(*client, summary, output);
  summary.calls = published->calls_needed;
  if (const Result<Usage> usage = client->usage()) summary.calls_left = usage->left;
  print(summary, output);
  return kOk;
}

}  // namespace weir::cli
