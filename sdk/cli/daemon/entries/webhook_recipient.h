// The handler that is a web address: a POST with the headers of Standard Webhooks for each entry.
//
// 2xx: done; 408, 409, 425, 429, 5xx, a redirect and silence: again, as late as Retry-After asks;
// other 4xx: never. Redirects are not followed, and no more than 4 KiB of an answer are read.
#pragma once

#include <memory>

#include "daemon/entries/recipient.h"

namespace weir::daemon {

Result<std::unique_ptr<Recipient>> webhook_recipient(const WebhookHandler& handler,
                                                     RecipientParts parts);

}  // namespace weir::daemon
