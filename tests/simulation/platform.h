// Platform: the model of the server. It counts the calls of each org day by its own clock, knows
// which connections are open, applies a call whole or not at all, and holds every call against the
// rules that must never break.
//
// It shares no code with the SDK but the values of rows; the mock server's reading of JSON and its
// time zones serve it. Not thread-safe.
#pragma once

#include <weir/client_options.h>
#include <weir/transport.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "mock_server/org_zone.h"
#include "mock_server/wire.h"
#include "simulation/model.h"
#include "simulation/trace.h"

namespace weir::simulation {

// What may go wrong with a call.
enum class Fault {
  kNone,
  kRefuseConnect,
  kConnectTimeout,
  kResetBefore,  // the request never arrives whole
  kResetAfter,   // applied, but the answer is lost
  kTruncated,    // applied, but the answer ends early
  kBadBody,      // applied; the answer is 200 with a body that means nothing
  kServerError,
  kUnavailable,
  kThrottled,
  kThrottledFor,  // with a Retry-After
  kLocked,
  kLockExpired,
  kTooManyConnections,
  kUnauthorized,
  kNotFound,
  kRedirect,
  kSlow,
};
inline constexpr int kFaults = static_cast<int>(Fault::kSlow) + 1;

const char* fault_name(Fault fault);

struct PlatformOptions {
  std::string time_zone = {};
  std::int64_t calls_per_day = 2500;
  int max_connections = 3;
  CallLimits limits = {};
  bool refuses_unknown_deletes = false;
  Milliseconds clock_ahead = {};  // of the true time
  std::string integration_key = {};
};

// A request on its way through the platform.
struct PlatformCall {
  HttpRequest request = {};
  Fault fault = Fault::kNone;
  int process = 0;
  bool is_open = false;  // its connection
  bool holds_source = false;
  bool has_answer = false;
  mock::PutRequest put = {};
  HttpResponse answer = {};
};

class Platform {
 public:
  // `charged`: how many calls the ledger says were spent on a day.
  Platform(PlatformOptions options, Model& model, Trace& trace, Scheduler& scheduler,
           std::map<std::string, Table> rows,
           std::function<std::int64_t(const std::string& day)> charged);

  // The request has come in whole.
  void arrive(PlatformCall& call);
  // The platform has worked on it; `answer` is there unless the arrival gave one.
  void finish(PlatformCall& call);
  // The connection is closed.
  void close(PlatformCall& call);

  // Others spend calls of today.
  void spend_outside(std::int64_t calls);
  bool has_outside_use() const { return has_outside_use_; }

  const Table& rows(const std::string& source) const { return tables_.at(source).rows; }
  std::string today() const { return zone_.day_of(now()); }
  std::int64_t calls() const { return calls_; }
  std::int64_t calls_of_today() const;
  std::int64_t busiest_day() const;

 private:
  struct DataSource {
    Table rows;
    std::int64_t changes = 0;
    bool is_being_written = false;
    std::map<std::string, std::int64_t> versions;  // the last that was applied, by key
  };

  mock::Instant now() const { return scheduler_.now() + options_.clock_ahead; }
  bool admit(PlatformCall& call);
  void begin_put(PlatformCall& call);
  std::optional<HttpResponse> played(Fault fault) const;
  HttpResponse put(const PlatformCall& call);
  HttpResponse get(const PlatformCall& call);
  std::optional<HttpResponse> refuse(const mock::Put& content, const DataSource& source) const;
  void check_lists(const PlatformCall& call);
  void apply(const std::string& name, DataSource& source, const mock::Put& content);
  void set(const std::string& name, DataSource& source, const std::string& key,
           std::optional<Row> row);
  HttpResponse stamped(HttpResponse answer) const;

  const PlatformOptions options_;
  Model& model_;
  Trace& trace_;
  Scheduler& scheduler_;
  const std::function<std::int64_t(const std::string&)> charged_;
  const mock::OrgZone zone_;
  std::map<std::string, DataSource> tables_;
  std::map<std::string, std::int64_t> ours_;     // calls by org day
  std::map<std::string, std::int64_t> outside_;  // of others
  bool has_outside_use_ = false;
  int open_ = 0;
  std::int64_t calls_ = 0;
};

}  // namespace weir::simulation
