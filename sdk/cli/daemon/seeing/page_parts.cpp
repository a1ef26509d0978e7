#include "daemon/seeing/page_parts.h"

#include "output/report.h"

namespace weir::daemon {

std::string html(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return escaped;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
  std::string encoded;
  for (const char c : text) {
    if (kPlain.find(c) != std::string_view::npos) {
      encoded += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded.append({'%', kDigits[byte / 16], kDigits[byte % 16]});
    }
  }
  return encoded;
}

std::string duration_words(Milliseconds duration) {
  const std::int64_t minutes = duration.count() / 60'000;
  if (minutes < 1) return "less than a minute";
  if (minutes < 60) return std::to_string(minutes) + " min";
  const std::int64_t hours = minutes / 60;
  if (hours < 48) {
    const std::string rest = minutes % 60 == 0 ? "" : " " + std::to_string(minutes % 60) + " min";
    return std::to_string(hours) + " h" + rest;
  }
  return std::to_string(hours / 24) + " days";
}

std::string moment(const std::optional<TimePoint>& time, TimePoint now) {
  if (!time) return "–";
  const std::string iso = cli::iso_time(*time);
  const std::string words =
      *time > now ? "in " + duration_words(*time - now) : duration_words(now - *time) + " ago";
  return "<time datetime=\"" + iso + "\" title=\"" + iso + "\">" + words + "</time>";
}

}  // namespace weir::daemon
