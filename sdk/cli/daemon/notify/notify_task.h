// NotifyTask: looks every few seconds at what is wrong, and tells whoever [notify] names, each
// trouble once when it begins and once when it ends.
//
// What was told, and what is still to be, is in notify.json of the state directory, written before
// anything is sent: after a crash in the middle of a sending the same notification comes again with
// the same id, and none is lost.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "daemon/loop/task.h"
#include "daemon/notify/event_book.h"
#include "daemon/notify/messenger.h"

namespace weir::daemon {

class NotifyTask final : public Task {
 public:
  struct Parts {
    std::string state_directory;
    std::shared_ptr<Clock> clock;
    LogSink log;
    // What is wrong, but for notifications.
    std::function<Status()> status;
  };

  explicit NotifyTask(Parts parts) : parts_(std::move(parts)) {}

  // From now on tells this one; null: nobody. From any thread.
  void set(const NotifySettings& settings, std::shared_ptr<Messenger> messenger);

  std::optional<TimePoint> run(std::stop_token stop) override;
  TaskStatus status() const override { return {}; }

  // That notifications fail, for the page. From any thread.
  std::optional<Verdict> trouble() const;

 private:
  struct Told {
    NotifySettings settings;
    std::shared_ptr<Messenger> messenger;
  };

  std::string path() const { return parts_.state_directory + "/notify.json"; }
  Told told() const;
  void load();
  bool keep();
  void send(Messenger& messenger, const std::stop_token& stop);
  void show_trouble();

  const Parts parts_;
  std::optional<EventBook> book_;  // of the task's turns
  std::string kept_;               // as it is in the file

  mutable std::mutex mutex_;
  Told told_;                       // guarded by mutex_
  std::optional<Verdict> trouble_;  // guarded by mutex_
};

}  // namespace weir::daemon
