// Answering: from the head of a request to the bytes of its answer: what is refused, what the route
// takes, the handler's call, and the layout. It knows no socket. Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "server/http_exchange.h"
#include "server/http_server.h"
#include "server/request_body.h"

namespace weir::server {

// What a connection has to send.
struct HttpAnswer {
  std::string head = {};
  std::unique_ptr<HttpBody> body = {};
  std::unique_ptr<HttpStream> stream = {};  // begins when the head is written
  bool in_chunks = false;
  bool closes = false;    // the connection ends after it
  int refused_with = 0;   // the status, when the server refused and not the handler
  bool has_rest = false;  // the client may still be sending its body
};

// What of a head the layout of its answer depends on.
struct AnswerForm {
  bool has_body = true;  // not for HEAD
  bool is_http_1_0 = false;
  bool closes = false;
  std::size_t requests_left = 0;
};

// A request whose body has yet to come.
struct BodyToCome {
  std::unique_ptr<RequestBody> body = {};
  AnswerForm form = {};
  bool is_awaited = false;  // the client wants to be told to send it
};

class Answering {
 public:
  // Both must outlive it.
  Answering(const HttpOptions& options, const HttpHandler& handler)
      : options_(options), handler_(handler) {}

  // `bytes`: a whole head. `requests_left`: how many more the connection may ask after this one.
  std::variant<HttpAnswer, BodyToCome> begin(std::string_view bytes,
                                             std::string_view remote_address,
                                             std::size_t requests_left) const;

  // The answer to a body that is whole, refused, or answered early.
  HttpAnswer finish(RequestBody& body, RequestBody::State state, const AnswerForm& form) const;

  // Nothing of the client's is in it.
  HttpAnswer refusal(int status, std::string_view allowed_methods = {}) const;

 private:
  std::variant<HttpAnswer, BodyToCome> begin_body(std::string_view bytes, const HttpHead& head,
                                                  std::string_view remote_address,
                                                  const HttpRoute& route,
                                                  const AnswerForm& form) const;
  HttpAnswer before_body(HttpReply reply, AnswerForm form) const;
  HttpAnswer lay_out(HttpReply reply, const AnswerForm& form) const;

  const HttpOptions& options_;
  const HttpHandler& handler_;
};

}  // namespace weir::server
