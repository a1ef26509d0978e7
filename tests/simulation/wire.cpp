#include "simulation/wire.h"

#include <algorithm>

namespace weir::simulation {
namespace {

using std::chrono::seconds;

// Longer than this nothing of a killed process is at work: less than any lease rests.
constexpr Milliseconds kLongestUpload{1500};
constexpr Milliseconds kLongestLinger{1800};

Error not_sent(ErrorCode code, const std::string& message) {
  return {.code = code, .message = message};
}

Error lost(ErrorCode code, const std::string& message) {
  return {.code = code, .message = message, .may_have_been_sent = true};
}

}  // namespace

// The moments of one call.
struct Wire::Times {
  TimePoint arrives;
  TimePoint is_done;
  TimePoint is_answered;
  TimePoint times_out;
};

Result<HttpResponse> Wire::send(const HttpRequest& request) {
  try {
    Result<HttpResponse> answer = carry(request);
    if (!answer || answer->status != 200) world_.spending.failed(world_.scheduler.now());
    return answer;
  } catch (const Killed&) {
    world_.spending.failed(world_.scheduler.now());
    throw;
  }
}

Result<HttpResponse> Wire::carry(const HttpRequest& request) {
  if (life_.passes_seam()) throw Killed{};
  Random& random = world_.random;
  const Fault fault = draw_fault();
  const TimePoint begun = world_.scheduler.now();
  if (fault == Fault::kConnectTimeout) {
    sleep(std::min(request.timeout, Milliseconds{seconds{10}}));
    return not_sent(ErrorCode::kTimeout, "no connection in time");
  }
  sleep(random.between(Milliseconds{1}, Milliseconds{40}));
  if (fault == Fault::kRefuseConnect)
    return not_sent(ErrorCode::kUnavailable, "the connection was refused");

  const Milliseconds upload =
      random.between(Milliseconds{1}, random.chance(0.05) ? kLongestUpload : Milliseconds{80});
  const Milliseconds work = fault == Fault::kSlow
                                ? random.between(seconds{2}, seconds{100})
                                : random.between(Milliseconds{5}, Milliseconds{400});
  Times times{};
  times.arrives = world_.scheduler.now() + upload;
  times.is_done = times.arrives + work;
  times.is_answered = times.is_done + random.between(Milliseconds{1}, Milliseconds{60});
  times.times_out = begun + request.timeout;
  if (life_.dies_in_call) {
    life_.dies_in_call = false;
    const Milliseconds longest = times.is_answered - world_.scheduler.now();
    world_.scheduler.at(world_.scheduler.now() + random.between(Milliseconds{0}, longest),
                        [&world = world_, &life = life_] { world.kill(life); });
  }
  if (fault == Fault::kResetBefore) {
    sleep(upload);
    return lost(ErrorCode::kUnavailable, "the connection was reset");
  }
  auto call = std::make_shared<PlatformCall>();
  call->request = request;
  call->fault = fault;
  call->process = life_.process;
  let_arrive(call, times);
  return wait_for_answer(call, times);
}

Fault Wire::draw_fault() {
  if (world_.is_over || !world_.random.chance(world_.call_faults)) return Fault::kNone;
  const auto fault = static_cast<Fault>(world_.random.between(1, kFaults - 1));
  // What stops a process until a person looks is rarer.
  const bool is_grave = fault == Fault::kUnauthorized || fault == Fault::kNotFound;
  if (is_grave && !world_.random.chance(0.2)) return Fault::kNone;
  ++world_.counts.faults;
  world_.trace.note("P", life_.process, ": the next call has a fault: ", fault_name(fault));
  return fault;
}

void Wire::sleep(Milliseconds duration) { sleep_until(world_.scheduler.now() + duration); }

void Wire::sleep_until(TimePoint when) {
  world_.scheduler.sleep_until(when);
  if (life_.is_dead) throw Killed{};
}

// What has left may arrive although its sender is dead by then.
void Wire::let_arrive(const std::shared_ptr<PlatformCall>& call, const Times& times) {
  open_ = call;
  World& world = world_;
  Life& life = life_;
  const bool arrives_anyway = world.random.chance(0.5);
  const Milliseconds linger =
      world.random.between(Milliseconds{0}, kLongestLinger - kLongestUpload);
  const bool is_automatic = !life.acts;
  world.scheduler.at(times.arrives,
                     [&world, &life, call, times, arrives_anyway, linger, is_automatic] {
                       if (life.is_dead && !arrives_anyway) return;
                       if (is_automatic) world.note_automatic_call();
                       world.platform.arrive(*call);
                       world.scheduler.at(times.is_done, [&world, call] {
                         world.platform.finish(*call);
                         world.platform.close(*call);
                       });
                       if (life.is_dead)
                         world.scheduler.at(world.scheduler.now() + linger,
                                            [&world, call] { world.platform.close(*call); });
                     });
}

void Wire::cut() {
  if (!open_ || !open_->is_open) return;
  World& world = world_;
  const TimePoint closes =
      world.scheduler.now() + world.random.between(Milliseconds{0}, kLongestLinger);
  world.scheduler.at(closes, [&world, call = open_] { world.platform.close(*call); });
}

Result<HttpResponse> Wire::wait_for_answer(const std::shared_ptr<PlatformCall>& call,
                                           const Times& times) {
  sleep_until(std::min(times.is_answered, times.times_out));
  if (times.is_answered > times.times_out) {
    world_.platform.close(*call);
    return lost(ErrorCode::kTimeout, "no answer in time");
  }
  switch (call->fault) {
    case Fault::kResetAfter:
      return lost(ErrorCode::kUnavailable, "the connection was reset");
    case Fault::kTruncated:
      return lost(ErrorCode::kUnavailable, "the answer ended early");
    default:
      return call->answer;
  }
}

}  // namespace weir::simulation
