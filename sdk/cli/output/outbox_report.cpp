#include "output/outbox_report.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "output/flag_words.h"
#include "output/numbers.h"
#include "output/printable.h"
#include "output/report.h"
#include "output/text_table.h"
#include "output/zone_time.h"

namespace weir::cli {
namespace {

using nlohmann::ordered_json;

std::string waiting_table(const std::vector<WaitingChanges>& waiting, const std::string& zone) {
  if (waiting.empty()) return "Nothing waits to be sent.\n";
  std::vector<TableLine> lines = {{"source", "upserts", "deletes", "cell updates", "since", ""}};
  for (const WaitingChanges& source : waiting) {
    std::string remark = source.replaces_all_rows ? "replaces all rows" : "";
    if (source.suspects > 0)
      remark += (remark.empty() ? "" : "; ") + std::string("a refused row is looked for among ") +
                std::to_string(source.suspects);
    if (source.halted_until)
      remark += (remark.empty() ? "" : "; ") + std::string("not sent by itself until ") +
                zone_time(*source.halted_until, zone) + ": " +
                printable(with_flags(source.halted_by));
    lines.push_back({printable(source.source), std::to_string(source.upserts),
                     std::to_string(source.deletes), std::to_string(source.cell_updates),
                     source.oldest ? zone_time(*source.oldest, zone) : "-", remark});
  }
  return "Waiting to be sent:\n" + text_table(lines);
}

std::string letters_table(const std::vector<DeadLetter>& letters, const std::string& zone) {
  if (letters.empty()) return "No dead letters.";
  std::vector<TableLine> lines = {{"id", "source", "key", "change", "refused at", "reason"}};
  for (const DeadLetter& letter : letters)
    lines.push_back({std::to_string(letter.id), printable(letter.source), printable(letter.key),
                     letter.change, zone_time(letter.time, zone), printable(letter.reason)});
  std::string text = "Dead letters, refused by the platform for good:\n" + text_table(lines);
  text.pop_back();
  return text;
}

std::string dump(const ordered_json& object) {
  return object.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace

std::string as_json(const OutboxContents& contents) {
  ordered_json waiting = ordered_json::array();
  for (const WaitingChanges& source : contents.waiting) {
    waiting.push_back(
        {{"source", source.source},
         {"upserts", source.upserts},
         {"deletes", source.deletes},
         {"cell_updates", source.cell_updates},
         {"replaces_all_rows", source.replaces_all_rows},
         {"suspects", source.suspects},
         {"since", source.oldest ? ordered_json(iso_time(*source.oldest)) : ordered_json()}});
    if (!source.halted_until) continue;
    waiting.back()["halted_by"] = with_flags(source.halted_by);
    waiting.back()["halted_until"] = iso_time(*source.halted_until);
  }
  ordered_json letters = ordered_json::array();
  for (const DeadLetter& letter : contents.dead_letters) {
    letters.push_back({{"id", letter.id},
                       {"source", letter.source},
                       {"key", letter.key},
                       {"op", letter.change},
                       {"reason", letter.reason},
                       {"time", iso_time(letter.time)}});
  }
  return dump({{"pending", std::move(waiting)}, {"dead_letters", std::move(letters)}});
}

std::string as_text(const OutboxContents& contents, const std::string& zone) {
  return waiting_table(contents.waiting, zone) + letters_table(contents.dead_letters, zone);
}

std::string as_json(const SentSummary& summary) {
  return dump(
      {{"sent", summary.sent},
       {"calls", summary.calls},
       {"dead_letters", summary.dead_letters},
       {"calls_left", summary.calls_left ? ordered_json(*summary.calls_left) : ordered_json()}});
}

std::string as_text(const SentSummary& summary) {
  std::string text = counted(summary.sent, "change") + " sent; " + counted(summary.calls, "call") +
                     left_today(summary.calls_left);
  if (summary.dead_letters > 0) text += "; " + grouped(summary.dead_letters) + " refused for good";
  return text;
}

std::string as_json(const RetrySummary& summary) {
  ordered_json json = {
      {"retried", summary.retried},
      {"calls", summary.calls},
      {"dead_letters", summary.dead_letters},
      {"calls_left", summary.calls_left ? ordered_json(*summary.calls_left) : ordered_json()}};
  if (summary.sent > summary.retried) json["sent"] = summary.sent;
  return dump(json);
}

std::string as_text(const RetrySummary& summary) {
  std::string text = counted(summary.retried, "dead letter") + " sent again; ";
  if (summary.sent > summary.retried)
    text += counted(summary.sent - summary.retried, "waiting change") + " sent; ";
  text += counted(summary.calls, "call") + left_today(summary.calls_left);
  if (summary.dead_letters > 0) text += "; " + grouped(summary.dead_letters) + " refused again";
  return text;
}

}  // namespace weir::cli
