#include "sync/metrics.h"

#include <algorithm>
#include <string_view>

namespace weir::sync {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

void head(std::string& text, std::string_view name, std::string_view kind, std::string_view help) {
  text.append("# HELP ").append(name).append(" ").append(help);
  text.append("\n# TYPE ").append(name).append(" ").append(kind).append("\n");
}

void line(std::string& text, std::string_view name, const std::string& labels,
          const std::string& value) {
  text.append(name);
  if (!labels.empty()) text.append("{").append(labels).append("}");
  text.append(" ").append(value).append("\n");
}

// Quotes and backslashes are escaped in a label's value.
std::string label(std::string_view name, std::string_view value) {
  std::string text(name);
  text += "=\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') text += '\\';
    if (c == '\n') {
      text += "\\n";
    } else {
      text += c;
    }
  }
  return text + '"';
}

std::string seconds(std::uint64_t milliseconds) {
  std::string thousandths = std::to_string(milliseconds % 1000);
  thousandths.insert(0, 3 - thousandths.size(), '0');
  return std::to_string(milliseconds / 1000) + "." + thousandths;
}

}  // namespace

void Metrics::count(int status, Milliseconds took) {
  const auto found = std::find(kStatuses.begin(), kStatuses.end(), status);
  answers_.at(static_cast<std::size_t>(found - kStatuses.begin())).fetch_add(1, kRelaxed);
  const auto limit = std::lower_bound(kLimitsMs.begin(), kLimitsMs.end(), took.count());
  durations_.at(static_cast<std::size_t>(limit - kLimitsMs.begin())).fetch_add(1, kRelaxed);
  duration_ms_.fetch_add(static_cast<std::uint64_t>(took.count()), kRelaxed);
}

void Metrics::count(Told told) { told_.at(static_cast<std::size_t>(told)).fetch_add(1, kRelaxed); }

std::string Metrics::text(const std::vector<SourceGauge>& sources,
                          std::uint64_t cache_bytes) const {
  std::string text;
  head(text, "weir_sync_answers_total", "counter", "Answers by HTTP status.");
  for (std::size_t i = 0; i < answers_.size(); ++i) {
    const std::string status = i < kStatuses.size() ? std::to_string(kStatuses.at(i)) : "other";
    line(text, "weir_sync_answers_total", label("status", status),
         std::to_string(answers_.at(i).load(kRelaxed)));
  }
  head(text, "weir_sync_answer_seconds", "histogram", "Time to make an answer, sending excluded.");
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < durations_.size(); ++i) {
    sum += durations_.at(i).load(kRelaxed);
    const std::string limit =
        i < kLimitsMs.size() ? seconds(static_cast<std::uint64_t>(kLimitsMs.at(i))) : "+Inf";
    line(text, "weir_sync_answer_seconds_bucket", label("le", limit), std::to_string(sum));
  }
  line(text, "weir_sync_answer_seconds_sum", "", seconds(duration_ms_.load(kRelaxed)));
  line(text, "weir_sync_answer_seconds_count", "", std::to_string(sum));
  head(text, "weir_sync_sources_told_total", "counter", "What devices were told of a data source.");
  const std::array<std::string_view, 3> told = {"unchanged", "difference", "all_rows"};
  for (std::size_t i = 0; i < told.size(); ++i) {
    line(text, "weir_sync_sources_told_total", label("told", told.at(i)),
         std::to_string(told_.at(i).load(kRelaxed)));
  }
  head(text, "weir_sync_cache_bytes", "gauge", "Encoded answers in memory.");
  line(text, "weir_sync_cache_bytes", "", std::to_string(cache_bytes));
  head(text, "weir_sync_source_readable", "gauge", "0 when the source could not be read.");
  for (const SourceGauge& source : sources)
    line(text, "weir_sync_source_readable", label("id", source.id), source.is_readable ? "1" : "0");
  head(text, "weir_sync_source_changed_seconds", "gauge",
       "LastUpdated of the newest change, in Unix seconds.");
  for (const SourceGauge& source : sources)
    line(text, "weir_sync_source_changed_seconds", label("id", source.id),
         std::to_string(source.changed));
  return text;
}

std::string text_of(const server::HttpCounts& counts) {
  std::string text;
  head(text, "weir_sync_connections", "gauge", "Open connections.");
  line(text, "weir_sync_connections", "", std::to_string(counts.connections));
  head(text, "weir_sync_refused_total", "counter",
       "Requests that the server itself refused, by HTTP status.");
  for (const auto& [status, count] : counts.refused)
    line(text, "weir_sync_refused_total", label("status", std::to_string(status)),
         std::to_string(count));
  head(text, "weir_sync_cut_off_total", "counter",
       "Connections ended because they were too slow, or to make room for others.");
  line(text, "weir_sync_cut_off_total", label("reason", "late"), std::to_string(counts.late));
  line(text, "weir_sync_cut_off_total", label("reason", "room"), std::to_string(counts.made_room));
  return text;
}

}  // namespace weir::sync
