// FormEntries: the entries that users of the app have sent, and the search in them.
//
// An entry may become visible to the search later than its ReceivedTime says, as happens on a
// platform of several servers, and several entries may share a millisecond: they are found in the
// order in which they came. Safe to use from several threads at once.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "virtual_clock.h"

namespace weir::mock {

struct FormEntry {
  std::string id = {};    // 32 hex digits; given when empty
  std::string form = {};  // stands for both its Id and its ExternalId
  Instant received = {};
  Instant completed = {};
  Instant visible_from = {};
  std::string user_first_name = {};
  std::string user_last_name = {};
  std::string answers = "{}";  // a JSON object as text
};

struct FormQuery {
  std::string form = {};
  std::optional<Instant> from = {};  // both inclusive
  std::optional<Instant> to = {};
  bool by_completed_time = false;
  bool descending = false;
  std::string answer_format = "Rich";
  std::int64_t page_size = 100;
  std::int64_t page_number = 0;
};

struct FormPage {
  std::vector<FormEntry> entries = {};
  std::int64_t total = 0;
};

class FormEntries {
 public:
  // Returns the entry as it is kept, with its id.
  FormEntry add(FormEntry entry);

  // What the search finds at this moment.
  FormPage search(const FormQuery& query, Instant now) const;

 private:
  mutable std::mutex mutex_;
  std::vector<FormEntry> entries_;  // in the order in which they came
};

}  // namespace weir::mock
