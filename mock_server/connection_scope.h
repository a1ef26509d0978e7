// ConnectionScope: what a socket's thread knows of the metered request it is handling, kept per
// thread because the HTTP library calls its handlers one after the other without a place of their
// own.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "call_meter.h"

namespace weir::mock {

// A held connection of the organization; given back once, by release() or when it is destroyed.
class HeldConnection {
 public:
  explicit HeldConnection(CallMeter& meter) : meter_(&meter) {}
  HeldConnection(const HeldConnection&) = delete;
  HeldConnection& operator=(const HeldConnection&) = delete;
  ~HeldConnection() { release(); }

  void release() {
    if (meter_ != nullptr) meter_->release();
    meter_ = nullptr;
  }

 private:
  CallMeter* meter_;
};

// A metered request from its complete header on.
struct MeteredRequest {
  CallMeter* meter = nullptr;
  Verdict verdict = Verdict::kAdmitted;
  LogEntry entry = {};
  std::shared_ptr<HeldConnection> connection =
      {};  // null when it was refused, or when the socket holds it
};

class ConnectionScope {
 public:
  explicit ConnectionScope(bool idle_counts) : idle_counts_(idle_counts) { current_ = this; }
  ~ConnectionScope() {
    abandon();
    current_ = nullptr;
  }
  ConnectionScope(const ConnectionScope&) = delete;
  ConnectionScope& operator=(const ConnectionScope&) = delete;

  // The scope of the socket that this thread serves.
  static ConnectionScope& current() { return *current_; }

  // A metered request is known so far that it counts.
  void begin(CallMeter& meter, LogEntry entry) {
    abandon();
    if (socket_meter_ != &meter) socket_connection_.reset();
    MeteredRequest request{.meter = &meter, .entry = std::move(entry)};
    request.verdict = meter.admit(socket_connection_ != nullptr);
    if (request.verdict == Verdict::kAdmitted && !socket_connection_) {
      auto held = std::make_shared<HeldConnection>(meter);
      socket_meter_ = &meter;
      (idle_counts_ ? socket_connection_ : request.connection) = std::move(held);
    }
    request_ = std::move(request);
  }

  bool has_begun() const { return request_.has_value(); }

  // The request is answered from here on by its handler.
  MeteredRequest take() {
    MeteredRequest request = std::move(*request_);
    request_.reset();
    return request;
  }

 private:
  // A request whose body never came whole is over without an answer.
  void abandon() {
    if (request_) request_->meter->finish(request_->entry, request_->verdict);
    request_.reset();
  }

  static inline thread_local ConnectionScope* current_ = nullptr;

  const bool idle_counts_;
  CallMeter* socket_meter_ = nullptr;  // whose connection the socket holds
  // With idle_counts, a socket counts from its first metered request until it is closed.
  std::shared_ptr<HeldConnection> socket_connection_;
  std::optional<MeteredRequest> request_;
};

}  // namespace weir::mock
