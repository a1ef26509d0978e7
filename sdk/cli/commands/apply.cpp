#include "commands/commands.h"
#include "commands/sending.h"
#include "input/changes_file.h"

namespace weir::cli {

int apply(const SettingFlags& settings, const ApplyArguments& arguments,
          const OutputArguments& output) {
  Progress progress(!output.json && !output.quiet);
  progress.show("reading the changes");
  const Result<ChangesFile> file = read_changes(arguments.changes, arguments.key);
  if (!file) return fail(file.error(), output);
  Result<Client> client = open_client(settings, output, progress);
  if (!client) return fail(client.error(), output);
  const Result<ApplyReport> applied = client->data_source(arguments.source).apply(file->changes);
  if (!applied) return fail(with_line(applied.error(), file->name, file->lines), output);
  const SendSummary summary{.source = arguments.source,
                            .rows = static_cast<std::int64_t>(file->changes.size()),
                            .upserted = applied->upserted,
                            .deleted = applied->deleted,
                            .unchanged = applied->unchanged,
                            .set_aside = applied->set_aside};
  return send_and_report(*client, summary, output);
}

}  // namespace weir::cli
