#include "input/row_channel.h"

#include <utility>

namespace weir::cli {
namespace {

constexpr std::size_t kMostRows = 512;
constexpr std::size_t kMostBytes = 4 * 1024 * 1024;

}  // namespace

void RowChannel::is_connected() {
  const std::lock_guard lock(mutex_);
  is_connected_ = true;
  changed_.notify_all();
}

bool RowChannel::put_names(std::vector<std::string> names) {
  const std::lock_guard lock(mutex_);
  new_names_ = std::move(names);
  has_names_ = true;
  changed_.notify_all();
  return !is_given_up_;
}

bool RowChannel::put(const Row& row) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock,
                [&] { return is_given_up_ || (rows_.size() < kMostRows && bytes_ < kMostBytes); });
  if (is_given_up_) return false;
  for (const std::string& cell : row) bytes_ += cell.size();
  rows_.push_back(row);
  if (rows_.size() == 1) changed_.notify_all();
  return true;
}

void RowChannel::end(std::optional<Error> error) {
  const std::lock_guard lock(mutex_);
  error_ = std::move(error);
  has_ended_ = true;
  changed_.notify_all();
}

RowChannel::State RowChannel::wait(Deadline until, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, stop, until,
                      [&] { return is_connected_ || has_names_ || !rows_.empty() || has_ended_; });
  if (stop.stop_requested()) return State::kStopped;
  if (std::exchange(is_connected_, false)) return State::kConnected;
  if (std::exchange(has_names_, false)) {
    names_ = std::move(new_names_);
    return State::kNames;
  }
  if (!rows_.empty()) {
    taken_.clear();
    std::swap(taken_, rows_);
    bytes_ = 0;
    changed_.notify_all();
    return State::kRows;
  }
  return has_ended_ ? State::kEnded : State::kLate;
}

std::optional<Error> RowChannel::error() {
  const std::lock_guard lock(mutex_);
  return error_;
}

void RowChannel::give_up() {
  const std::lock_guard lock(mutex_);
  is_given_up_ = true;
  changed_.notify_all();
}

bool RowChannel::wait_for_end(Deadline until) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, until, [&] { return has_ended_; });
}

}  // namespace weir::cli
