#include "sync/http_front.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "os/stream_socket.h"

namespace weir::sync {
namespace {

using httplib::Request;
using httplib::Response;

constexpr int kBacklog = 1024;

// Stands in for the socket: the library reads the head from it and writes the answer's head to it.
class HeadStream final : public httplib::Stream {
 public:
  HeadStream(std::string_view head, const std::string& remote_address, HttpAnswer& answer)
      : head_(head), remote_address_(remote_address), answer_(answer) {}

  HttpAnswer& answer() const { return answer_; }

  bool is_readable() const override { return !head_.empty(); }
  bool is_writable() const override { return true; }
  ssize_t read(char* buffer, std::size_t size) override {
    const std::size_t count = std::min(size, head_.size());
    std::memcpy(buffer, head_.data(), count);
    head_.remove_prefix(count);
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char* text, std::size_t size) override {
    answer_.head.append(text, size);
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string& ip, int&) const override { ip = remote_address_; }
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return INVALID_SOCKET; }

 private:
  std::string_view head_;
  const std::string& remote_address_;
  HttpAnswer& answer_;
};

// The library's handlers get no stream; the worker that calls them has this one.
thread_local HeadStream* current_stream = nullptr;

// The library calls enqueue() with a task that gives the socket away, so no thread is needed.
class AtOnce final : public httplib::TaskQueue {
 public:
  void enqueue(std::function<void()> task) override { task(); }
  void shutdown() override {}
};

// What the library says of an answer for which it was given no body and no length.
constexpr std::string_view kNoBody = "\r\nContent-Length: 0";

void leave_out(std::string_view text, std::string& head) {
  const std::size_t at = head.find(text);
  if (at != std::string::npos) head.erase(at, text.size());
}

}  // namespace

HttpFront::HttpFront(const HttpOptions& options, HttpHandler handler,
                     std::function<void(int)> adopt)
    : handler_(std::move(handler)), adopt_(std::move(adopt)) {
  // Told to the client in a header; that it is so is the connection's affair.
  set_keep_alive_max_count(options.requests_per_connection);
  set_keep_alive_timeout(std::chrono::floor<std::chrono::seconds>(options.idle_time).count());
  new_task_queue = [] { return new AtOnce; };
  set_socket_options([](socket_t socket) { os::reuse_address(socket); });
  set_pre_routing_handler([this](const Request& request, Response& response) {
    reply(request, response);
    return HandlerResponse::Handled;
  });
}

HttpFront::~HttpFront() { stop_accepting(); }

int HttpFront::listen(const std::string& host, int port) {
  const int got = port == 0 ? bind_to_any_port(host) : (bind_to_port(host, port) ? port : 0);
  if (got <= 0) return 0;
  os::set_backlog(svr_sock_, kBacklog);
  accepting_ = std::thread([this] { listen_after_bind(); });
  return got;
}

void HttpFront::stop_accepting() {
  if (!accepting_.joinable()) return;
  // Not stop(): after that the library leaves the body out of answers that are under way.
  os::shut(svr_sock_);
  accepting_.join();
}

HttpAnswer HttpFront::answer(std::string_view head, const std::string& remote_address,
                             bool is_last) {
  HttpAnswer answer;
  HeadStream stream(head, remote_address, answer);
  current_stream = &stream;
  const bool done = process_request(stream, is_last, answer.closes, nullptr);
  current_stream = nullptr;
  if (is_last || !done) answer.closes = true;
  if (answer.has_unknown_size) leave_out(kNoBody, answer.head);
  return answer;
}

bool HttpFront::process_and_close_socket(socket_t socket) {
  adopt_(socket);
  return true;
}

void HttpFront::reply(const Request& request, Response& response) const {
  const std::string accept_encoding = request.get_header_value("Accept-Encoding");
  try {
    HttpReply reply = handler_({.method = request.method,
                                .target = request.target,
                                .accept_encoding = accept_encoding,
                                .remote_address = request.remote_addr});
    lay_out(std::move(reply), request, response);
  } catch (...) {
    response.status = 500;
  }
}

// The body is the connection's to send; the library is told nothing of it.
void HttpFront::lay_out(HttpReply reply, const Request& request, Response& response) const {
  response.status = reply.status;
  for (const auto& [name, value] : reply.headers) response.set_header(name, value);
  if (reply.body == nullptr) return;
  HttpAnswer& answer = current_stream->answer();
  const std::optional<std::uint64_t> size = reply.body->size();
  answer.has_unknown_size = !size;
  if (size) {
    response.set_header("Content-Length", std::to_string(*size));
  } else if (request.version == "HTTP/1.1") {
    response.set_header("Transfer-Encoding", "chunked");
    answer.in_chunks = true;
  } else {
    response.set_header("Connection", "close");  // which ends the body
    answer.closes = true;
  }
  if (request.method != "HEAD") answer.body = std::move(reply.body);
}

}  // namespace weir::sync
