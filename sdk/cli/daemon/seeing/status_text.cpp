#include "daemon/seeing/status_text.h"

#include <algorithm>
#include <ctime>
#include <nlohmann/json.hpp>

#include "daemon/seeing/pace_words.h"
#include "output/numbers.h"
#include "output/printable.h"
#include "output/zone_time.h"

namespace weir::daemon {
namespace {

using cli::grouped;
using nlohmann::json;

std::string word(const json& value) {
  return value.is_string() ? cli::printable(value.get<std::string>()) : "-";
}

std::string number(const json& value) {
  return value.is_number() ? grouped(value.get<std::int64_t>()) : "-";
}

std::string zone_of(const json& org) {
  const auto zone = org.find("time_zone");
  return zone != org.end() && zone->is_string() ? zone->get<std::string>() : "";
}

std::string time_word(const json& value, const std::string& zone) {
  std::tm utc = {};
  const bool is_time = value.is_string() && ::strptime(value.get<std::string>().c_str(),
                                                       "%Y-%m-%dT%H:%M:%SZ", &utc) != nullptr;
  if (!is_time) return word(value);
  return cli::zone_time(TimePoint(std::chrono::seconds(::timegm(&utc))), zone);
}

// JSON has no infinite price, at which nothing is sent.
std::string price_words(const json& value) {
  if (!value.is_number()) return "no call is sent before the reset";
  return "the price of a call is " + cli::row_seconds(value.get<double>()) + " stale row-seconds";
}

std::string interval(const json& seconds) {
  return seconds.is_number() ? interval_words(std::chrono::seconds{seconds.get<std::int64_t>()})
                             : "-";
}

// A column is as wide as its widest cell.
std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const std::vector<std::string>& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const std::vector<std::string>& row : rows) {
    std::string line = " ";
    for (std::size_t i = 0; i < row.size(); ++i)
      line += " " + row[i] + std::string(widths[i] - row[i].size() + 1, ' ');
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

// Of an organization by its name; what concerns all of them is told by the first one's clock.
std::string zone_in(const json& orgs, const std::string& name) {
  for (const json& org : orgs)
    if (org.at("org") == name) return zone_of(org);
  return orgs.empty() ? "" : zone_of(orgs.front());
}

std::string verdict_lines(const json& verdict, const json& orgs) {
  if (verdict.empty()) return "All is well.\n";
  std::string text;
  for (const json& one : verdict) {
    const std::string org = word(one.at("org"));
    text += (one.at("level") == "error" ? "Error: " : "Warning: ") +
            (org.empty() ? "" : org + ", ") + word(one.at("name")) + ", since " +
            time_word(one.at("since"), zone_in(orgs, org)) + ": " + word(one.at("text")) +
            "\n  Next: " + word(one.at("do")) + "\n";
  }
  return text;
}

std::string org_lines(const json& org) {
  const std::string name = word(org.at("org"));
  const std::string zone = zone_of(org);
  std::string text = "\n" + (name.empty() ? "" : name + ": ");
  if (org.at("limit").is_null()) {
    text +=
        "how many calls are left is not known, for the store has not told it since weir run was "
        "started\n";
  } else {
    if (const json told_at = org.value("numbers_at", json()); told_at.is_string())
      text += "what the store told at " + word(told_at) + ", for it has not answered since: ";

    text += number(org.at("left")) + " of " + number(org.at("limit")) + " calls left on " +
            word(org.at("org_day")) + ", " + number(org.at("calls_today")) + " spent; " +
            price_words(org.at("price_row_s")) + "; resets at " +
            time_word(org.at("resets_at"), zone) + "\n";
  }
  if (!org.at("sources").empty()) {
    std::vector<std::vector<std::string>> rows = {
        {"DATA SOURCE", "STATE", "STALE", "OLDEST", "SENT", "NEXT", "CALLS"}};
    for (const json& source : org.at("sources"))
      rows.push_back({word(source.at("source")), word(source.at("state")),
                      number(source.at("stale_rows")), time_word(source.at("oldest_at"), zone),
                      time_word(source.at("sent_at"), zone), time_word(source.at("next_at"), zone),
                      number(source.at("calls_today"))});
    text += table(rows);
  }
  if (!org.at("polls").empty()) {
    std::vector<std::vector<std::string>> rows = {
        {"POLL", "LOOKED", "FOUND", "EVERY", "NEXT", "HANDLER", "WAITING", "DEAD", "WHY"}};
    for (const json& poll : org.at("polls"))
      rows.push_back({word(poll.at("poll")), time_word(poll.at("looked_at"), zone),
                      number(poll.at("found")), interval(poll.at("interval_s")),
                      time_word(poll.at("next_at"), zone), word(poll.at("handler")),
                      number(poll.at("waiting")), number(poll.at("dead_letters")),
                      poll.at("why").get<std::string>().empty() ? "-" : word(poll.at("why"))});
    text += table(rows);
  }
  return text;
}

Error no_status(const std::string& why) {
  return {.code = ErrorCode::kBadResponse,
          .message = "what the daemon answered is no status that this weir can read: " + why};
}

}  // namespace

Result<StatusText> status_text(const std::string& text) {
  const json status = json::parse(text, nullptr, false);
  if (!status.is_object()) return no_status("it is no JSON object");
  if (status.value("schema", 0) != 1) return no_status("its schema is not 1; use the same version");
  try {
    StatusText result{.is_in_trouble = !status.at("verdict").empty()};
    const std::string zone = zone_in(status.at("orgs"), "");
    result.text = verdict_lines(status.at("verdict"), status.at("orgs"));
    for (const json& org : status.at("orgs")) result.text += org_lines(org);
    const json& config = status.at("config");
    result.text += "\nSettings: " + word(config.at("file")) + ", loaded " +
                   time_word(config.at("loaded_at"), zone) + "; version " +
                   word(status.at("version")) + ", started " +
                   time_word(status.at("started_at"), zone) + "\n";
    return result;
  } catch (const json::exception& fault) {
    return no_status(fault.what());
  }
}

}  // namespace weir::daemon
