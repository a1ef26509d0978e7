// Transport: the seam through which requests leave. The default is libcurl; tests pass a fake of
// their own.
//
// One send() is at most one request on the wire: an implementation never repeats a request, never
// follows a redirect, and says in Error::may_have_been_sent whether any byte may have left.
// Implementations must be safe to call from several threads at once. An exception counts as a
// request whose end is not known. Cost: the caller has already spent the call in the ledger.
#pragma once

#include <weir/clock.h>
#include <weir/export.h>
#include <weir/result.h>

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::inline v0 {

struct HttpResponse {
  int status = 0;
  // Names in lower case.
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};

  // Empty when there is none of this name, which is given in lower case.
  std::string_view header(std::string_view name) const {
    for (const auto& [found, value] : headers)
      if (found == name) return value;
    return {};
  }
};

// Takes the next bytes of an answer whose status and headers are known; false ends the transfer.
using BodySink = std::function<bool(const HttpResponse& head, std::string_view bytes)>;

struct HttpRequest {
  std::string method = {};
  // Path below the base URL, such as "/api/v2/datasource".
  std::string path = {};
  // Unencoded names and values. May hold the integration key, so it is never logged.
  std::vector<std::pair<std::string, std::string>> query = {};
  // JSON. May hold the integration key, so it is never logged.
  std::string body = {};
  Milliseconds timeout = std::chrono::seconds{60};
  // It is given up before its timeout when nothing has arrived for so long; whole seconds.
  Milliseconds longest_silence = std::chrono::seconds{30};
  // Further headers, such as Range.
  std::vector<std::pair<std::string, std::string>> headers = {};
  // When set, receives the body of an answer 200 or 206 as it arrives, unlimited in size; the
  // response's own body stays empty then. Other answers keep their body.
  BodySink on_body = {};
  // Ends the transfer at once (kCancelled). Only for requests that change nothing: nobody could
  // know the end of others.
  std::stop_token stop = {};

  // Asked on a connection that is ready, right before the first byte leaves. When it says no,
  // nothing may be sent: an Error whose may_have_been_sent is false. A process may have slept since
  // it was allowed to make the call. Does not throw. An implementation that cannot ask so late asks
  // as late as it can. Set by the layer that spends the call, for one send(); mutable, so that a
  // large body need not be copied for it.
  mutable std::function<bool()> may_still_be_sent = {};

  // For the usage log: the data source's id, the number of rows, and the reason of the
  // call.
  std::string target = {};
  std::int64_t rows = 0;
  std::string reason = {};
  // A person waits for it: it may use the calls that are kept back for people.
  bool is_for_people = false;
};

class WEIR_EXPORT Transport {
 public:
  virtual ~Transport() = default;

  // Sends one request and waits for its whole answer. Any status is a success here; an Error means
  // that there is no answer (kUnavailable, kTimeout), that it broke a limit (kBadResponse), or that
  // the sink or the caller wanted no more of it (kCancelled).
  virtual Result<HttpResponse> send(const HttpRequest& request) = 0;
};

}  // namespace weir::inline v0
