#include "sync/http_connection.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <utility>

#include "os/stream_socket.h"
#include "sync/http_head.h"

namespace weir::sync {
namespace {

// After a refusal the rest of the request is taken and thrown away for a moment: closing at once
// would reset the connection before the client has read why.
constexpr std::size_t kMostDrained = 256UL * 1024;
constexpr Milliseconds kDrainTime{1'000};

// Places in what is to be written; the head is the first.
constexpr std::size_t kChunkSize = 1;
constexpr std::size_t kPiece = 2;
constexpr std::size_t kChunkEnd = 3;

}  // namespace

HttpConnection::HttpConnection(int socket, const HttpOptions& options)
    : socket_(socket), options_(options), remote_address_(os::peer_address(socket)) {
  enter(Phase::kHead, options.head_time);
}

HttpConnection::~HttpConnection() { os::close_socket(socket_); }

HttpConnection::Next HttpConnection::advance(HttpFront& front) {
  if (phase_ == Phase::kShut) return Next::kEnd;
  if (phase_ == Phase::kDraining) return drain();
  if (!is_written()) {
    const Next next = write();
    return next == Next::kRead && phase_ != Phase::kDraining ? answer_heads(front) : next;
  }
  std::array<char, kMostHeadBytes> buffer;
  const os::Transfer got =
      os::receive(socket_, std::span(buffer).first(buffer.size() - in_.size()));
  if (got.is_over) return Next::kEnd;
  if (got.bytes == 0) return Next::kRead;
  if (phase_ == Phase::kIdle) enter(Phase::kHead, options_.head_time);
  in_.append(buffer.data(), got.bytes);
  return answer_heads(front);
}

// One after another: the next is looked at when the answer before it has been written.
HttpConnection::Next HttpConnection::answer_heads(HttpFront& front) {
  while (const std::size_t length = head_length(in_)) {
    enter(Phase::kAnswering, Milliseconds{0});
    answer_head(front, std::string_view(in_).substr(0, length));
    in_.erase(0, length);
    const Next next = write();
    if (next != Next::kRead || phase_ == Phase::kDraining) return next;
  }
  const int status = refusal_of_unfinished(in_);
  if (status == 0) return Next::kRead;
  refuse(status);
  return write();
}

void HttpConnection::answer_head(HttpFront& front, std::string_view head) {
  const int status = refusal_of_head(head);
  if (status != 0) return refuse(status);
  ++requests_;
  const bool is_last = is_last_ || requests_ >= options_.requests_per_connection;
  answer_ = front.answer(head, remote_address_, is_last);
  out_[0] = answer_.head;
}

void HttpConnection::refuse(int status) {
  was_refused_ = true;
  answer_ = {.head = "HTTP/1.1 " + std::to_string(status) + " " +
                     std::string(reason_phrase(status)) +
                     "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"};
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
  if (was_refused_) {
    os::shut_writing(socket_);
    enter(Phase::kDraining, kDrainTime);
    return Next::kRead;
  }
  if (answer_.closes || is_last_) return Next::kEnd;
  if (in_.empty()) {
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

void HttpConnection::shut() {
  phase_ = Phase::kShut;
  os::shut(socket_);
}

}  // namespace weir::sync
