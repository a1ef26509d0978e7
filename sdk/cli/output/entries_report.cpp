#include "output/entries_report.h"

#include <map>
#include <nlohmann/json.hpp>

#include "output/numbers.h"
#include "output/printable.h"
#include "output/report.h"
#include "output/text_table.h"
#include "output/zone_time.h"

namespace weir::cli {
namespace {

using nlohmann::ordered_json;

struct WaitingEntries {
  std::int64_t count = 0;
  TimePoint since = {};
  std::int64_t attempts = 0;  // of the first, which the others wait for
  std::string reason = {};
};

std::map<std::string, WaitingEntries> waiting_of(const std::vector<QueuedEntry>& entries) {
  std::map<std::string, WaitingEntries> waiting;
  for (const QueuedEntry& entry : entries) {
    if (entry.is_dead_letter) continue;
    WaitingEntries& queue = waiting[entry.queue];
    if (queue.count++ > 0) continue;
    queue.since = entry.kept_at;
    queue.attempts = entry.attempts;
    queue.reason = entry.reason;
  }
  return waiting;
}

std::string waiting_text(const std::map<std::string, WaitingEntries>& waiting,
                         const std::string& zone) {
  if (waiting.empty()) return "No entry waits to be handed over.\n";
  std::vector<TableLine> lines = {{"poll", "entries", "since", "attempts", "last failure"}};
  for (const auto& [poll, queue] : waiting)
    lines.push_back({printable(poll), grouped(queue.count), zone_time(queue.since, zone),
                     grouped(queue.attempts), printable(queue.reason)});
  return "Waiting to be handed over:\n" + text_table(lines);
}

std::string letters_text(const std::vector<QueuedEntry>& entries, const std::string& zone) {
  std::vector<TableLine> lines = {{"id", "poll", "entry", "attempts", "received", "reason"}};
  for (const QueuedEntry& entry : entries) {
    if (!entry.is_dead_letter) continue;
    lines.push_back({std::to_string(entry.number), printable(entry.queue), printable(entry.id),
                     grouped(entry.attempts),
                     entry.received == TimePoint{} ? "-" : zone_time(entry.received, zone),
                     printable(entry.reason)});
  }
  if (lines.size() == 1) return "No dead letters.";
  std::string text = "Dead letters, which no handler has taken:\n" + text_table(lines);
  text.pop_back();
  return text;
}

}  // namespace

std::string entries_as_json(const std::vector<QueuedEntry>& entries) {
  ordered_json waiting = ordered_json::array();
  for (const auto& [poll, queue] : waiting_of(entries)) {
    waiting.push_back({{"poll", poll},
                       {"entries", queue.count},
                       {"since", iso_time(queue.since)},
                       {"attempts", queue.attempts},
                       {"reason", queue.reason}});
  }
  ordered_json letters = ordered_json::array();
  for (const QueuedEntry& entry : entries) {
    if (!entry.is_dead_letter) continue;
    letters.push_back(
        {{"id", entry.number},
         {"poll", entry.queue},
         {"entry", entry.id},
         {"attempts", entry.attempts},
         {"received",
          entry.received == TimePoint{} ? ordered_json() : ordered_json(iso_time(entry.received))},
         {"reason", entry.reason}});
  }
  const ordered_json report = {{"waiting", std::move(waiting)},
                               {"dead_letters", std::move(letters)}};
  return report.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string entries_as_text(const std::vector<QueuedEntry>& entries, const std::string& zone) {
  return waiting_text(waiting_of(entries), zone) + letters_text(entries, zone);
}

}  // namespace weir::cli
