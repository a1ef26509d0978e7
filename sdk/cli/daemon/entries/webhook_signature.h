// Standard Webhooks 1.0: the secret and the signature of a message, for handlers and notifications.
// Pure functions, thread-safe.
#pragma once

#include <weir/clock.h>
#include <weir/result.h>
#include <weir/secret.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::daemon {

// The key of a secret "whsec_" and base64 of 24 to 64 bytes. kInvalidConfig names where the secret
// came from, and never shows it.
Result<Secret> webhook_key(const Secret& secret);

// webhook-id, webhook-timestamp and, where there is a key, webhook-signature. What an id has that
// no header may have is written as %XX.
std::vector<std::pair<std::string, std::string>> webhook_headers(std::string_view id,
                                                                 TimePoint time,
                                                                 std::string_view body,
                                                                 const Secret& key);

}  // namespace weir::daemon
