#include "daemon/notify/notify_task.h"

#include <fstream>
#include <sstream>
#include <utility>

#include "daemon/process/whole_file.h"

namespace weir::daemon {
namespace {

constexpr Milliseconds kLookEvery = std::chrono::seconds{2};

}  // namespace

void NotifyTask::set(const NotifySettings& settings, std::shared_ptr<Messenger> messenger) {
  const std::lock_guard lock(mutex_);
  told_ = {.settings = settings, .messenger = std::move(messenger)};
  if (!told_.messenger) trouble_.reset();
}

NotifyTask::Told NotifyTask::told() const {
  const std::lock_guard lock(mutex_);
  return told_;
}

std::optional<Verdict> NotifyTask::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

std::optional<TimePoint> NotifyTask::run(std::stop_token stop) {
  if (stop.stop_requested()) return std::nullopt;
  const Told whom = told();
  if (whom.messenger) {
    load();
    book_->look_at(parts_.status(), whom.settings);
    // What is not on the disk is not sent: it would be told again after a restart.
    if (keep()) send(*whom.messenger, stop);
    show_trouble();
  }
  return parts_.clock->now() + kLookEvery;
}

// A file that cannot be read is begun anew: better twice than never.
void NotifyTask::load() {
  if (book_) return;
  std::ifstream file(path(), std::ios::binary);
  // The stream takes a failure of the disk, or a folder, for its end, where its iterators throw.
  std::ostringstream text;
  if (file && file.peek() != std::ifstream::traits_type::eof()) text << file.rdbuf();
  kept_ = text.str();
  Result<EventBook> book = EventBook::from_text(kept_);
  const bool is_cut_off = file.is_open() && (file.bad() || text.fail());
  if ((!book || is_cut_off) && parts_.log)
    parts_.log(LogLevel::kWarning, path() + " cannot be read" +
                                       (book ? "" : " (" + book.error().message + ")") +
                                       "; present troubles are told anew");
  book_ = book ? std::move(*book) : EventBook();
}

bool NotifyTask::keep() {
  std::string text = book_->text();
  if (text == kept_) return true;
  if (const Result<void> written = write_whole_file(path(), text); !written) {
    if (parts_.log)
      parts_.log(LogLevel::kError, "no notification is sent: " + written.error().message);
    const std::lock_guard lock(mutex_);
    trouble_ = Verdict{.name = "notify",
                       .since = parts_.clock->now(),
                       .text = "nobody is told of trouble: " + written.error().message,
                       .what_to_do = "see to the state directory and its disk"};
    return false;
  }
  kept_ = std::move(text);
  return true;
}

// In their order: what comes after one that fails waits with it.
void NotifyTask::send(Messenger& messenger, const std::stop_token& stop) {
  while (const Notification* message = book_->first()) {
    if (stop.stop_requested() || message->due > parts_.clock->now()) return;
    const Result<void> done = messenger.tell(*message, stop);
    if (!done && stop.stop_requested()) return;
    if (done) {
      book_->arrived();
    } else {
      book_->failed(done.error().message, parts_.clock->now());
      if (parts_.log)
        parts_.log(LogLevel::kWarning, "a notification failed: " + done.error().message);
    }
    if (!keep() || !done) return;
  }
}

void NotifyTask::show_trouble() {
  if (book_->text() != kept_) return;  // keep() has told why
  const std::lock_guard lock(mutex_);
  trouble_ = book_->trouble();
}

}  // namespace weir::daemon
