// Transport: the seam through which requests leave. The default is libcurl; tests pass a fake of
// their own.
//
// One send() is at most one request on the wire: an implementation never repeats a request, never
// follows a redirect, and says in Error::may_have_been_sent whether any byte may have left.
// Implementations must be safe to call from several threads at once. Cost: the caller has already
// spent the call in the ledger.
#pragma once

#include <weir/clock.h>
#include <weir/result.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace weir {

struct HttpRequest {
  std::string method = {};
  // Path below the base URL, such as "/api/v2/datasource".
  std::string path = {};
  // Unencoded names and values. May hold the integration key, so it is never logged.
  std::vector<std::pair<std::string, std::string>> query = {};
  // JSON. May hold the integration key, so it is never logged.
  std::string body = {};
  Milliseconds timeout = std::chrono::seconds{60};

  // What the usage log keeps of the call: the data source's id, the number of rows, and why it was
  // made.
  std::string target = {};
  std::int64_t rows = 0;
  std::string reason = {};
};

struct HttpResponse {
  int status = 0;
  // Names in lower case.
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
};

class Transport {
 public:
  virtual ~Transport() = default;

  // Sends one request and waits for its whole answer. Any status is a success here; an Error means
  // that there is no answer (kUnavailable, kTimeout) or that it broke a limit (kBadResponse).
  virtual Result<HttpResponse> send(const HttpRequest& request) = 0;
};

}  // namespace weir
