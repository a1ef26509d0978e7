#include "server/answering.h"

#include <utility>

#include "server/answer_head.h"
#include "server/host_check.h"

namespace weir::server {
namespace {

// The status with which a good head is refused on its route; 0 when it is not.
int refusal_of(const HttpHead& head, const HttpRoute& route, const HttpOptions& options) {
  if (!options.only_for_host.empty() && !names_listener(head.host, options.only_for_host))
    return 421;
  if (!has_list_item(route.methods, head.method)) return 405;
  if (head.is_chunked && route.most_body_bytes == 0) return 411;
  if (head.length.value_or(0) > route.most_body_bytes) return 413;
  if (head.has_coded_body) return 415;
  if (head.wants_range) return 416;
  if (head.expects_other || (head.expects_continue && route.most_body_bytes == 0)) return 417;
  return 0;
}

class Text final : public HttpBody {
 public:
  explicit Text(std::string text) : text_(std::move(text)) {}

  std::optional<std::uint64_t> size() const override { return text_.size(); }
  Result<std::string_view> next() override {
    if (std::exchange(is_taken_, true)) return std::string_view();
    return std::string_view(text_);
  }

 private:
  const std::string text_;
  bool is_taken_ = false;
};

}  // namespace

HttpReply text_reply(int status, std::string content_type, std::string text) {
  return {.status = status,
          .headers = {{"Content-Type", std::move(content_type)}},
          .body = std::make_unique<Text>(std::move(text))};
}

std::variant<HttpAnswer, BodyToCome> Answering::begin(std::string_view bytes,
                                                      std::string_view remote_address,
                                                      std::size_t requests_left) const {
  const HttpHead head = read_head(bytes);
  if (head.refusal != 0) return refusal(head.refusal);
  const HttpRoute route = options_.routes ? options_.routes(head.method, head.target) : HttpRoute{};
  if (const int status = refusal_of(head, route, options_); status != 0)
    return refusal(status, status == 405 ? route.methods : std::string_view());
  const AnswerForm form{.has_body = head.method != "HEAD",
                        .is_http_1_0 = head.is_http_1_0,
                        .closes = !head.keeps_alive || requests_left == 0,
                        .requests_left = requests_left};
  const bool has_body = head.is_chunked || head.length.value_or(0) > 0;
  try {
    if (has_body || route.upload) return begin_body(bytes, head, remote_address, route, form);
    return lay_out(handler_(question_of(head, remote_address)), form);
  } catch (...) {
    return has_body ? before_body({.status = 500}, form) : lay_out({.status = 500}, form);
  }
}

std::variant<HttpAnswer, BodyToCome> Answering::begin_body(std::string_view bytes,
                                                           const HttpHead& head,
                                                           std::string_view remote_address,
                                                           const HttpRoute& route,
                                                           const AnswerForm& form) const {
  HttpIntake intake = route.upload ? route.upload(question_of(head, remote_address))
                                   : HttpIntake(gathered_upload(bytes, remote_address, handler_));
  const bool has_body = head.is_chunked || head.length.value_or(0) > 0;
  if (HttpReply* const reply = std::get_if<HttpReply>(&intake))
    return has_body ? before_body(std::move(*reply), form) : lay_out(std::move(*reply), form);
  const std::optional<std::uint64_t> length =
      head.is_chunked ? std::nullopt : std::optional(head.length.value_or(0));
  return BodyToCome{.body = std::make_unique<RequestBody>(length, route.most_body_bytes,
                                                          std::move(std::get<1>(intake))),
                    .form = form,
                    .is_awaited = head.expects_continue && has_body && !head.is_http_1_0};
}

HttpAnswer Answering::finish(RequestBody& body, RequestBody::State state,
                             const AnswerForm& form) const {
  if (state == RequestBody::State::kRefused) return refusal(body.refusal());
  if (state == RequestBody::State::kAnswered) return before_body(body.early_reply(), form);
  HttpReply reply{.status = 500};
  try {
    reply = body.finish();
  } catch (...) {
  }
  return lay_out(std::move(reply), form);
}

// What the client still sends is no next request.
HttpAnswer Answering::before_body(HttpReply reply, AnswerForm form) const {
  form.closes = true;
  HttpAnswer answer = lay_out(std::move(reply), form);
  answer.has_rest = true;
  return answer;
}

HttpAnswer Answering::refusal(int status, std::string_view allowed_methods) const {
  AnswerHeaders headers;
  if (!allowed_methods.empty()) headers.emplace_back("Allow", allowed_methods);
  return {.head = answer_head(status, headers, {.length = 0, .closes = true}),
          .closes = true,
          .refused_with = status,
          .has_rest = true};
}

HttpAnswer Answering::lay_out(HttpReply reply, const AnswerForm& form) const {
  AnswerFrame frame{.length = 0,
                    .closes = form.closes,
                    .requests_left = form.requests_left,
                    .idle_time = options_.idle_time};
  if (has_no_body(reply.status)) reply.body.reset();
  if (reply.body != nullptr) {
    frame.length = reply.body->size();
    frame.in_chunks = !frame.length && !form.is_http_1_0;
    // Then nothing but the connection's end tells the body's.
    frame.closes |= !frame.length && !frame.in_chunks;
  }
  if (reply.stream != nullptr) {
    frame.length.reset();
    frame.closes = true;
  }
  HttpAnswer answer{.head = answer_head(reply.status, reply.headers, frame),
                    .in_chunks = frame.in_chunks,
                    .closes = frame.closes};
  if (!form.has_body) return answer;
  answer.body = std::move(reply.body);
  answer.stream = std::move(reply.stream);
  return answer;
}

}  // namespace weir::server
