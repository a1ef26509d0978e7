// StatusEvents: /api/v1/events: the status as server-sent events, for the page and for programs.
//
//   event: status    with the JSON of /api/v1/status, at first and whenever it has changed
//   event: beat      otherwise, so that a client knows that the daemon lives
//
// One of them every two seconds. The status is asked for once for all streams, and only while there
// is one. A reader that is slow misses what has been overtaken. All streams of an object are asked
// by one thread, that of the server's streams; open() may be called by any.
#pragma once

#include <weir/clock.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "daemon/seeing/status.h"
#include "server/http_exchange.h"

namespace weir::daemon {

class StatusEvents {
 public:
  // So many streams at once; the page of one more asks every five seconds instead.
  static constexpr int kMostStreams = 16;

  StatusEvents(std::function<Status()> status, std::shared_ptr<Clock> clock);
  StatusEvents(const StatusEvents&) = delete;
  StatusEvents& operator=(const StatusEvents&) = delete;

  // Null when there are as many as there may be. This object must outlive it.
  std::unique_ptr<server::HttpStream> open();

 private:
  class Stream;
  // What there is to tell: the newest status as an event, and when it was looked at.
  struct News {
    std::shared_ptr<const std::string> event = {};
    Milliseconds looked_at = {};
    std::uint64_t looks = 0;
  };

  const News& look();

  const std::function<Status()> status_;
  const std::shared_ptr<Clock> clock_;
  std::atomic<int> streams_ = 0;
  News news_;  // of the thread of the streams
};

}  // namespace weir::daemon
