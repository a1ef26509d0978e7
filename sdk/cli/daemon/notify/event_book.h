// EventBook: which troubles are under way, which of them somebody was told of, and what is to be
// told: each once when it begins and once when it ends, whatever restarts lie between.
//
// What is wrong is the page's verdict (daemon/seeing/status.h). A state machine without a clock; as
// text it survives a restart. Not thread-safe.
#pragma once

#include <weir/clock.h>
#include <weir/result.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "daemon/config/daemon_config.h"
#include "daemon/seeing/status.h"

namespace weir::daemon {

struct Notification {
  std::string id = {};    // the same however often it is sent
  std::string body = {};  // JSON
  TimePoint made_at = {};
  TimePoint due = {};  // not to be tried before
  std::int64_t tries = 0;
};

class EventBook {
 public:
  // How long a notification is tried again.
  static constexpr Milliseconds kTriedFor = std::chrono::hours{1};

  // An empty text is an empty book. kBadResponse: it is none of ours.
  static Result<EventBook> from_text(const std::string& text);
  std::string text() const;

  // Takes in what is wrong now. What the status does not know yet, after a start, goes on.
  void look_at(const Status& status, const NotifySettings& settings);

  // What is to be told next, in the order in which it came about; null: nothing.
  const Notification* first() const { return messages_.empty() ? nullptr : &messages_.front(); }

  // The first has arrived.
  void arrived();
  // It has not, and is tried again, or given up when it is an hour old.
  void failed(const std::string& reason, TimePoint now);

  // What fails about telling, for the page; empty: nothing.
  const std::optional<Verdict>& trouble() const { return trouble_; }

 private:
  struct Event {
    std::string kind = {};
    std::string org = {};
    std::string name = {};
    TimePoint since = {};
    std::string text = {};
    std::string what_to_do = {};
    bool is_told = false;
    bool is_seen = false;  // by the look under way
    std::optional<TimePoint> gone_at = {};
  };

  Event* find(const Verdict& verdict);
  void note(const Verdict& verdict, const Status& status, const NotifySettings& settings);
  bool has_ended(Event& event, const Status& status) const;
  void tell(const Event& event, bool begins, TimePoint now);

  std::vector<Event> events_;
  std::deque<Notification> messages_;
  std::optional<Verdict> trouble_;
};

}  // namespace weir::daemon
