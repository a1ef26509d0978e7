#include "daemon/entries/command_recipient.h"

#include <algorithm>
#include <utility>

#include "daemon/process/run_process.h"

namespace weir::daemon {
namespace {

// The system starts no program that is given a word of 128 KiB.
constexpr std::size_t kLongestId = std::size_t{100} * 1024;

class CommandRecipient final : public Recipient {
 public:
  CommandRecipient(const PollConfig& poll, CommandHandler handler, RecipientParts parts)
      : handler_(std::move(handler)), parts_(std::move(parts)) {
    if (!parts_.org.empty()) environment_.emplace_back("WEIR_ORG", parts_.org);
    environment_.emplace_back("WEIR_POLL", poll.name);
    environment_.emplace_back(poll.form.empty() ? "WEIR_SOURCE" : "WEIR_FORM",
                              poll.form.empty() ? poll.source : poll.form);
  }

  std::size_t batch() const override {
    return static_cast<std::size_t>(std::max<std::int64_t>(1, handler_.batch));
  }

  Handed hand_over(std::span<const QueuedEntry> entries, std::stop_token stop) override {
    if (entries.front().id.size() > kLongestId)
      return {.verdict = HandlerAnswer::kNever,
              .reason = "its id of " + std::to_string(entries.front().id.size()) +
                        " bytes is longer than a program can be given"};
    ProcessOrder order{.command = handler_.command,
                       .environment = environment_,
                       .timeout = handler_.timeout,
                       .stop = std::move(stop),
                       .stop_grace = parts_.stop_grace};
    for (const QueuedEntry& entry : entries) order.input += entry.body + "\n";
    order.environment.emplace_back("WEIR_ENTRY_ID", entries.front().id);
    order.environment.emplace_back("WEIR_ATTEMPT", std::to_string(entries.front().attempts + 1));
    if (batch() > 1) order.environment.emplace_back("WEIR_ENTRIES", std::to_string(entries.size()));
    const Result<ProcessEnd> end = run_process(order);
    if (!end) return {.verdict = HandlerAnswer::kAgain, .reason = end.error().message};
    if (end->went_well()) return {};
    const std::string reason = "the command " + shown(*end, handler_.timeout);
    if (end->cause == ProcessEnd::Cause::kStop)
      return {.verdict = HandlerAnswer::kStopped, .reason = reason};
    const bool is_refused =
        end->cause == ProcessEnd::Cause::kItself && end->exit_code == kNeverExitCode;
    return {.verdict = is_refused ? HandlerAnswer::kNever : HandlerAnswer::kAgain,
            .reason = reason};
  }

 private:
  const CommandHandler handler_;
  const RecipientParts parts_;
  std::vector<std::pair<std::string, std::string>> environment_;
};

}  // namespace

Result<std::unique_ptr<Recipient>> command_recipient(const PollConfig& poll,
                                                     const CommandHandler& handler,
                                                     RecipientParts parts) {
  if (handler.command.empty() || handler.command.front().empty())
    return Error{.code = ErrorCode::kInvalidConfig,
                 .message = "command is empty; give the program and its arguments"};
  return std::unique_ptr<Recipient>(
      std::make_unique<CommandRecipient>(poll, handler, std::move(parts)));
}

}  // namespace weir::daemon
