#include "daemon/seeing/status_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "daemon/seeing/pace_words.h"
#include "output/numbers.h"
#include "output/printable.h"

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

std::string verdict_lines(const json& verdict) {
  if (verdict.empty()) return "All is well.\n";
  std::string text;
  for (const json& one : verdict) {
    const std::string org = word(one.at("org"));
    text += (one.at("level") == "error" ? "Error: " : "Warning: ") +
            (org.empty() ? "" : org + ", ") + word(one.at("name")) + ", since " +
            word(one.at("since")) + ": " + word(one.at("text")) +
            "\n  Next: " + word(one.at("do")) + "\n";
  }
  return text;
}

std::string org_lines(const json& org) {
  const std::string name = word(org.at("org"));
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
            price_words(org.at("price_row_s")) + "; resets at " + word(org.at("resets_at")) + "\n";
  }
  if (!org.at("sources").empty()) {
    std::vector<std::vector<std::string>> rows = {
        {"DATA SOURCE", "STATE", "STALE", "OLDEST", "SENT", "NEXT", "CALLS"}};
    for (const json& source : org.at("sources"))
      rows.push_back({word(source.at("source")), word(source.at("state")),
                      number(source.at("stale_rows")), word(source.at("oldest_at")),
                      word(source.at("sent_at")), word(source.at("next_at")),
                      number(source.at("calls_today"))});
    text += table(rows);
  }
  if (!org.at("polls").empty()) {
    std::vector<std::vector<std::string>> rows = {
        {"POLL", "LOOKED", "FOUND", "EVERY", "NEXT", "HANDLER", "WAITING", "DEAD", "WHY"}};
    for (const json& poll : org.at("polls"))
      rows.push_back({word(poll.at("poll")), word(poll.at("looked_at")), number(poll.at("found")),
                      interval(poll.at("interval_s")), word(poll.at("next_at")),
                      word(poll.at("handler")), number(poll.at("waiting")),
                      number(poll.at("dead_letters")),
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
    result.text = verdict_lines(status.at("verdict"));
    for (const json& org : status.at("orgs")) result.text += org_lines(org);
    const json& config = status.at("config");
    result.text += "\nSettings: " + word(config.at("file")) + ", loaded " +
                   word(config.at("loaded_at")) + "; version " + word(status.at("version")) +
                   ", started " + word(status.at("started_at")) + "\n";
    return result;
  } catch (const json::exception& fault) {
    return no_status(fault.what());
  }
}

}  // namespace weir::daemon
