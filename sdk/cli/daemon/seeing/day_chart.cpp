#include "daemon/seeing/day_chart.h"

#include <algorithm>
#include <array>

#include "daemon/seeing/page_parts.h"
#include "output/numbers.h"

namespace weir::daemon {
namespace {

constexpr std::int64_t kWidth = 600;
constexpr std::int64_t kHeight = 120;
constexpr Milliseconds kDay = std::chrono::hours{24};

std::string rect(std::int64_t x, std::int64_t width, const std::string& kind) {
  return "<rect class=\"" + kind + "\" x=\"" + std::to_string(x) + R"(" y="0" width=")" +
         std::to_string(width) + R"(" height="16"/>)";
}

std::string point(std::int64_t x, std::int64_t y) {
  return std::to_string(x) + "," + std::to_string(kHeight - y) + " ";
}

std::string table_of(const std::array<std::int64_t, 24>& hours) {
  std::string rows;
  for (std::size_t i = 0; i < hours.size(); ++i) {
    if (hours[i] == 0) continue;
    rows += "<tr><th scope=\"row\">" + std::to_string(i) + "</th><td>" + cli::grouped(hours[i]) +
            "</td></tr>";
  }
  if (rows.empty()) return "";
  return "<details><summary>The same as a table</summary><table><caption>Calls by hour of the org "
         "day</caption><thead><tr><th scope=\"col\">Hours since midnight</th><th "
         "scope=\"col\">Calls</th></tr></thead><tbody>" +
         rows + "</tbody></table></details>\n";
}

}  // namespace

std::string calls_bar(const Usage& usage) {
  const std::int64_t limit = std::max<std::int64_t>(usage.limit, 1);
  std::int64_t at = 0;
  std::string parts;
  const auto add = [&](std::int64_t calls, const std::string& kind) {
    const std::int64_t width =
        std::clamp<std::int64_t>(calls * kWidth / limit, 0, kWidth - std::min(at, kWidth));
    parts += rect(at, width, kind);
    at += width;
  };
  const std::int64_t reserve = std::min(usage.reserve, std::max<std::int64_t>(usage.left, 0));
  add(usage.calls_today, "spent");
  add(usage.outside, "outside");
  add(reserve, "reserve");
  const std::string words = cli::grouped(usage.calls_today) + " spent, " +
                            cli::grouped(usage.outside) + " by others, " + cli::grouped(reserve) +
                            " kept back, " +
                            cli::grouped(std::max<std::int64_t>(usage.left - reserve, 0)) + " left";
  return R"(<svg class="bar" role="img" aria-label=")" + words + "\" viewBox=\"0 0 " +
         std::to_string(kWidth) + R"( 16" preserveAspectRatio="none">)" + parts + "</svg><p>" +
         words + ".</p>\n";
}

std::string day_chart(const Usage& usage, TimePoint now) {
  const TimePoint begin = usage.resets_at - kDay;
  std::vector<TimePoint> calls;
  std::array<std::int64_t, 24> hours = {};
  for (const CallRecord& call : usage.log) {
    if (!call.charged || call.time < begin || call.time > now) continue;
    calls.push_back(call.time);
    const auto hour = static_cast<std::size_t>((call.time - begin) / std::chrono::hours{1});
    ++hours[std::min<std::size_t>(hour, hours.size() - 1)];
  }
  if (calls.empty() || usage.limit <= 0) return "";
  std::sort(calls.begin(), calls.end());
  const auto x_of = [&](TimePoint time) { return (time - begin).count() * kWidth / kDay.count(); };
  const auto y_of = [&](std::int64_t count) { return count * (kHeight - 10) / usage.limit; };
  // The log ends at 250 calls: those before it are there when the line begins.
  std::int64_t spent =
      std::max<std::int64_t>(usage.calls_today - static_cast<std::int64_t>(calls.size()), 0);
  std::string steps = point(spent == 0 ? 0 : x_of(calls.front()), y_of(spent));
  for (const TimePoint call : calls) {
    steps += point(x_of(call), y_of(spent));
    steps += point(x_of(call), y_of(++spent));
  }
  steps += point(x_of(now), y_of(spent));
  return R"(<svg class="day" role="img" aria-label="The day's calls as steps, )" +
         cli::grouped(spent) + " so far, beside the even pace\" viewBox=\"0 0 " +
         std::to_string(kWidth) + " " + std::to_string(kHeight) +
         R"("><polyline class="pace" points=")" + point(0, 0) + point(kWidth, kHeight - 10) +
         R"("/><polyline class="steps" points=")" + steps + "\"/></svg>\n" + table_of(hours);
}

}  // namespace weir::daemon
