#include "output/report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <sstream>

#include "output/flag_words.h"
#include "output/numbers.h"
#include "output/printable.h"
#include "output/zone_time.h"

namespace weir::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kLogLines = 20;
constexpr std::size_t kTotalLines = 10;
constexpr int kBarWidth = 40;

std::string dump(const ordered_json& value) {
  return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

ordered_json record_json(const CallRecord& record) {
  return {{"time", iso_time(record.time)},
          {"method", record.method},
          {"target", record.target},
          {"rows", record.rows},
          {"status", record.status ? ordered_json(*record.status) : ordered_json()},
          {"reason", record.reason},
          {"charged", record.charged},
          {"process", record.process}};
}

// # for our own calls, o for those of others; a single call shows.
std::string bar(const Usage& usage) {
  const auto width_of = [&](std::int64_t calls) {
    if (usage.limit == 0) return kBarWidth;
    const std::int64_t width = (calls * kBarWidth + usage.limit - 1) / usage.limit;
    return static_cast<int>(std::min<std::int64_t>(kBarWidth, width));
  };
  const int all = usage.closed ? kBarWidth : width_of(usage.calls_today + usage.outside);
  const int ours = std::min(all, width_of(usage.calls_today));
  return "[" + std::string(static_cast<std::size_t>(ours), '#') +
         std::string(static_cast<std::size_t>(all - ours), 'o') +
         std::string(static_cast<std::size_t>(kBarWidth - all), '.') + "]";
}

// Empty is null.
ordered_json or_null(const std::optional<std::int64_t>& number) {
  return number ? ordered_json(*number) : ordered_json();
}

struct Done {
  std::int64_t upserted = 0;
  std::int64_t deleted = 0;
};

// What has arrived of what was planned; of a dry run, what would.
Done done_of(const SendSummary& summary) {
  if (summary.dry_run) return {.upserted = summary.to_upsert, .deleted = summary.to_delete};
  const auto at_most = [](std::int64_t number, std::int64_t most) {
    return std::clamp<std::int64_t>(number, 0, most);
  };
  // After a failure nothing waits only where it was given up, or sent or dropped by others.
  if (!summary.waiting || (summary.has_failed && summary.waiting == 0)) {
    const std::int64_t upserted = at_most(summary.sent, summary.to_upsert);
    return {.upserted = upserted, .deleted = at_most(summary.sent - upserted, summary.to_delete)};
  }
  const std::int64_t upserts =
      at_most(summary.to_upsert - (*summary.waiting - summary.waiting_deletes), summary.to_upsert);
  const std::int64_t refused_upserts = at_most(summary.dead_letters, upserts);
  const std::int64_t undone_deletes =
      summary.waiting_deletes + summary.dead_letters - refused_upserts;
  return {.upserted = upserts - refused_upserts,
          .deleted = at_most(summary.to_delete - undone_deletes, summary.to_delete)};
}

// "none deleted", "2 deleted".
std::string or_none(std::int64_t number) { return number == 0 ? "none" : grouped(number); }

std::string all_replaced(const std::string& were, std::int64_t rows) {
  const std::string text = "all rows on the platform " + were;
  if (rows == 0) return text + " deleted, for the table is empty";
  return text + " replaced by " + (rows == 1 ? "this one" : "these " + grouped(rows));
}

// A dry run reads nothing from the platform, so what an adopting push would find is not known.
bool would_adopt(const SendSummary& summary) {
  return summary.dry_run && summary.is_first && !summary.replaces_all_rows;
}

std::string plan(const SendSummary& summary) {
  if (would_adopt(summary))
    return "new to this store: the platform's rows would be read first, a call a page; at most " +
           counted(summary.to_upsert, "row") +
           " to insert or change, and only then it is known how many to delete";
  if (summary.replaces_all_rows)
    return std::string(summary.is_first ? "new to this store: " : "") +
           all_replaced("would be", summary.rows);
  return counted(summary.rows, "row") + ", " + grouped(summary.to_upsert) +
         " to insert or change, " + grouped(summary.to_delete) + " to delete, " +
         or_none(summary.unchanged) + " unchanged";
}

std::string outcome_of_kept(const SendSummary& summary) {
  const std::int64_t waiting = summary.waiting.value_or(0);
  if (waiting == 0) return counted(summary.sent, "kept change") + " sent";
  return or_none(summary.sent) + " of " + counted(summary.sent + waiting, "kept change") + " sent";
}

std::string outcome(const SendSummary& summary) {
  if (summary.is_of_kept && summary.sent + summary.waiting.value_or(0) > 0)
    return outcome_of_kept(summary);
  const bool all = summary.waiting == 0 && !summary.has_failed;
  if (summary.replaces_all_rows && all && summary.dead_letters == 0)
    return std::string(summary.is_first ? "new to this store: " : "") +
           all_replaced("were", summary.rows);
  const Done done = done_of(summary);
  std::string text = done.upserted == summary.to_upsert
                         ? counted(done.upserted, "row")
                         : or_none(done.upserted) + " of " + counted(summary.to_upsert, "row");
  text += " sent, " + or_none(done.deleted);
  if (done.deleted != summary.to_delete) text += " of " + grouped(summary.to_delete);
  text += " deleted, " + or_none(summary.unchanged) + " unchanged";
  if (!summary.waiting) return text + ", waiting: not known (the store is busy)";
  if (summary.was_given_up) return text + ", nothing kept";
  if (summary.waiting > 0) text += ", " + grouped(*summary.waiting) + " waiting";
  if (!all && summary.replaces_all_rows)
    text += std::string(summary.waiting > 0 ? "" : ", an empty table waits") +
            " to replace all rows on the platform";
  return text;
}

// A replacement has put it right.
std::string doubt(const SendSummary& summary) {
  const std::string cause = summary.store_was_put_back
                                ? "the store was put back or copied"
                                : "someone else has changed rows on the platform";
  if (summary.replaces_all_rows) return cause;
  if (!summary.store_was_put_back) return cause + " (weir diff shows the differences)";
  return cause + ", so the platform may have other rows than it knows of: weir diff shows and " +
         "notes them for the next push, or weir push --replace sends all rows again";
}

std::string padded(const std::string& text, std::size_t width) {
  return text.size() >= width ? text : text + std::string(width - text.size(), ' ');
}

std::string log_line(const CallRecord& record, const std::string& zone) {
  const std::string status = record.status ? std::to_string(*record.status) : "-";
  return "  " + zone_time(record.time, zone) + "  " + padded(record.method, 5) + padded(status, 5) +
         padded(counted(record.rows, "row"), 12) + padded(printable(record.reason), 13) +
         (record.charged ? "            " : "not charged ") + record.target + "\n";
}

std::string total_line(const CallTotal& total) {
  return "  " + padded(counted(total.calls, "call"), 14) + padded(counted(total.rows, "row"), 16) +
         padded(printable(total.reason), 13) + total.target + "\n";
}

std::string price(std::int64_t row_seconds) {
  if (row_seconds == 0) return "Calls are plenty: changes are sent at once.\n";
  return "A call is spent when it saves " + grouped(row_seconds) +
         " stale row-seconds (docs/pacing.md).\n";
}

// What is out of the ordinary.
std::string remarks(const Usage& usage) {
  std::string text;
  if (usage.closed) text += "The platform says that today's limit is reached.\n";
  if (usage.outside > 0)
    text += counted(usage.outside, "call") + " of today " + (usage.outside == 1 ? "was" : "were") +
            " spent outside Weir.\n";
  if (usage.reserve > 0)
    text += "Kept back as a reserve: " + counted(usage.reserve, "call") + ".\n";
  if (usage.left > 0 && usage.lasts_until)
    text += "At the rate of the last hour the calls last until " +
            zone_time(*usage.lasts_until, usage.time_zone) + ", " +
            from_now(*usage.lasts_until, usage.now) + ".\n";
  if (usage.left == 0) text += "What changes now is kept, and sent after the reset.\n";
  if (!usage.clock_is_observed)
    text += "The platform has not told its time yet; the org day is by this machine's clock.\n";
  if (std::isfinite(usage.price_row_seconds)) text += price(std::llround(usage.price_row_seconds));
  return text;
}

}  // namespace

