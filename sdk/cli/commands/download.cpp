#include <iostream>

#include "commands/commands.h"
#include "commands/sending.h"
#include "exit_code.h"
#include "signals.h"

namespace weir::cli {
namespace {

// The name comes from a form entry, which anybody may have filled in: it chooses no folder and
// hides no file.
Result<std::string> target_of(const DownloadArguments& arguments) {
  if (!arguments.to.empty()) return arguments.to;
  const std::string& name = arguments.file;
  if (!name.empty() && name.front() != '.' && name.find('/') == std::string::npos) return name;
  return Error{.code = ErrorCode::kInvalidArgument,
               .message =
                   "the file's name is a path or begins with a dot; say with --to where "
                   "the file goes"};
}

std::string progress_text(const DownloadProgress& progress) {
  const std::string done = "downloading: " + megabytes(progress.bytes);
  return progress.total ? done + " of " + megabytes(*progress.total) : done;
}

// Shows what has arrived, rewritten only when the text changes.
class Shown {
 public:
  explicit Shown(Progress& progress) : progress_(progress) {}

  bool operator()(const DownloadProgress& now) {
    const std::string text = progress_text(now);
    if (text != last_) progress_.show(text);
    last_ = text;
    return true;
  }

 private:
  Progress& progress_;
  std::string last_;
};

void print(const DownloadSummary& summary, const OutputArguments& output) {
  if (output.json) {
    std::cout << as_json(summary) << '\n';
  } else if (!output.quiet) {
    std::cout << as_text(summary) << '\n';
  }
}

}  // namespace

int download(const SettingFlags& settings, const DownloadArguments& arguments,
             const OutputArguments& output) {
  const Result<std::string> target = target_of(arguments);
  if (!target) return fail(target.error(), output), kUsage;
  Progress quiet(false);
  Progress progress(!output.json && !output.quiet);
  Result<Client> client = open_client(settings, output, quiet);
  if (!client) return fail(client.error(), output);
  const StopOnSignal stop(*client);
  const Result<DownloadReport> report = client->download({.entry_id = arguments.entry,
                                                          .file_name = arguments.file,
                                                          .to = *target,
                                                          .max_bytes = arguments.max_bytes,
                                                          .on_progress = Shown(progress)});
  progress.show("");
  if (!report) return fail(report.error(), output);
  print({.entry = arguments.entry, .file = arguments.file, .to = *target, .report = *report},
        output);
  return kOk;
}

}  // namespace weir::cli
