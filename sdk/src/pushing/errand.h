// Errand: what one send() or run_due() of the push loop has to do, shared by the threads that help
// it. A plain value; choosing_ guards all that changes.
#pragma once

#include <exception>
#include <list>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "pushing/push_loop.h"
#include "time/context.h"

namespace weir {

// A thread that helps to send.
struct PushLoop::Helper {
  bool is_finished = false;
  std::jthread thread = {};
};

struct PushLoop::Errand {
  std::optional<std::string> source = {};  // only this one
  bool at_any_price = false;
  const Context context = {};

  SendReport report = {};
  // The data source and the words of each dead letter in the report: some may go back.
  std::vector<std::pair<std::string, std::string>> put_aside = {};
  bool has_tried = false;  // a batch; nothing more is begun then when the time is over
  std::optional<Error> last_failure = {};
  std::string last_refusal = {};  // of a batch whose bad row is looked for
  bool is_ended = false;
  int helping = 0;
  std::list<Helper> helpers = {};
  std::exception_ptr thrown = {};  // in a helper
};

}  // namespace weir
