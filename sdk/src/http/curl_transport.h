// CurlTransport: the real Transport, over libcurl with HTTP/1.1.
//
// One send() is one request on one connection of its own, closed afterwards, so that a socket lives
// no longer than the lease it belongs to (docs/adr/0003-one-connection-per-call.md). libcurl may
// repeat a request silently when a reused connection dies; a guard aborts the second sending,
// whatever the connection. No redirects, TLS 1.2 or later verified without a switch to turn it off,
// answers limited in bytes after decompression. Environment proxies are honoured, except for
// loopback. Safe to use from several threads at once.
#pragma once

#include <weir/clock.h>
#include <weir/transport.h>

#include <cstdint>
#include <memory>
#include <string>

namespace weir::http {

struct CurlOptions {
  std::string base_url = {};
  Milliseconds connect_timeout = std::chrono::seconds{10};
  std::int64_t max_answer_bytes = 64 * 1024 * 1024;
  std::string ca_file = {};
  // base_url is the whole address of one thing, such as a webhook's: it may have a query, and
  // requests without a path and a query go there.
  bool is_whole_address = false;
  // An answer counts from its head on: a body that is larger than the limit, breaks off or takes
  // too long ends there, instead of being an error.
  bool head_is_enough = false;
};

// Connects, over TLS where the URL says so, and sends nothing: no call. What went wrong is told as
// Transport::send() does.
Result<void> shake_hands(const CurlOptions& options);

// kInvalidConfig: the URL or the CA file cannot be used. Nothing is connected yet.
Result<std::shared_ptr<Transport>> curl_transport(const CurlOptions& options);

}  // namespace weir::http
