#include "simulation/scheduler.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "support/sanitizers.h"

#ifdef WEIR_ADDRESS_SANITIZER
#include <sanitizer/common_interface_defs.h>
#endif

namespace weir::simulation {
namespace {

constexpr std::size_t kStackBytes = 512 * 1024;

// makecontext() passes no pointer, so the fiber that begins is handed over here.
thread_local Scheduler* entering = nullptr;

// AddressSanitizer must know which stack is in use.
void leave_stack([[maybe_unused]] void** state, [[maybe_unused]] const void* next_stack,
                 [[maybe_unused]] std::size_t size) {
#ifdef WEIR_ADDRESS_SANITIZER
  __sanitizer_start_switch_fiber(state, next_stack, size);
#endif
}

void arrive_on_stack([[maybe_unused]] void* state, [[maybe_unused]] const void** left,
                     [[maybe_unused]] std::size_t* size) {
#ifdef WEIR_ADDRESS_SANITIZER
  __sanitizer_finish_switch_fiber(state, left, size);
#endif
}

// The stack of the thread itself, as the sanitizer told it.
thread_local const void* outside_stack = nullptr;
thread_local std::size_t outside_size = 0;

}  // namespace

void Scheduler::at(TimePoint when, std::function<void()> what) {
  push({.when = std::max(when, now_), .number = ++events_made_, .what = std::move(what)});
}

void Scheduler::push(Event event) {
  events_.push_back(std::move(event));
  std::push_heap(events_.begin(), events_.end());
}

Scheduler::Event Scheduler::pop() {
  std::pop_heap(events_.begin(), events_.end());
  Event event = std::move(events_.back());
  events_.pop_back();
  return event;
}

Fiber& Scheduler::start(std::function<void()> body) {
  auto fiber = std::make_unique<Fiber>();
  fiber->body_ = std::move(body);
  fiber->stack_.reset(new std::byte[kStackBytes]);
  ::getcontext(&fiber->context_);
  fiber->context_.uc_stack.ss_sp = fiber->stack_.get();
  fiber->context_.uc_stack.ss_size = kStackBytes;
  fiber->context_.uc_link = nullptr;
  ::makecontext(&fiber->context_, &Scheduler::enter, 0);
  fibers_.push_back(std::move(fiber));
  Fiber& started = *fibers_.back();
  push({.when = now_, .number = ++events_made_, .fiber = &started, .sleep = started.sleep_});
  return started;
}

void Scheduler::enter() {
  Scheduler& self = *entering;
  arrive_on_stack(nullptr, &outside_stack, &outside_size);
  Fiber& fiber = *self.current_;
  fiber.body_();
  fiber.finished_ = true;
  leave_stack(nullptr, outside_stack, outside_size);
  ::setcontext(&self.outside_);
}

void Scheduler::resume(Fiber& fiber) {
  if (fiber.finished_) return;
  entering = this;
  current_ = &fiber;
  void* state = nullptr;
  leave_stack(&state, fiber.stack_.get(), kStackBytes);
  ::swapcontext(&outside_, &fiber.context_);
  arrive_on_stack(state, nullptr, nullptr);
  current_ = nullptr;
  if (fiber.finished_) fiber.stack_.reset();
}

void Scheduler::give_way(Fiber& fiber) {
  leave_stack(&fiber.sanitizer_state_, outside_stack, outside_size);
  ::swapcontext(&fiber.context_, &outside_);
  arrive_on_stack(fiber.sanitizer_state_, &outside_stack, &outside_size);
}

void Scheduler::sleep_until(TimePoint when) {
  if (current_ == nullptr) throw std::logic_error("only a fiber can sleep");
  ++steps_;
  // Nobody else has anything to do meanwhile: no need to give way. An event that woke the fiber is
  // not over yet.
  if (!in_event_ && !stopped_ && (events_.empty() || events_.front().when > when)) {
    now_ = std::max(now_, when);
    return;
  }
  Fiber& fiber = *current_;
  push({.when = std::max(when, now_),
        .number = ++events_made_,
        .fiber = &fiber,
        .sleep = ++fiber.sleep_});
  give_way(fiber);
}

void Scheduler::wake(Fiber& fiber) {
  ++fiber.sleep_;  // the event that would have ended its sleep is void
  resume(fiber);
}

void Scheduler::run() {
  stopped_ = false;
  while (!stopped_ && !events_.empty()) {
    Event event = pop();
    ++steps_;
    now_ = event.when;
    if (event.fiber == nullptr) {
      in_event_ = true;
      event.what();
      in_event_ = false;
    } else if (event.sleep == event.fiber->sleep_) {
      resume(*event.fiber);
    }
  }
}

}  // namespace weir::simulation
