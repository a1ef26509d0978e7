#include <iostream>

#include "commands/commands.h"
#include "commands/rows.h"
#include "commands/sending.h"
#include "exit_code.h"
#include "input/changes_file.h"
#include "input/input_error.h"

namespace weir::cli {
namespace {

// What is guessed is said.
void tell_of_guess(const std::string& source, const ChangesFile& file) {
  std::string others;
  for (std::size_t i = 1; i < file.columns.size(); ++i)
    others += (i == 1 ? ", then " : ", ") + shown_name(file.columns[i]);
  const std::string key = file.columns.empty() ? *file.guessed_key : file.columns.front();
  std::cerr << "weir: this store does not know the columns of " << source << "; by "
            << (others.empty() ? "the first line" : "the first upsert") << " of " << file.name
            << " the key is " << shown_name(key) << others << " (--key names another key)\n";
}

}  // namespace

int apply(const SettingFlags& settings, const ApplyArguments& arguments,
          const OutputArguments& output) {
  Progress progress(!output.json && !output.quiet);
  const Result<TextFormat> format = parse_text_format(arguments.delimiter, arguments.encoding);
  if (!format) return fail(format.error(), output), kUsage;
  Result<Client> client = open_client(settings, output, progress);
  if (!client) return fail(client.error(), output);
  DataSource source = client->data_source(arguments.source);
  const Result<KnownSource> known = source.known();
  if (!known) return fail(known.error(), output);
  const Result<bool> is_new = is_unheard_of(*client, arguments.source);
  if (!is_new) return fail(is_new.error(), output);
  progress.show("reading the changes");
  const Result<ChangesFile> file = read_changes(arguments.changes, arguments.key, *format,
                                                {.names = known->columns,
                                                 .fill_empty = arguments.fill_empty,
                                                 .are_certain = known->are_columns_certain});
  if (!file) return fail(file.error(), output);
  if (file->open_end)
    std::cerr << "weir: " << ends_without_line_break(at_line(file->name, *file->open_end)) << '\n';
  if (!file->doubt.empty()) std::cerr << "weir: " << file->doubt << '\n';
  const bool is_guess = !file->columns.empty() || file->guessed_key;
  if (known->columns.empty() && is_guess && !output.quiet) tell_of_guess(arguments.source, *file);
  if (!arguments.allow_key_zero && !output.quiet && has_key_zero(file->changes)) tell_of_key_zero();
  const Result<ApplyReport> applied = source.apply(file->changes, {.columns = file->columns});
  if (!applied)
    return fail(with_advice(with_line(applied.error(), file->name, file->lines)), output);
  const SendSummary summary{.source = arguments.source,
                            .rows = static_cast<std::int64_t>(file->changes.size()),
                            .to_upsert = applied->upserted,
                            .to_delete = applied->deleted,
                            .unchanged = applied->unchanged,
                            .set_aside = applied->set_aside,
                            .is_unheard_of = *is_new};
  if (arguments.keep) return keep_and_report(*client, summary, settings, output);
  return send_and_report(*client, summary, output);
}

}  // namespace weir::cli
