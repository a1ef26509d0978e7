// Look: what the poll loop asks of something that is polled: one look at the platform, and the
// handing over of what is here already.
//
// Implemented by FormPoll and SourcePoll; called by one thread at a time.
#pragma once

#include <weir/clock.h>
#include <weir/error.h>
#include <weir/result.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "time/context.h"

namespace weir {

// How a look ended. With an error, what was found and handled before it stands.
struct LookReport {
  std::int64_t found = 0;  // changed rows or new entries
  std::int64_t calls = 0;
  // Whether what it found tells how fast things change: not so at a first look, which finds all.
  bool is_telling = true;
  // The platform has answered: an error is of what was done with the answer, as in a handler.
  bool has_answer = false;
  // When each of the news came that was found by a telling look, and handled; 0: not known.
  std::vector<TimePoint> news = {};
  std::optional<Error> error = {};
};

class Look {
 public:
  virtual ~Look() = default;

  // The data source or form, for messages.
  virtual const std::string& name() const = 0;

  // Tells it from all other polls of the organization.
  virtual std::string key() const = 0;

  // When an earlier program has last looked; empty: never.
  virtual Result<std::optional<TimePoint>> last_look() = 0;

  // Hands over what was read and not handled, and what came without a call. Costs no call; nothing
  // when there is nothing.
  virtual LookReport hand_over(const Context& context) = 0;

  // Looks at the platform and hands over what it finds.
  virtual LookReport look(const Context& context) = 0;
};

}  // namespace weir
