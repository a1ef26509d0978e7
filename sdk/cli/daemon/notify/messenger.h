// Messenger: who is told of trouble: the webhook or the command of [notify]. For one thread at a
// time.
#pragma once

#include <weir/clock.h>
#include <weir/result.h>

#include <memory>
#include <stop_token>

#include "daemon/config/daemon_config.h"
#include "daemon/notify/event_book.h"

namespace weir::daemon {

class Messenger {
 public:
  virtual ~Messenger() = default;

  // An error says why it has not arrived.
  virtual Result<void> tell(const Notification& message, std::stop_token stop) = 0;

 protected:
  Messenger() = default;
  Messenger(const Messenger&) = default;
  Messenger& operator=(const Messenger&) = default;
};

// Null: nobody is to be told. Reaches nothing yet. kInvalidConfig: what is wrong with the settings.
Result<std::shared_ptr<Messenger>> make_messenger(const NotifySettings& settings,
                                                  std::shared_ptr<Clock> clock);

}  // namespace weir::daemon
