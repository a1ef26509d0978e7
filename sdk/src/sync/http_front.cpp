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

// Stands in for the socket: reads the head, keeps what is written. A piece of the body that is
// written whole is kept as it is, not copied.
class AnswerStream final : public httplib::Stream {
 public:
  AnswerStream(std::string_view head, const std::string& remote_address)
      : head_(head), remote_address_(remote_address) {}

  void expect(std::vector<HttpPiece> body) { body_ = std::move(body); }

  std::vector<HttpPiece> take_pieces() {
    end_piece();
    return std::move(pieces_);
  }

  bool is_readable() const override { return !head_.empty(); }
  bool is_writable() const override { return true; }
  ssize_t read(char* buffer, std::size_t size) override {
    const std::size_t count = std::min(size, head_.size());
    std::memcpy(buffer, head_.data(), count);
    head_.remove_prefix(count);
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char* text, std::size_t size) override {
    const auto is_whole = [&](const HttpPiece& piece) {
      return piece->data() == text && piece->size() == size;
    };
    const auto piece = std::find_if(body_.begin(), body_.end(), is_whole);
    if (piece == body_.end()) {
      written_.append(text, size);
    } else {
      end_piece();
      pieces_.push_back(*piece);
    }
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string& ip, int&) const override { ip = remote_address_; }
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return INVALID_SOCKET; }

 private:
  void end_piece() {
    if (written_.empty()) return;
    pieces_.push_back(std::make_shared<const std::string>(std::exchange(written_, {})));
  }

  std::string_view head_;
  const std::string& remote_address_;
  std::string written_;
  std::vector<HttpPiece> body_;
  std::vector<HttpPiece> pieces_;
};

// The library's handlers get no stream; the worker that calls them has this one.
thread_local AnswerStream* current_stream = nullptr;

// The library calls enqueue() with a task that gives the socket away, so no thread is needed.
class AtOnce final : public httplib::TaskQueue {
 public:
  void enqueue(std::function<void()> task) override { task(); }
  void shutdown() override {}
};

bool accepts_gzip(const Request& request) {
  const std::string value = request.get_header_value("Accept-Encoding");
  const std::size_t found = value.find("gzip");
  if (found == std::string::npos) return false;
  const std::string after = value.substr(found + 4, value.find(',', found) - found - 4);
  return after.find("q=0") == std::string::npos ||
         after.find_first_of("123456789") != std::string::npos;
}

HttpQuestion question_of(const Request& request) {
  return {.path = request.path,
          .parameters = {request.params.begin(), request.params.end()},
          .accepts_gzip = accepts_gzip(request),
          .remote_address = request.remote_addr};
}

std::size_t size_of(const std::vector<HttpPiece>& body) {
  std::size_t size = 0;
  for (const HttpPiece& piece : body) size += piece->size();
  return size;
}

// As a provider, since the library would compress a plain body anew for every device.
void set_body(std::vector<HttpPiece> body, const std::string& type, Response& response) {
  const std::size_t size = size_of(body);
  if (size == 0) return;
  current_stream->expect(body);
  response.set_content_provider(
      size, type, [pieces = std::move(body)](std::size_t, std::size_t, httplib::DataSink& sink) {
        return std::all_of(pieces.begin(), pieces.end(), [&](const HttpPiece& piece) {
          return sink.write(piece->data(), piece->size());
        });
      });
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
  AnswerStream stream(head, remote_address);
  current_stream = &stream;
  bool closes = false;
  const bool done = process_request(stream, is_last, closes, nullptr);
  current_stream = nullptr;
  return {.pieces = stream.take_pieces(), .closes = closes || is_last || !done};
}

bool HttpFront::process_and_close_socket(socket_t socket) {
  adopt_(socket);
  return true;
}

// Headers are made of constants only.
void HttpFront::reply(const Request& request, Response& response) const {
  response.set_header("Cache-Control", "no-store");
  try {
    HttpReply reply = handler_(question_of(request));
    response.status = reply.status;
    if (!reply.content_encoding.empty())
      response.set_header("Content-Encoding", reply.content_encoding);
    set_body(std::move(reply.body), reply.content_type, response);
  } catch (...) {
    response.status = 500;
  }
}

}  // namespace weir::sync
