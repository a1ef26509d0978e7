#include "daemon/seeing/status_json.h"

#include <weir/version.h>

#include <nlohmann/json.hpp>

#include "output/report.h"

namespace weir::daemon {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kLoggedCalls = 20;

ordered_json or_null(const std::optional<TimePoint>& time) {
  return time ? ordered_json(cli::iso_time(*time)) : ordered_json();
}

ordered_json or_null(const std::string& text) {
  return text.empty() ? ordered_json() : ordered_json(text);
}

ordered_json json_of(const Verdict& verdict) {
  return {{"level", verdict.is_error ? "error" : "warning"},
          {"org", verdict.org},
          {"name", verdict.name},
          {"since", cli::iso_time(verdict.since)},
          {"text", verdict.text},
          {"do", verdict.what_to_do}};
}

ordered_json json_of(const SourceStatus& source) {
  return {{"source", source.source},
          {"state", name_of(source.state)},
          {"deliver", source.deliver},
          {"stale_rows", source.stale_rows},
          {"oldest_at", or_null(source.oldest_at)},
          {"sent_at", or_null(source.sent_at)},
          {"next_at", or_null(source.next_at)},
          {"calls_today", source.calls_today},
          {"held_deletes", source.held_deletes},
          {"elsewhere", source.is_elsewhere},
          {"error", or_null(source.error)}};
}

std::string handler_word(const PollStatus& poll) {
  if (!poll.error.empty()) return poll.error;
  return poll.is_elsewhere ? "another daemon polls" : "ok";
}

ordered_json json_of(const PollStatus& poll) {
  return {
      {"poll", poll.poll},
      {"looked_at", or_null(poll.looked_at)},
      {"found", poll.found ? ordered_json(*poll.found) : ordered_json()},
      {"interval_s", poll.interval ? ordered_json(poll.interval->count() / 1000) : ordered_json()},
      {"why", poll.why},
      {"next_at", or_null(poll.next_at)},
      {"handler", handler_word(poll)},
      {"elsewhere", poll.is_elsewhere},
      {"waiting", poll.waiting},
      {"dead_letters", poll.dead_letters}};
}

ordered_json json_of(const CallRecord& record) {
  return {{"time", cli::iso_time(record.time)},
          {"method", record.method},
          {"target", record.target},
          {"rows", record.rows},
          {"status", record.status ? ordered_json(*record.status) : ordered_json()},
          {"reason", record.reason},
          {"charged", record.charged}};
}

ordered_json json_of(const OrgStatus& org);

template <typename T>
ordered_json list_of(const std::vector<T>& all, std::size_t most) {
  ordered_json list = ordered_json::array();
  for (std::size_t i = 0; i < all.size() && i < most; ++i) list.push_back(json_of(all[i]));
  return list;
}

ordered_json json_of(const OrgStatus& org) {
  const Usage& usage = org.usage;
  const auto if_known = [&](const auto& value) {
    return org.is_known ? ordered_json(value) : ordered_json();
  };
  return {{"org", org.org},
          {"numbers_at", or_null(org.numbers_at)},
          {"org_day", if_known(usage.org_day)},
          {"time_zone", if_known(usage.time_zone)},
          {"calls_today", if_known(usage.calls_today)},
          {"limit", if_known(usage.limit)},
          {"left", if_known(usage.left)},
          {"outside", if_known(usage.outside)},
          {"reserve", if_known(usage.reserve)},
          {"price_row_s", if_known(usage.price_row_seconds)},
          {"lasts_until", or_null(usage.lasts_until)},
          {"resets_at", if_known(cli::iso_time(usage.resets_at))},
          {"open_connections", if_known(usage.open_connections)},
          {"sources", list_of(org.sources, org.sources.size())},
          {"polls", list_of(org.polls, org.polls.size())},
          {"log", list_of(usage.log, kLoggedCalls)}};
}

}  // namespace

std::string as_json(const Status& status) {
  const std::vector<Verdict> verdict = verdict_of(status);
  const ordered_json json = {{"schema", 1},
                             {"version", kVersion},
                             {"started_at", cli::iso_time(status.started_at)},
                             {"config",
                              {{"file", status.config.file},
                               {"loaded_at", cli::iso_time(status.config.loaded_at)},
                               {"ok", !status.config.refused_at}}},
                             {"verdict", list_of(verdict, verdict.size())},
                             {"orgs", list_of(status.orgs, status.orgs.size())}};
  // A text that is no UTF-8 must not take the rest with it.
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace weir::daemon
