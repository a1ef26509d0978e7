#include "fuzz/http_targets.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

#include "server/chunk_reader.h"
#include "server/http_connection.h"

namespace weir::fuzz {
namespace {

using server::HttpConnection;
using server::HttpQuestion;
using server::HttpReply;

constexpr std::size_t kMostBody = 64;

void expect(bool holds, const char* what) {
  if (!holds) throw std::logic_error(what);
}

void read_http_head(const std::string& bytes) {
  static_cast<void>(server::refusal_of_unfinished(bytes));
  const std::size_t length = server::head_length(bytes);
  const server::HttpHead head = server::read_head(std::string_view(bytes).substr(0, length));
  if (head.refusal != 0) return;
  expect(!head.method.empty() && head.target.starts_with('/'), "a head without a request");
  expect(!server::has_control_character(head.target), "a target that breaks a line");
  expect(!head.is_chunked || !head.length, "a body of two lengths");
  static_cast<void>(server::header_value(head.lines, "accept-encoding"));
}

struct Chunks {
  std::string body = {};
  std::size_t taken = 0;
  bool is_whole = false;

  bool operator==(const Chunks&) const = default;
};

Chunks read_by(std::size_t piece, const std::string& bytes) {
  server::ChunkReader reader;
  Chunks read;
  while (read.taken < bytes.size() && !reader.is_whole() && !reader.is_wrong()) {
    const std::string_view arrives = std::string_view(bytes).substr(read.taken, piece);
    read.taken += reader.read(arrives, read.body);
  }
  read.is_whole = reader.is_whole();
  return read;
}

void read_chunks(const std::string& bytes) {
  const Chunks whole = read_by(bytes.size(), bytes);
  expect(whole.body.size() <= whole.taken, "more body than bytes");
  for (const std::size_t piece : {1UL, 7UL}) {
    const Chunks pieces = read_by(piece, bytes);
    expect(pieces.is_whole == whole.is_whole, "chunks that are whole in one piece only");
    expect(!whole.is_whole || pieces == whole, "chunks that depend on how they arrive");
  }
}

// Everything that the handlers of one connection were asked.
using Asked = std::vector<std::string>;

class Noted final : public server::HttpUpload {
 public:
  explicit Noted(Asked& asked) : asked_(asked) {}

  std::optional<HttpReply> take(std::string_view piece) override {
    expect(!piece.empty(), "a piece of nothing");
    body_.append(piece);
    expect(body_.size() <= kMostBody, "a body beyond its limit");
    return std::nullopt;
  }
  HttpReply finish() override {
    asked_.push_back("upload " + body_);
    return server::text_reply(200, "text/x", body_);
  }

 private:
  Asked& asked_;
  std::string body_;
};

server::HttpOptions options_for(Asked& asked) {
  server::HttpOptions options;
  options.routes = [&asked](std::string_view method, std::string_view) -> server::HttpRoute {
    if (method == "PUT") return {.methods = "PUT", .most_body_bytes = kMostBody};
    if (method != "POST") return {};
    return {.methods = "POST",
            .most_body_bytes = kMostBody,
            .upload = [&asked](const HttpQuestion&) -> server::HttpIntake {
              return std::make_unique<Noted>(asked);
            }};
  };
  return options;
}

// The client's end: takes what has been answered, so that nothing waits.
void take_answers(int socket, std::string& answers) {
  std::array<char, 4096> buffer;
  while (true) {
    const ssize_t got = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (got <= 0) return;
    answers.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

Asked ask(const std::string& bytes, std::size_t piece) {
  std::array<int, 2> ends = {};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw std::runtime_error("no sockets");
  Asked asked;
  const server::HttpOptions options = options_for(asked);
  const server::HttpHandler handler = [&asked](const HttpQuestion& question) {
    asked.push_back(std::string(question.method) + " " + std::string(question.target) + " " +
                    std::string(question.body));
    return server::text_reply(200, "text/x", asked.back());
  };
  const server::Answering answering(options, handler);
  std::string answers;
  {
    HttpConnection connection(ends[1], options);
    std::size_t sent = 0;
    HttpConnection::Next next = HttpConnection::Next::kRead;
    while (next != HttpConnection::Next::kEnd) {
      const std::string_view arrives = std::string_view(bytes).substr(sent, piece);
      if (arrives.empty()) ::shutdown(ends[0], SHUT_WR);
      const ssize_t took = ::send(ends[0], arrives.data(), arrives.size(), MSG_NOSIGNAL);
      sent += took > 0 ? static_cast<std::size_t>(took) : 0;
      next = connection.advance(answering);
      take_answers(ends[0], answers);
    }
  }
  take_answers(ends[0], answers);
  ::close(ends[0]);
  expect(answers.empty() || answers.starts_with("HTTP/1.1 "), "an answer that is none");
  return asked;
}

// What is asked does not depend on how the bytes arrive.
void read_connection(const std::string& bytes) {
  const Asked whole = ask(bytes, bytes.size() + 1);
  expect(ask(bytes, 1) == whole, "requests that depend on how they arrive");
  expect(ask(bytes, 13) == whole, "requests that depend on how they arrive, by 13 bytes");
}

}  // namespace

std::vector<Target> http_targets() {
  const std::string host = " HTTP/1.1\r\nHost: h\r\n";
  return {
      {"http_head",
       {"GET /?a=1" + host + "Accept-Encoding: gzip\r\n\r\n",
        "POST /" + host + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n",
        "PUT / HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n"},
       read_http_head},
      {"chunks",
       {"5\r\nhello\r\n0\r\n\r\n", "1;a=b\r\nx\r\n00a\r\n0123456789\r\n0\r\nX: y\r\n\r\n"},
       read_chunks},
      {"connection",
       {"GET /1" + host + "\r\nGET /2" + host + "Connection: close\r\n\r\n",
        "POST /" + host + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\nhelloGET /" + host +
            "\r\n",
        "PUT /" + host + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\nHEAD /" + host +
            "\r\n",
        "POST /" + host +
            "Transfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n2\r\nde\r\n0\r\nA: b\r\n\r\n"},
       read_connection},
  };
}

}  // namespace weir::fuzz
