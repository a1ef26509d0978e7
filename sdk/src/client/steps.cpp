#include "client/steps.h"

#include <array>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace weir {

struct Steps::State {
  explicit State(Seams given) : seams(std::move(given)) {}

  bool is_due(Task task) const { return seams.due.is_due(task); }
  bool& is_on_its_way(Task task) { return on_their_way[static_cast<std::size_t>(task)]; }

  const Seams seams;
  std::stop_source stopping;
  std::mutex mutex;
  std::condition_variable idle;
  std::array<bool, kTasks> on_their_way = {};
  int running = 0;
  bool is_ended = false;
};

Steps::Steps(Seams seams) : state_(std::make_shared<State>(std::move(seams))) {}

bool Steps::are_wanted() const { return static_cast<bool>(state_->seams.executor); }

void Steps::run_what_is_due(Task task) const {
  if (are_wanted()) hand_over(state_, task);
}

void Steps::hand_over(const std::shared_ptr<State>& state, Task task) {
  {
    std::lock_guard lock(state->mutex);
    if (state->is_ended || state->is_on_its_way(task) || !state->is_due(task)) return;
    state->is_on_its_way(task) = true;
  }
  try {
    state->seams.executor([state, task] { step(state, task); });
  } catch (...) {
    // It is handed over again with the next news, or when the user's timer says so.
    std::lock_guard lock(state->mutex);
    state->is_on_its_way(task) = false;
  }
}

void Steps::step(const std::shared_ptr<State>& state, Task task) {
  {
    std::lock_guard lock(state->mutex);
    if (state->is_ended) return;
    ++state->running;
  }
  state->seams.run(task, state->stopping.get_token());
  {
    std::lock_guard lock(state->mutex);
    state->is_on_its_way(task) = false;
    --state->running;
    state->idle.notify_all();
    if (state->is_ended) return;
  }
  hand_over(state, task);
  const auto next = state->seams.due.next();
  if (next && state->seams.on_due && *next > state->seams.clock->now()) state->seams.on_due(*next);
}

void Steps::stop() {
  state_->stopping.request_stop();
  std::unique_lock lock(state_->mutex);
  state_->is_ended = true;
  state_->idle.wait(lock, [this] { return state_->running == 0; });
}

}  // namespace weir
