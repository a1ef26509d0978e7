#include "server/http_connection.h"

#include <algorithm>
#include <charconv>
#include <span>
#include <utility>

#include "os/stream_socket.h"
#include "server/http_head.h"

namespace weir::server {
namespace {

// After an answer that did not wait for the request's end the rest is taken and thrown away for a
// moment: closing at once would reset the connection before the client has read why.
constexpr std::size_t kMostDrained = 256UL * 1024;
constexpr Milliseconds kDrainTime{1'000};

constexpr std::size_t kMostKept = 1024;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

// Places in what is to be written; the head is the first.
constexpr std::size_t kChunkSize = 1;
constexpr std::size_t kPiece = 2;
constexpr std::size_t kChunkEnd = 3;

}  // namespace

HttpConnection::HttpConnection(int socket, const HttpOptions& options)
    : socket_(socket), options_(options), remote_address_(os::peer_address(socket)) {
  enter(Phase::kHead, options.head_time);
}

HttpConnection::~HttpConnection() {
  if (socket_ >= 0) os::close_socket(socket_);
}

HttpConnection::Next HttpConnection::advance(const Answering& answering) {
  if (phase_ == Phase::kShut) return Next::kEnd;
  if (phase_ == Phase::kDraining) return drain();
  if (!is_written()) {
    const Next next = write();
    return next == Next::kRead && phase_ != Phase::kDraining ? go_on(answering) : next;
  }
  std::array<char, kMostHeadBytes> buffer;
  const os::Transfer got =
      os::receive(socket_, std::span(buffer).first(buffer.size() - in_.size()));
  if (got.is_over) return Next::kEnd;
  if (got.bytes == 0) return Next::kRead;
  if (phase_ == Phase::kIdle) enter(Phase::kHead, options_.head_time);
  in_.append(buffer.data(), got.bytes);
  return go_on(answering);
}

HttpConnection::Next HttpConnection::go_on(const Answering& answering) {
  if (body_ != nullptr) {
    const Next next = take_body(answering);
    if (next != Next::kRead || body_ != nullptr || phase_ == Phase::kDraining) return next;
  }
  return answer_heads(answering);
}

// One after another: the next is looked at when the answer before it has been written.
HttpConnection::Next HttpConnection::answer_heads(const Answering& answering) {
  while (const std::size_t length = head_length(in_)) {
    enter(Phase::kAnswering, Milliseconds{0});
    const bool is_answered = begin(answering, std::string_view(in_).substr(0, length));
    in_.erase(0, length);
    const Next next = is_answered ? write() : take_body(answering);
    if (next != Next::kRead || body_ != nullptr || phase_ == Phase::kDraining) return next;
  }
  const int status = refusal_of_unfinished(in_);
  if (status == 0) return wait_for_more();
  send(answering.refusal(status));
  return write();
}

// False when the request has a body that is still to be taken.
bool HttpConnection::begin(const Answering& answering, std::string_view head) {
  const std::size_t asked = requests_ + 1;
  const std::size_t most = is_last_ ? asked : options_.requests_per_connection;
  auto begun = answering.begin(head, remote_address_, most - std::min(most, asked));
  if (HttpAnswer* const answer = std::get_if<HttpAnswer>(&begun)) {
    if (answer->refused_with == 0) ++requests_;
    send(std::move(*answer));
    return true;
  }
  ++requests_;
  body_ = std::make_unique<BodyToCome>(std::move(std::get<BodyToCome>(begun)));
  enter(Phase::kBody, options_.body_time);
  return false;
}

HttpConnection::Next HttpConnection::take_body(const Answering& answering) {
  // What is with the head already needs no asking.
  if (std::exchange(body_->is_awaited, false) && in_.empty()) {
    out_[0] = kContinue;
    return write();
  }
  // Only the client's time counts.
  const Milliseconds left = deadline() - options_.clock->steady_now();
  enter(Phase::kAnswering, Milliseconds{0});
  const RequestBody::State state = body_->body->take(in_);
  if (state == RequestBody::State::kGoesOn) {
    enter(Phase::kBody, left);
    return wait_for_more();
  }
  AnswerForm form = body_->form;
  form.closes |= is_last_;
  HttpAnswer answer = answering.finish(*body_->body, state, form);
  body_.reset();
  send(std::move(answer));
  return write();
}

HttpConnection::Next HttpConnection::wait_for_more() {
  const bool waits = phase_ == Phase::kHead || phase_ == Phase::kBody;
  was_late_ = waits && deadline() <= options_.clock->steady_now();
  return was_late_ ? Next::kEnd : Next::kRead;
}

void HttpConnection::send(HttpAnswer answer) {
  if (answer.refused_with != 0) refused_with_ = answer.refused_with;
  answer_ = std::move(answer);
  out_[0] = answer_.head;
}

HttpConnection::Next HttpConnection::write() {
  while (true) {
    // A piece goes along with the head, so that a small answer is one packet.
    if (out_[kPiece].empty() && !take_piece()) return Next::kEnd;
    if (is_written()) return after_writing();
    const os::Transfer sent = os::send_pieces(socket_, out_);
    if (sent.is_over) return Next::kEnd;
    if (sent.bytes == 0) {
      enter(Phase::kWriting, options_.stall_time);
      return Next::kWrite;
    }
    std::size_t left = sent.bytes;
    for (std::string_view& part : out_) {
      const std::size_t done = std::min(left, part.size());
      part.remove_prefix(done);
      left -= done;
    }
  }
}

bool HttpConnection::is_written() const {
  return std::all_of(out_.begin(), out_.end(), [](std::string_view part) { return part.empty(); });
}

// False when the body has failed.
bool HttpConnection::take_piece() {
  if (answer_.body == nullptr) return true;
  const Result<std::string_view> piece = answer_.body->next();
  if (!piece) return false;
  out_[kPiece] = *piece;
  if (piece->empty()) answer_.body.reset();
  if (!answer_.in_chunks) return true;
  // The empty piece at the end is the empty chunk that ends the body.
  std::array<char, 20> digits = {};
  const auto end = std::to_chars(digits.begin(), digits.end(), piece->size(), 16).ptr;
  chunk_size_ = std::string(digits.begin(), end) + "\r\n";
  out_[kChunkSize] = chunk_size_;
  out_[kChunkEnd] = "\r\n";
  return true;
}

HttpConnection::Next HttpConnection::after_writing() {
  if (answer_.stream != nullptr) return Next::kStream;
  if (body_ != nullptr) {
    enter(Phase::kBody, options_.body_time);
    return Next::kRead;
  }
  if (answer_.has_rest) {
    enter(Phase::kDraining, kDrainTime);
    os::shut_writing(socket_);
    return Next::kRead;
  }
  if (answer_.closes || is_last_) return Next::kEnd;
  if (in_.empty()) {
    // Many are idle: none keeps what a large request has needed.
    if (in_.capacity() > kMostKept) in_ = {};
    enter(Phase::kIdle, options_.idle_time);
  } else {
    enter(Phase::kHead, options_.head_time);
  }
  return Next::kRead;
}

HttpConnection::Next HttpConnection::drain() {
  std::array<char, kMostHeadBytes> buffer;
  const os::Transfer got = os::receive(socket_, buffer);
  drained_ += got.bytes;
  return got.is_over || drained_ > kMostDrained ? Next::kEnd : Next::kRead;
}

void HttpConnection::enter(Phase phase, Milliseconds limit) {
  deadline_ = phase == Phase::kAnswering ? Milliseconds::max().count()
                                         : (options_.clock->steady_now() + limit).count();
  Phase before = phase_;
  // A connection that was shut from outside stays so.
  while (before != Phase::kShut && !phase_.compare_exchange_weak(before, phase)) {
  }
}

bool HttpConnection::is_overdue() const {
  const Phase phase = phase_;
  if (phase == Phase::kShut || deadline() > options_.clock->steady_now()) return false;
  const bool reads = phase == Phase::kIdle || phase == Phase::kHead || phase == Phase::kBody;
  return !reads || !os::has_unread(socket_);
}

void HttpConnection::shut() {
  phase_ = Phase::kShut;
  os::shut(socket_);
}

}  // namespace weir::server
