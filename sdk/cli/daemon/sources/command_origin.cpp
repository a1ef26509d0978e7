#include "daemon/sources/command_origin.h"

#include <utility>

#include "daemon/process/run_process.h"
#include "daemon/sources/fetched_rows.h"
#include "daemon/sources/timed_origin.h"
#include "input/input_error.h"

namespace weir::daemon {
namespace {

class CommandRows final : public TimedOrigin {
 public:
  CommandRows(const SourceConfig& config, const CommandOrigin& command, std::string org,
              Timetable timetable)
      : TimedOrigin(std::move(timetable)),
        id_(config.id),
        org_(std::move(org)),
        command_(command),
        options_(reader_options(config, command.format)) {}

 private:
  Error too_much() const {
    return cli::input_error(command_.command.front(),
                            "was ended, since its output is larger than 256 MiB");
  }

  Result<OriginReading> read_now(SourceDelivery& delivery, TimePoint,
                                 const std::stop_token& stop) override {
    Result<cli::TemporaryInput> output = cli::TemporaryInput::make();
    if (!output) return output.error();
    std::optional<Error> full;
    std::size_t size = 0;
    const Result<ProcessEnd> end =
        run_process({.command = command_.command,
                     .environment = {{"WEIR_ORG", org_}, {"WEIR_SOURCE", id_}},
                     .on_output =
                         [&](std::string_view bytes) {
                           size += bytes.size();
                           const Result<void> kept = size > kMostFetchedBytes
                                                         ? Result<void>(too_much())
                                                         : output->append(bytes);
                           if (!kept) full = kept.error();
                           return static_cast<bool>(kept);
                         },
                     .timeout = command_.timeout,
                     .stop = stop});
    if (!end) return end.error();
    if (full) return *full;
    if (end->cause == ProcessEnd::Cause::kStop)
      return Error{.code = ErrorCode::kCancelled, .message = "stopped while the command ran"};
    if (!end->went_well())
      return cli::input_error(command_.command.front(), shown(*end, command_.timeout));
    return reading_of(deliver_fetched(delivery, *output, command_.kind, command_.rows, options_,
                                      "the output of " + command_.command.front()));
  }

  const std::string id_;
  const std::string org_;
  const CommandOrigin command_;
  const cli::RowSourceOptions options_;
};

}  // namespace

Result<std::unique_ptr<OriginReader>> make_command_origin(const SourceConfig& config,
                                                          const CommandOrigin& command,
                                                          const std::string& org,
                                                          const std::string& zone) {
  Result<Timetable> timetable = Timetable::open(command.schedule, zone);
  if (!timetable) return timetable.error();
  return std::unique_ptr<OriginReader>(
      std::make_unique<CommandRows>(config, command, org, std::move(*timetable)));
}

}  // namespace weir::daemon
