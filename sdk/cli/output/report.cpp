#include "output/report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <sstream>

namespace weir::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kLogLines = 20;
constexpr std::size_t kTotalLines = 10;
constexpr int kBarWidth = 40;

std::string dump(const ordered_json& json) {
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
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

std::string counted(std::int64_t number, const std::string& thing) {
  return std::to_string(number) + " " + thing + (number == 1 ? "" : "s");
}

// "in 19 h 54 min", so that nobody has to know how far their clock is from UTC.
std::string from_now(TimePoint time, TimePoint now) {
  const auto minutes = std::chrono::ceil<std::chrono::minutes>(time - now).count();
  if (minutes <= 0) return "now";
  const std::string hours = minutes < 60 ? "" : std::to_string(minutes / 60) + " h ";
  return "in " + hours + std::to_string(minutes % 60) + " min";
}

std::string padded(const std::string& text, std::size_t width) {
  return text.size() >= width ? text : text + std::string(width - text.size(), ' ');
}

std::string log_line(const CallRecord& record) {
  const std::string status = record.status ? std::to_string(*record.status) : "-";
  return "  " + iso_time(record.time) + "  " + padded(record.method, 5) + padded(status, 5) +
         padded(counted(record.rows, "row"), 12) + padded(record.reason, 13) +
         (record.charged ? "            " : "not charged ") + record.target + "\n";
}

std::string total_line(const CallTotal& total) {
  return "  " + padded(counted(total.calls, "call"), 14) + padded(counted(total.rows, "row"), 16) +
         padded(total.reason, 13) + total.target + "\n";
}

// What is out of the ordinary.
std::string remarks(const Usage& usage, TimePoint now) {
  std::string text;
  if (usage.closed) text += "The platform says that today's limit is reached.\n";
  if (usage.outside > 0)
    text += counted(usage.outside, "call") + " of today were spent outside Weir.\n";
  if (usage.reserve > 0)
    text += "Kept back as a reserve: " + counted(usage.reserve, "call") + ".\n";
  if (usage.left > 0 && usage.lasts_until)
    text += "At the rate of the last hour the calls last until " + iso_time(*usage.lasts_until) +
            ", " + from_now(*usage.lasts_until, now) + ".\n";
  if (usage.left == 0) text += "What changes now is kept, and sent after the reset.\n";
  if (!usage.clock_is_observed)
    text += "The platform has not told its time yet; the org day is by this machine's clock.\n";
  if (std::isfinite(usage.price_row_seconds))
    text += "A call is worth " + std::to_string(std::llround(usage.price_row_seconds)) +
            " stale row-seconds.\n";
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
  ordered_json json = {{"source", summary.source},        {"rows", summary.rows},
                       {"upserted", summary.upserted},    {"deleted", summary.deleted},
                       {"unchanged", summary.unchanged},  {"calls", summary.calls},
                       {"calls_left", summary.calls_left}};
  if (summary.dead_letters > 0) json["dead_letters"] = summary.dead_letters;
  if (summary.set_aside > 0) json["set_aside"] = summary.set_aside;
  if (summary.doubtful) json["doubtful"] = true;
  if (summary.dry_run) json["dry_run"] = true;
  return dump(json);
}

std::string as_text(const SendSummary& summary) {
  std::ostringstream text;
  text << summary.source << ": " << summary.rows << " rows, " << summary.upserted
       << " to insert or change, " << summary.deleted << " to delete, " << summary.unchanged
       << " unchanged; " << summary.calls
       << (summary.dry_run ? " call(s) would be spent, " : " call(s) spent, ") << summary.calls_left
       << " left today";
  if (summary.dead_letters > 0)
    text << "; " << summary.dead_letters << " refused for good, kept as dead letters";
  if (summary.set_aside > 0)
    text << "; " << summary.set_aside
         << " set aside, refused earlier as they are (weir outbox list)";
  if (summary.doubtful)
    text << "; somebody else has changed rows on the platform (weir diff shows what differs)";
  return text.str();
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
    text += ", of which " + megabytes(summary.report.resumed_from) + " were there already";
  return text;
}

std::string megabytes(std::int64_t bytes) {
  const std::int64_t tenths = bytes / 100'000;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " MB";
}

std::string as_json(const Usage& usage) {
  ordered_json log = ordered_json::array();
  for (const CallRecord& record : usage.log) log.push_back(record_json(record));
  ordered_json totals = ordered_json::array();
  for (const CallTotal& total : usage.totals) {
    totals.push_back({{"target", total.target},
                      {"reason", total.reason},
                      {"calls", total.calls},
                      {"rows", total.rows}});
  }
  return dump({{"org_day", usage.org_day},
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
               {"totals", std::move(totals)}});
}

std::string as_text(const Usage& usage, TimePoint now) {
  std::ostringstream text;
  text << "Org day " << usage.org_day << "   " << usage.calls_today << " of " << usage.limit
       << " calls spent, " << usage.left << " left   " << usage.open_connections << " of "
       << counted(usage.connections_allowed, "connection") << " open\n"
       << bar(usage) << "  resets at " << iso_time(usage.resets_at) << ", "
       << from_now(usage.resets_at, now) << "\n"
       << remarks(usage, now);
  if (usage.log.empty()) {
    text << "No calls yet.";
    return text.str();
  }
  text << (usage.log.size() > kLogLines ? "The last 20 of " + std::to_string(usage.log.size()) +
                                              " logged calls (all with --json):\n"
                                        : "The last calls:\n");
  for (std::size_t i = 0; i < usage.log.size() && i < kLogLines; ++i)
    text << log_line(usage.log[i]);
  if (!usage.totals.empty()) text << "The last 30 days:\n";
  for (std::size_t i = 0; i < usage.totals.size() && i < kTotalLines; ++i)
    text << total_line(usage.totals[i]);
  std::string result = text.str();
  result.pop_back();
  return result;
}

std::string as_json(const Error& error) {
  return dump({{"error", {{"code", error_code_name(error.code)}, {"message", error.message}}}});
}

}  // namespace weir::cli
