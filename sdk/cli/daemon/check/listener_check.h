// Whether an address can be listened at.
#pragma once

#include <string>

#include "daemon/config/addresses.h"

namespace weir::daemon {

struct ListenerProblem {
  std::string text = {};  // empty: it can
  bool is_taken = false;  // somebody listens there already
};

// Binds a socket to it for a moment, and never listens: who wants to begin there meanwhile can. Of
// a path the folder is looked at.
ListenerProblem listener_problem(const ListenAddress& address);

}  // namespace weir::daemon
