#include "daemon/entries/recipient.h"

#include <utility>

#include "daemon/entries/append_recipient.h"
#include "daemon/entries/command_recipient.h"
#include "daemon/entries/insert_recipient.h"
#include "daemon/entries/webhook_recipient.h"

namespace weir::daemon {
namespace {

using Made = Result<std::unique_ptr<Recipient>>;

struct Make {
  const PollConfig& poll;
  RecipientParts parts;

  Made operator()(const CommandHandler& handler) {
    return command_recipient(poll, handler, std::move(parts));
  }
  Made operator()(const WebhookHandler& handler) {
    return webhook_recipient(handler, std::move(parts));
  }
  Made operator()(const InsertHandler& handler) { return insert_recipient(handler); }
  Made operator()(const AppendHandler& handler) {
    return append_recipient(handler, std::move(parts));
  }
};

}  // namespace

Result<std::unique_ptr<Recipient>> make_recipient(const PollConfig& poll, RecipientParts parts) {
  return std::visit(Make{.poll = poll, .parts = std::move(parts)}, poll.handler);
}

}  // namespace weir::daemon
