#include "daemon/notify/messenger.h"

#include <utility>

#include "daemon/entries/webhook_recipient.h"
#include "daemon/process/run_process.h"

namespace weir::daemon {
namespace {

constexpr Milliseconds kCommandTime = std::chrono::seconds{60};
constexpr Milliseconds kCommandGrace = std::chrono::seconds{5};

Error not_told(std::string reason) {
  return {.code = ErrorCode::kUnavailable, .message = std::move(reason)};
}

// The handler of polls does the same for entries.
class WebhookMessenger final : public Messenger {
 public:
  explicit WebhookMessenger(std::unique_ptr<Recipient> webhook) : webhook_(std::move(webhook)) {}

  Result<void> tell(const Notification& message, std::stop_token stop) override {
    const QueuedEntry entry{.id = message.id, .body = message.body};
    const Handed handed = webhook_->hand_over({&entry, 1}, std::move(stop));
    if (handed.verdict == HandlerAnswer::kDone) return {};
    return not_told(handed.reason);
  }

 private:
  const std::unique_ptr<Recipient> webhook_;
};

class CommandMessenger final : public Messenger {
 public:
  explicit CommandMessenger(std::vector<std::string> command) : command_(std::move(command)) {}

  Result<void> tell(const Notification& message, std::stop_token stop) override {
    const Result<ProcessEnd> end =
        run_process({.command = command_,
                     .input = message.body + "\n",
                     .environment = {{"WEIR_NOTIFICATION_ID", message.id}},
                     .timeout = kCommandTime,
                     .stop = std::move(stop),
                     .stop_grace = kCommandGrace});
    if (!end) return not_told(end.error().message);
    if (end->went_well()) return {};
    return not_told("the command " + shown(*end, kCommandTime));
  }

 private:
  const std::vector<std::string> command_;
};

}  // namespace

Result<std::shared_ptr<Messenger>> make_messenger(const NotifySettings& settings,
                                                  std::shared_ptr<Clock> clock) {
  if (!settings.command.empty())
    return std::shared_ptr<Messenger>(std::make_shared<CommandMessenger>(settings.command));
  if (settings.webhook.empty()) return std::shared_ptr<Messenger>();
  Result<std::unique_ptr<Recipient>> webhook = webhook_recipient(
      {.url = settings.webhook, .secret = settings.secret}, {.clock = std::move(clock)});
  if (!webhook) return webhook.error();
  return std::shared_ptr<Messenger>(std::make_shared<WebhookMessenger>(std::move(*webhook)));
}

}  // namespace weir::daemon
