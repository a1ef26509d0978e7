// RowChannel: rows on their way from a thread in a foreign driver, which may hang, to the one that
// wants them, who waits only so long. A few hundred rows are under way at most.
//
// One thread puts, one takes.
#pragma once

#include <weir/error.h>
#include <weir/row.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace weir::cli {

class RowChannel {
 public:
  // The putting side. False when the rows are no longer wanted.
  void is_connected();
  bool put_names(std::vector<std::string> names);
  bool put(const Row& row);
  void end(std::optional<Error> error);

  // The taking side.
  enum class State { kConnected, kNames, kRows, kEnded, kLate, kStopped };
  using Deadline = std::chrono::steady_clock::time_point;

  // What has come: names or rows are then in names() or rows().
  State wait(Deadline until, const std::stop_token& stop);
  const std::vector<std::string>& names() const { return names_; }
  const std::vector<Row>& rows() const { return taken_; }
  std::optional<Error> error();

  // Nothing more is wanted. False when the other side has not ended by then.
  void give_up();
  bool wait_for_end(Deadline until);

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<std::string> new_names_;  // guarded by mutex_, as all below but the last two
  std::vector<Row> rows_;
  std::size_t bytes_ = 0;
  std::optional<Error> error_;
  bool is_connected_ = false;
  bool has_names_ = false;
  bool has_ended_ = false;
  bool is_given_up_ = false;
  std::vector<std::string> names_;  // the taking side's own
  std::vector<Row> taken_;
};

}  // namespace weir::cli
