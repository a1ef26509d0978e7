// Programs: several programs of one organization, each with its own pacer, which share what waits
// and the count of calls, after a week of quiet days. A call takes no time. For the tests of the
// engine and its benchmarks; not thread-safe.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "pacing/push_pacer.h"

namespace weir::testing {

class Programs {
 public:
  // At ten in the morning, with 2,300 of 2,500 calls left.
  explicit Programs(std::size_t count);

  TimePoint now() const { return now_; }
  std::size_t calls() const { return calls_; }
  std::int64_t calls_left() const { return calls_left_; }
  double stale_row_seconds() const { return stale_row_seconds_; }
  std::int64_t waiting() const;

  // One of them hands over a new row.
  void change(std::size_t program, const std::string& source);

  // Sends what becomes due.
  void pass(Milliseconds time);

  // `rows` new rows, evenly within this time, each program in turn with its own data source, or all
  // with one.
  void import(int rows, Milliseconds within, bool into_one_source);

  // A program ends; the next one knows what it has learned, and nothing else.
  void restart(std::size_t program);

 private:
  struct Due {
    std::size_t program;
    pacing::DuePush push;
  };

  std::unique_ptr<pacing::PushPacer> new_pacer();
  std::optional<Due> next();
  void pass_time(TimePoint to);
  void send_what_is_due();
  void reprice();

  std::vector<std::unique_ptr<pacing::PushPacer>> pacers_;
  pacing::Learned known_;  // when the last program was started
  std::map<std::string, outbox::PendingSource> waiting_;
  TimePoint now_;
  TimePoint next_reprice_;
  std::int64_t calls_left_ = 2300;
  std::size_t calls_ = 0;
  double stale_row_seconds_ = 0;
  pacing::ValueHash key_ = 0;
};

}  // namespace weir::testing
