// Wire: the transport of a simulated process: connecting, sending and waiting in virtual time, with
// everything that can go wrong on the way. A call that has left is worked on also when its sender
// is killed.
#pragma once

#include <weir/transport.h>

#include <memory>

#include "simulation/world.h"

namespace weir::simulation {

class Wire final : public Transport {
 public:
  Wire(World& world, Life& life) : world_(world), life_(life) {}

  Result<HttpResponse> send(const HttpRequest& request) override;

  // The process was killed: its connection closes soon, which the platform notices.
  void cut();

  // Whether the platform works on a call of this process.
  bool is_open() const { return open_ && open_->is_open; }

 private:
  struct Times;

  Result<HttpResponse> carry(const HttpRequest& request);
  Fault draw_fault();
  void sleep(Milliseconds duration);
  void sleep_until(TimePoint when);
  void let_arrive(const std::shared_ptr<PlatformCall>& call, const Times& times);
  Result<HttpResponse> wait_for_answer(const std::shared_ptr<PlatformCall>& call,
                                       const Times& times);

  World& world_;
  Life& life_;
  std::shared_ptr<PlatformCall> open_;
};

}  // namespace weir::simulation
