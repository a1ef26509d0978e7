// FormEntries: a handle on the entries that users of the app send for one form.
//
// Obtained from Client::form_entries(); cheap to copy, safe to use from several threads, and must
// not outlive its Client. Each entry is handed to the handler at least once, in the order of
// receipt; the place is kept in the store, so the next program goes on after the last entry
// handled.
//
//   auto poll = client->form_entries("INSPECTION").poll([](const weir::FormEntry& entry) {
//     return save(entry.id, entry.answers);
//   });
#pragma once

#include <weir/clock.h>
#include <weir/export.h>
#include <weir/poll.h>
#include <weir/result.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace weir::inline v0 {

class Core;

struct FormEntry {
  std::string id = {};  // made of the entry where it has none, or one that no store can keep
  std::string form_id = {};
  std::string user_first_name = {};
  std::string user_last_name = {};
  // Zero when the platform did not say.
  TimePoint started = {};
  TimePoint completed = {};
  TimePoint received = {};  // at the platform
  // The answers as the platform writes them, as JSON; "{}" when there are none.
  std::string answers = "{}";
  // The whole entry as JSON, for members that are not above.
  std::string json = {};
};

// Success: the entry is handled for good. An error: it is handed over again after a rest, and none
// after it before; return a success for an entry that can never be handled.
using EntryHandler = std::function<Result<void>(const FormEntry&)>;

struct FormPollOptions {
  PollOptions pace = {};
  // How far each search reaches back before the newest handled entry, to catch entries that
  // become visible late. Entries within are remembered by id; more than a page of them costs
  // another call a look.
  Milliseconds overlap = std::chrono::minutes{10};
  // Of a form that this store has never polled, entries received before are left alone. The default
  // takes all that the platform still has, 250 a call.
  TimePoint since = {};
  // Entries a call; the platform gives at most 250.
  std::int64_t page_entries = 250;
  // How answers are written: "Raw", "Rich" or "Flat".
  std::string answer_format = "Rich";
};

// A page of the entries that were received between two moments.
struct FormEntriesRange {
  TimePoint from = {};  // to the second; zero: from the beginning
  TimePoint to = {};    // likewise, inclusive; zero: until now
  std::int64_t page = 0;
  std::int64_t page_entries = 250;  // at most 250
  std::string answer_format = "Rich";
};

struct FormEntriesPage {
  std::vector<FormEntry> entries = {};  // in the order of receipt
  std::int64_t total = 0;               // of all pages
};

class WEIR_EXPORT FormEntries {
 public:
  // The form's Id, or its ExternalId.
  const std::string& form() const { return form_; }

  // Begins to poll: the first look is at once, or when it is due after the last one of an earlier
  // program. A look costs one call for each 250 entries, and one when there are none. The client's
  // own thread calls the handler; with ClientOptions::send_in_background off, Client::poll_due()
  // does. One process at a time looks at a form; others stand by. kInvalidArgument: an option.
  Result<Poll> poll(EntryHandler handler, FormPollOptions options = {});

  // Reads one page, for one call, whatever polls have handled; they are left alone.
  Result<FormEntriesPage> read(const FormEntriesRange& range);

 private:
  friend class Client;
  friend class FormConnectorReceiver;
  FormEntries(std::shared_ptr<Core> core, std::string form)
      : core_(std::move(core)), form_(std::move(form)) {}

  std::shared_ptr<Core> core_;
  std::string form_;
};

}  // namespace weir::inline v0