std::string iso_time(TimePoint time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  std::array<char, 32> text = {};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

std::string as_json(const SendSummary& summary) {
  const Done done = done_of(summary);
  ordered_json json = {{"source", summary.source},
                       {"rows", summary.rows},
                       {"upserted", done.upserted},
                       {"deleted", done.deleted},
                       {"unchanged", summary.unchanged},
                       {"calls", summary.calls},
                       {"calls_left", or_null(summary.calls_left)},
                       {"to_upsert", summary.to_upsert},
                       {"to_delete", summary.to_delete}};
  if (!summary.dry_run) {
    json["sent"] = summary.sent;
    json["waiting"] = or_null(summary.waiting);
  }
  if (would_adopt(summary)) {
    for (const char* of_platform :
         {"upserted", "deleted", "unchanged", "calls", "to_upsert", "to_delete"})
      json[of_platform] = nullptr;
    json["reads_rows_first"] = true;
  }
  if (summary.kept) json["kept"] = *summary.kept;
  if (summary.dead_letters > 0) json["dead_letters"] = summary.dead_letters;
  if (summary.set_aside > 0) json["set_aside"] = summary.set_aside;
  if (summary.replaces_all_rows && !summary.was_given_up) json["replaces_all_rows"] = true;
  if (summary.doubtful) json["doubtful"] = true;
  if (summary.store_was_put_back) json["store_was_put_back"] = true;
  if (summary.dry_run) json["dry_run"] = true;
  return dump(json);
}

std::string as_text(const SendSummary& summary) {
  const std::string calls = counted(summary.calls, "call");
  std::string text = printable(summary.source) + ": ";
  if (summary.kept) {
    text += counted(*summary.kept, "change") + " kept, nothing sent; " + calls;
  } else {
    text += (summary.dry_run ? plan(summary) : outcome(summary)) + "; " +
            (would_adopt(summary) ? "1 call or more" : calls) +
            (summary.dry_run ? " would be spent" : "");
  }
  text += left_today(summary.calls_left);
  if (summary.dead_letters > 0)
    text += "; " + grouped(summary.dead_letters) + " refused for good, kept as dead letters";
  if (summary.set_aside > 0)
    text += "; " + grouped(summary.set_aside) +
            " set aside, refused earlier as they are (weir outbox list)";
  if (summary.doubtful) text += "; " + doubt(summary);
  return text;
}

std::string left_today(const std::optional<std::int64_t>& calls_left) {
  if (!calls_left) return ", left: not known (the store is busy)";
  return ", " + grouped(*calls_left) + " left today";
}

std::string as_json(const DownloadSummary& summary) {
  return dump({{"entry", summary.entry},
               {"file", summary.file},
               {"to", summary.to},
               {"bytes", summary.report.bytes},
               {"resumed_from", summary.report.resumed_from},
               {"requests", summary.report.requests}});
}

std::string as_text(const DownloadSummary& summary) {
  std::string text = summary.file + " of entry " + summary.entry + ": " +
                     megabytes(summary.report.bytes) + " in " + summary.to;
  if (summary.report.resumed_from > 0)
    text += "; " + megabytes(summary.report.resumed_from) + " were there already";
  return text;
}

std::string megabytes(std::int64_t bytes) {
  if (bytes < 1'000'000) return counted(bytes, "byte");
  const std::int64_t tenths = bytes / 100'000;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " MB";
}

std::string day_spent(const Usage& usage, const std::optional<std::int64_t>& waiting) {
  const std::string when = zone_time(usage.resets_at, usage.time_zone) + " on (" +
                           from_now(usage.resets_at, usage.now) + "). The org day resets at " +
                           iso_time(usage.resets_at) + ".";
  if (!waiting || *waiting == 0) return "Today's calls are spent. Calls can be made from " + when;
  return "Today's calls are spent. " + counted(*waiting, "row") +
         (*waiting == 1 ? " waits in the outbox; it" : " wait in the outbox; they") +
         " can be sent from " + when;
}

std::string shown_place(const StoreState& store) {
  return store.location + (store.schema.empty() ? "" : ", schema " + printable(store.schema));
}

std::string as_json(const Usage& usage, const StoreState& store) {
  ordered_json log = ordered_json::array();
  for (const CallRecord& record : usage.log) log.push_back(record_json(record));
  ordered_json totals = ordered_json::array();
  for (const CallTotal& total : usage.totals) {
    totals.push_back({{"target", total.target},
                      {"reason", total.reason},
                      {"calls", total.calls},
                      {"rows", total.rows}});
  }
  ordered_json halted = ordered_json::array();
  for (const HaltedSource& halt : usage.halted)
    halted.push_back({{"source", halt.source.empty() ? ordered_json() : ordered_json(halt.source)},
                      {"reason", with_flags(halt.reason)},
                      {"until", iso_time(halt.until)}});
  ordered_json json = {
      {"org_day", usage.org_day},
      {"calls_today", usage.calls_today},
      {"limit", usage.limit},
      {"left", usage.left},
      {"resets_at", iso_time(usage.resets_at)},
      {"last_call_at",
       usage.last_call_at ? ordered_json(iso_time(*usage.last_call_at)) : ordered_json()},
      {"open_connections", usage.open_connections},
      {"price_row_s", usage.price_row_seconds},
      {"log", std::move(log)},
      {"outside", usage.outside},
      {"reserve", usage.reserve},
      {"closed", usage.closed},
      {"lasts_until",
       usage.lasts_until ? ordered_json(iso_time(*usage.lasts_until)) : ordered_json()},
      {"connections_allowed", usage.connections_allowed},
      {"clock_is_observed", usage.clock_is_observed},
      {"totals", std::move(totals)},
      {"halted", std::move(halted)}};
  if (usage.old_day)
    json["old_day"] = {{"calls", usage.old_day->calls}, {"ends", iso_time(usage.old_day->ends)}};
  if (store.location.empty()) return dump(json);
  json["time_zone"] = usage.time_zone;
  json["store"] = store.location;
  json["schema"] = store.schema.empty() ? ordered_json() : ordered_json(store.schema);
  return dump(json);
}

std::string as_text(const Usage& usage, const StoreState& store) {
  std::ostringstream text;
  text << "Org day " << usage.org_day << "   " << grouped(usage.calls_today) << " of "
       << grouped(usage.limit) << " calls spent, " << grouped(usage.left) << " left   "
       << usage.open_connections << " of " << counted(usage.connections_allowed, "connection")
       << " open\n"
       << bar(usage) << "  resets at " << zone_time(usage.resets_at, usage.time_zone) << ", "
       << from_now(usage.resets_at, usage.now) << "\n"
       << remarks(usage);
  if (usage.old_day)
    text << "The day that was under way when the organization moved: "
         << grouped(usage.old_day->calls) << " of " << grouped(usage.limit)
         << " calls spent; it counts until " << zone_time(usage.old_day->ends, usage.time_zone)
         << "\n";
  for (const HaltedSource& halt : usage.halted)
    text << "Nothing is sent by itself "
         << (halt.source.empty() ? "" : "to " + printable(halt.source) + " ") << "until "
         << zone_time(halt.until, usage.time_zone) << ": " << printable(with_flags(halt.reason))
         << "\n";
  const std::string place = store.location.empty() ? "" : "\nStore: " + shown_place(store);
  if (usage.log.empty()) {
    text << "No calls yet.";
    return text.str() + place;
  }
  text << (usage.log.size() > kLogLines ? "The last 20 of " + std::to_string(usage.log.size()) +
                                              " logged calls (all with --json):\n"
                                        : "The last calls:\n");
  for (std::size_t i = 0; i < usage.log.size() && i < kLogLines; ++i)
    text << log_line(usage.log[i], usage.time_zone);
  if (!usage.totals.empty()) text << "The last 30 days:\n";
  for (std::size_t i = 0; i < usage.totals.size() && i < kTotalLines; ++i)
    text << total_line(usage.totals[i]);
  std::string result = text.str();
  result.pop_back();
  return result + place;
}

std::string as_json(const Error& error) {
  return dump({{"error", {{"code", error_code_name(error.code)}, {"message", error.message}}}});
}

}  // namespace weir::cli
