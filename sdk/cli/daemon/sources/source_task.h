// SourceTask: the task that keeps one data source as its origin is: asks the origin when it is due,
// reads it, hands the rows over, and says how it went.
//
// Of several processes that share a store, the one that holds the source's claim reads it; the
// others look every ten seconds whether it still lives. A reading that fails changes nothing and is
// told once; it is tried again after 10 s, doubling to 10 min, or when the origin has changed. An
// origin on a file system that does not answer is not waited for, and looked at every ten seconds.
#pragma once

#include <weir/note.h>

#include <cstdint>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "daemon/loop/task.h"
#include "daemon/sources/origin_reader.h"

namespace weir::daemon {

// What a release comes to, once it has been carried out. It is without a value when the task has
// gone before, or another release came.
using Releasing = std::future<Result<RowHandover>>;

class SourceTask final : public Task {
 public:
  SourceTask(OrgParts parts, SourceConfig config, std::unique_ptr<OriginReader> origin,
             std::shared_ptr<ServedTable> served, Waker waker,
             Delivering delivering = Delivering::kReal);

  std::optional<TimePoint> run(std::stop_token stop) override;
  TaskStatus status() const override;

  // Lets the table that is held go, in the next turn, which is asked for. kInvalidArgument: nothing
  // is held, or it would be the first one and `first` is missing. From any thread.
  Result<Releasing> release(std::optional<FirstPublish> first);

  // What the last reading came to, of changes in a run that ends all of them; of a dry one, what
  // would be handed over. Empty before. From any thread.
  std::optional<RowHandover> last() const;

  // Where its last turn has left it, and what is wrong, if anything. From any thread.
  Stand stand() const;
  std::optional<Error> failure() const;

  // Of a run that ends: all that its readings have refused. From any thread.
  std::optional<Error> refused() const;

  // Rows that only reconciliations have found, since the start. From any thread.
  std::int64_t reconciled() const;

  const std::string& id() const { return config_.id; }

 private:
  struct Release {
    std::optional<FirstPublish> first;
    std::promise<Result<RowHandover>> done = {};
  };

  // How it stood before its file system did not answer any more.
  struct Before {
    TaskStatus status;
    std::optional<Error> failure;
  };

  // False: another process reads it.
  bool claim();
  // False: the file system of its origin does not answer, or a stop was requested.
  bool can_be_looked_at(const std::stop_token& stop);
  void fall_silent(const Error& error);
  void answer_again();
  void release_held(TimePoint now);
  void read(TimePoint now, const std::stop_token& stop);
  void note(const Result<OriginReading>& reading, TimePoint now);
  void note_handover(const RowHandover& handover, TimePoint now);
  void note_last(const RowHandover& handover);
  // `line`: for the log.
  void fail(const Error& error, const std::string& line, const std::string& what_to_do,
            TimePoint now);
  void enter(TaskState state, const std::string& error, const std::string& what_to_do,
             TimePoint now);
  void warn(const std::string& warning);
  void log(LogLevel level, const std::string& line) const;
  TimePoint retry_at() const;
  std::optional<TimePoint> rest(std::optional<TimePoint> next, Stand stand);

  const OrgParts parts_;
  const SourceConfig config_;
  const std::vector<std::string> paths_;  // that its origin looks at
  const std::unique_ptr<OriginReader> origin_;
  SourceDelivery delivery_;
  const Waker waker_;
  std::optional<Claim> claim_;
  std::int64_t failures_ = 0;
  TimePoint failed_at_ = {};
  bool is_lasting_ = false;  // the last failure
  std::optional<Before> before_silence_;

  mutable std::mutex mutex_;
  TaskStatus status_;               // guarded by mutex_, as what follows
  bool is_held_ = false;            // a table, also while its origin fails
  bool needs_first_ = false;        // it is the first one
  std::optional<Release> release_;  // asked for and not done yet
  std::optional<RowHandover> last_;
  std::optional<Error> failure_;
  std::vector<Error> refused_;  // of a run that ends
  Stand stand_ = Stand::kMore;
  std::int64_t reconciled_ = 0;
};

}  // namespace weir::daemon
