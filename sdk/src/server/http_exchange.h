// What passes between the HTTP server and those who answer: a question and a reply, the body of a
// request in pieces, and what each route takes. Plain values; each belongs to one worker at a time.
#pragma once

#include <weir/sync/sync_http.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "server/http_head.h"

namespace weir::server {

// Good during the handler's call.
struct HttpQuestion {
  std::string_view method = {};  // as it came: GET, HEAD, POST, PUT or DELETE
  std::string_view target = {};  // path and query, percent-encoded as they came
  std::string_view accept_encoding = {};
  std::string_view remote_address = {};  // of the socket, never from a header
  std::string_view body = {};            // whole; of a route that takes none or an upload: empty
  std::string_view header_lines = {};

  // The value of the first header of this name, given in lower case; "" when there is none.
  std::string_view header(std::string_view lower_name) const {
    return header_value(header_lines, lower_name);
  }
};

// Asked by one worker at a time, as fast as the client takes the pieces; a body of unknown size is
// sent in chunks.
using HttpBody = SyncBody;

// A body that goes on until one side ends the connection: what there is to tell, as it comes.
class HttpStream {
 public:
  virtual ~HttpStream() = default;

  // The next piece, good until the next call; empty: nothing as yet, and it is asked again within a
  // quarter of a second. Always asked by the one thread of all streams, so it must not wait. What
  // it throws ends this stream.
  virtual std::string_view next() = 0;
};

struct HttpReply {
  int status = 200;
  // A header with a control character in it is left out. Length and connection are the server's.
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::unique_ptr<HttpBody> body = {};      // null: none
  std::unique_ptr<HttpStream> stream = {};  // instead of a body
};

// A reply whose body is this text.
HttpReply text_reply(int status, std::string content_type, std::string text);

// Called by several workers at once. What it throws becomes a bare 500.
using HttpHandler = std::function<HttpReply(const HttpQuestion&)>;

// Takes the body of one request as it arrives. When the client goes away in mid-body, or what
// comes is no body or too long, it is destroyed without finish(). What a function throws becomes a
// bare 500.
class HttpUpload {
 public:
  virtual ~HttpUpload() = default;

  // The next bytes, good during the call. Returns a reply to end the request early with; the
  // connection ends after it.
  virtual std::optional<HttpReply> take(std::string_view piece) = 0;

  // The body is whole.
  virtual HttpReply finish() = 0;
};

// A reply without a look at the body, or who takes it. A client that waits for "100 Continue"
// sends the body only to the latter.
using HttpIntake = std::variant<HttpReply, std::unique_ptr<HttpUpload>>;

// Called with a question without its body, which has not come yet.
using HttpUploadStart = std::function<HttpIntake(const HttpQuestion&)>;

// What a method and a target take.
struct HttpRoute {
  // As in the header Allow; another method is answered 405.
  std::string_view methods = "GET, HEAD";
  // 0: a request with a body is refused. Beyond it: 413.
  std::uint64_t most_body_bytes = 0;
  // Empty: the body is gathered, and the handler gets it whole.
  HttpUploadStart upload = {};
};

// Called for each good head, before the handler.
using HttpRoutes = std::function<HttpRoute(std::string_view method, std::string_view target)>;

}  // namespace weir::server
