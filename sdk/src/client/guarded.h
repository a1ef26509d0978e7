// guarded(): what a user's code has given, as the client keeps it: what it throws is an Error
// (os/guarded.h). Thread-safe: no state.
#pragma once

#include <weir/result.h>
#include <weir/transport.h>

#include <functional>
#include <memory>
#include <utility>

#include "os/guarded.h"

namespace weir {

// A transport of the user's own. What it throws counts as a call whose end is not known.
std::shared_ptr<Transport> guarded(std::shared_ptr<Transport> transport);

// A handler that takes one thing.
template <class Given>
std::function<Result<void>(const Given&)> guarded(
    std::function<Result<void>(const Given&)> handler) {
  return [handler = std::move(handler)](const Given& given) {
    return os::guarded("it", [&] { return handler(given); });
  };
}

}  // namespace weir
