// FormCheckpoints: how far the entries of each form have been handled, which entries of the last
// while those were, and the entries that a connector has delivered and nobody has handled yet.
//
// One durable transaction per change: an entry is noted as handled after its handler has returned,
// so a crash in between hands it over again, and never drops it. Safe to use from several threads
// at once.
//
// polling/: the loop that carries out looks, what is looked at, and what polls must remember over a
// restart.
#pragma once

#include <weir/clock.h>
#include <weir/result.h>

#include <optional>
#include <string>
#include <vector>

#include "store/database.h"

namespace weir::polling {

struct FormPlace {
  // The latest receipt of an entry that was handled, or where the first search began; empty: none
  // has come to its end.
  std::optional<TimePoint> newest = {};
  // Empty: the form was never looked at.
  std::optional<TimePoint> looked_at = {};
};

struct KeptEntry {
  std::string id;
  std::string json;
};

class FormCheckpoints {
 public:
  explicit FormCheckpoints(store::Database& database) : database_(database) {}

  Result<FormPlace> place(const std::string& form);

  // Which of `ids` have been handled.
  Result<std::vector<bool>> are_handled(const std::string& form,
                                        const std::vector<std::string>& ids);

  // Notes an entry as handled. The place moves on when a search has found it, up to `latest`; a
  // connector's delivery may come before others that it would skip.
  Result<void> handled(const std::string& form, const std::string& id,
                       std::optional<TimePoint> found_received, TimePoint now,
                       TimePoint latest = TimePoint::max());

  // Notes an entry as one that no search hands over. The place stays.
  Result<void> left_alone(const std::string& form, const std::string& id, TimePoint now);

  // The place goes back: it was one of the future.
  Result<void> set_back(const std::string& form, TimePoint newest);

  // A look came to its end: it went back to `from`, before which ids are no longer needed, and all
  // that it found up to `newest` is handled.
  Result<void> looked(const std::string& form, TimePoint from, std::optional<TimePoint> newest,
                      TimePoint now);

  // Keeps what a connector has delivered; false when it is known already.
  Result<bool> keep(const std::string& form, const KeptEntry& entry, TimePoint now);

  // What is kept and not handled, oldest first.
  Result<std::vector<KeptEntry>> kept(const std::string& form);

 private:
  store::Database& database_;
};

}  // namespace weir::polling
