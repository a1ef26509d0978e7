#include "daemon/sources/folder_events.h"

namespace weir::daemon {
namespace {

constexpr std::chrono::seconds kLookEvery{60};
constexpr std::chrono::seconds kLookOftenEvery{10};

}  // namespace

bool FolderEvents::Inbox::put(FileEvent event, std::string_view name) {
  const std::lock_guard lock(mutex);
  if (event == FileEvent::kLost) {
    has_lost = true;
    return true;
  }
  if (!only.empty() && only != name) return false;
  Told& of_file = told[std::string(name)];
  if (event == FileEvent::kMovedIn) of_file.was_moved_in = true;
  if (event == FileEvent::kWriting) of_file.was_moved_in = false;
  of_file.is_being_written = event == FileEvent::kWriting;
  return true;
}

std::map<std::string, FolderEvents::Told> FolderEvents::take() {
  if (!watched_ || !watched_->is_alive()) {
    watched_.reset();
    is_remote_ = may_be_remote(folder_);
    watched_ = watch_->watch(
        folder_, [inbox = inbox_, waker = waker_](FileEvent event, std::string_view name) {
          const bool is_of_interest = inbox->put(event, name);
          // Who writes has more to say soon.
          if (is_of_interest && event != FileEvent::kWriting && waker) waker();
        });
  }
  const std::lock_guard lock(inbox_->mutex);
  has_lost_ = std::exchange(inbox_->has_lost, false);
  return std::exchange(inbox_->told, {});
}

Milliseconds FolderEvents::look_every() const {
  const bool is_told = watched_ && watched_->is_alive() && !is_remote_ && !has_lost_;
  return is_told ? Milliseconds(kLookEvery) : Milliseconds(kLookOftenEvery);
}

}  // namespace weir::daemon
