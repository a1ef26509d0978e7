// CallMeter: what the platform limits: calls per org day, connections at once, and the log of the
// last calls.
//
// The count resets on the first metered request whose org day differs from the one counted. A
// request over the day's limit, or the one connection too many, is refused and not counted. Safe to
// use from several threads at once.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "journal.h"
#include "options.h"
#include "org_zone.h"
#include "virtual_clock.h"

namespace weir::mock {

struct LogEntry {
  std::uint64_t number = 0;
  Instant time = {};
  std::string method = {};
  std::string target = {};  // path and data source, never a key
  std::int64_t rows = 0;
  std::optional<int> status = {};  // empty while under way, and when the connection was reset
  std::string reason = {};         // why it was refused or what fault was played; else empty
  bool charged = false;
};

struct Usage {
  std::int64_t calls_today = 0;
  std::int64_t refused = 0;
  int peak_connections = 0;
  int connections = 0;
  std::string org_day = {};  // the mock's date now
  std::string counted_day =
      {};  // the day that calls_today counts, which ends with the next request
  std::vector<LogEntry> log = {};  // newest first, at most 250
};

enum class Verdict { kAdmitted, kOverDayLimit, kOverConnections };

class CallMeter {
 public:
  CallMeter(const Options& options, const OrgZone& zone, const VirtualClock& clock,
            Journal& journal);

  // What was counted before the process died.
  void restore(const CallCount& count);
  CallCount count() const;

  // A request's header is complete. Admitted: it is counted, and holds a connection until
  // release(), unless `has_connection` says that it comes on one that is held already. Waits for a
  // connection when they queue.
  Verdict admit(bool has_connection);

  void release();

  // Others make so many calls, of which the last ones may be over the limit.
  void spend(std::int64_t calls);

  // An exempt request wants a connection and no call. False: one too many, and counted as refused.
  bool admit_exempt();
  void log_exempt(LogEntry entry);

  // The request is over: it goes into the log, and its count is taken back when failed calls do not
  // count.
  void finish(LogEntry entry, Verdict verdict);

  Usage usage() const;
  // Of the usage; also while the program ends, when there may be no time zones any more.
  int connections() const;

  // Ends every wait: the server stops.
  void stop();

 private:
  void start_day_if_new();
  void refuse();
  CallCount count_locked() const { return {counted_day_, calls_today_, refused_}; }
  bool has_room() const { return stopping_ || connections_ < options_.max_connections; }
  void add_to_log(LogEntry entry);

  const Options& options_;
  const OrgZone& zone_;
  const VirtualClock& clock_;
  Journal& journal_;
  mutable std::mutex mutex_;
  std::condition_variable freed_;
  bool stopping_ = false;
  std::string counted_day_;
  std::int64_t calls_today_ = 0;
  std::int64_t refused_ = 0;
  int connections_ = 0;
  int peak_connections_ = 0;
  std::uint64_t next_number_ = 1;
  std::deque<LogEntry> log_;
};

}  // namespace weir::mock
