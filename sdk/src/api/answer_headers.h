// What the headers of an answer say: how long to wait (Retry-After: seconds, or an HTTP date, RFC
// 9110, 10.2.3) and the time at the platform (Date). Pure, thread-safe.
#pragma once

#include <weir/transport.h>

#include <chrono>
#include <optional>
#include <string_view>

namespace weir::api {

// How long the answer asks to wait, at most a day; empty when it does not say, or says nonsense. A
// date is taken as the distance from the answer's own Date header, so that this host's clock does
// not matter; without that header, from `now`.
std::optional<std::chrono::seconds> retry_after(const HttpResponse& response,
                                                std::optional<std::chrono::sys_seconds> now = {});

// The Date header, cut to whole seconds as it is; empty when there is none or it is nonsense.
std::optional<std::chrono::sys_seconds> served_at(const HttpResponse& response);

// The Last-Modified header, likewise.
std::optional<std::chrono::sys_seconds> last_modified(const HttpResponse& response);

}  // namespace weir::api
