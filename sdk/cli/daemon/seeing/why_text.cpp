// The words of `weir why`, from the JSON that it has from a daemon or makes itself.
#include <cmath>
#include <ctime>
#include <nlohmann/json.hpp>

#include "daemon/seeing/pace_words.h"
#include "daemon/seeing/page_parts.h"
#include "daemon/seeing/why.h"
#include "output/command_words.h"
#include "output/flag_words.h"
#include "output/numbers.h"
#include "output/printable.h"
#include "output/zone_time.h"

namespace weir::daemon {
namespace {

using nlohmann::json;

constexpr std::size_t kDayLength = 10;  // of "2026-11-30 00:00 CET"
constexpr std::size_t kTimeLength = 5;  // after it

std::string text_in(const json& all, const char* name) {
  return cli::printable(all.at(name).get<std::string>());
}

std::optional<TimePoint> time_in(const json& all, const char* name) {
  if (all.at(name).is_null()) return std::nullopt;
  std::tm utc = {};
  if (::strptime(all.at(name).get<std::string>().c_str(), "%Y-%m-%dT%H:%M:%SZ", &utc) == nullptr)
    return std::nullopt;
  return TimePoint(std::chrono::seconds(::timegm(&utc)));
}

// "14:25", and the day where it is another than today.
std::string clock_words(TimePoint time, const json& all) {
  const std::string zone = text_in(all, "time_zone");
  const std::string then = cli::zone_time(time, zone);
  const std::string today = cli::zone_time(*time_in(all, "now"), zone);
  const bool is_today = then.compare(0, kDayLength, today, 0, kDayLength) == 0;
  return is_today ? then.substr(kDayLength + 1, kTimeLength)
                  : then.substr(0, kDayLength + 1 + kTimeLength);
}

std::string row_seconds(const json& value) {
  return value.is_number() ? cli::row_seconds(value.get<double>()) : "more than any";
}

std::string at_that_time(const json& all, const std::string& otherwise) {
  const auto sent_by = time_in(all, "sent_by");
  return sent_by ? "they go at " + clock_words(*sent_by, all) : otherwise;
}

// Rows that have not come yet make them go sooner; what they do to the price, nobody can know.
std::string latest_words(const json& all) {
  const auto sent_by = time_in(all, "sent_by");
  const auto latest = time_in(all, "sent_at_latest");
  if (!sent_by || !latest || *latest - *sent_by < std::chrono::minutes{1}) return "";
  return ", and if no more rows change at " + clock_words(*latest, all);
}

std::string price_words(const json& all) {
  const bool is_burst =
      all.at("needed_row_s").is_number() && all.at("needed_row_s") != all.at("price_row_s");
  return "Waiting is worth " + row_seconds(all.at("worth_row_s")) +
         (is_burst ? " of the " + row_seconds(all.at("needed_row_s")) +
                         " stale row-seconds that another call of this burst must save"
                   : " of a price of " + row_seconds(all.at("price_row_s")) + " stale row-seconds");
}

std::string deadline_words(const json& all) {
  const json& instead = all.at("deadline_instead");
  if (instead.is_null()) return "";
  const std::int64_t calls = std::llround(instead.at("more_calls_a_day").get<double>());
  const auto sent_at = time_in(instead, "sent_at");
  const bool is_past = *sent_at <= *time_in(all, "now");
  return " A deadline of " +
         interval_words(std::chrono::seconds{instead.at("deadline_s").get<std::int64_t>()}) +
         (is_past ? " would have sent them at " : " would send them at ") +
         clock_words(*sent_at, all) + " and costs " + cli::counted(calls, "call") + " a day.";
}

// An error's words as one sentence with one full stop.
std::string sentence_in(const json& all, const char* name) {
  std::string words = cli::with_flags(text_in(all, name));
  while (words.ends_with('.')) words.pop_back();
  return words + ".";
}

std::string rest_words(const json& all) {
  const auto again = time_in(all, "sent_by");
  return "The last try failed: " + sentence_in(all, "last_failure") +
         (again ? " It is tried again at " + clock_words(*again, all) + "." : "");
}

std::string waiting_words(const json& all, const std::string& by) {
  if (by == "no_daemon") {
    const bool is_one = all.at("stale_rows") == 1;
    const auto rests_until = time_in(all, "sent_by");
    const std::string are =
        rests_until ? (is_one ? " rests until " : " rest until ") + clock_words(*rests_until, all)
                    : (is_one ? " is due" : " are due");
    return (text_in(all, "last_failure").empty()
                ? std::string()
                : "The last try failed: " + sentence_in(all, "last_failure") + " ") +
           (is_one ? "It" : "They") + are + ", and nobody is known who would send " +
           (is_one ? "it." : "them.");
  }
  if (by == "price")
    return price_words(all) + "; at this rate " + at_that_time(all, "they go") + latest_words(all) +
           "." + deadline_words(all);
  if (by == "deadline")
    return price_words(all) + ", and by their deadline " + at_that_time(all, "they go") + ".";
  if (by == "shortest")
    return "They are worth a call, and the last one was so short a time ago that " +
           at_that_time(all, "they wait") + ".";
  if (by == "day_spent")
    return "Nothing more may be spent before midnight; " + at_that_time(all, "they go then") + ".";
  if (by == "writer") return "They are due, and go after the batch that is under way.";
  if (by == "connection" && text_in(all, "last_failure").empty())
    return "They are due, and go as soon as a connection is free.";
  return rest_words(all);
}

std::string source_words(const json& all) {
  const std::string source = text_in(all, "source");
  const std::string by = text_in(all, "limited_by");
  std::string words = source + ": ";
  if (by == "set_aside") {
    words += "nothing waits but what the platform refused for good; " +
             cli::command("outbox list --source " + cli::shell_word(source), text_in(all, "org")) +
             " shows it.";
  } else if (by == "put_back" || by == "others") {
    words += std::string("nothing waits, but ") +
             (by == "others" ? "somebody else has changed the platform's rows. "
                             : "the store was put back or copied, so the platform may have other "
                               "rows than it knows of. ") +
             cli::command("diff --source " + cli::shell_word(source), text_in(all, "org")) +
             " shows the differences, and the next push sends them; a push with --replace sends "
             "all rows again.";
  } else if (by == "nothing_waits") {
    words += text_in(all, "source_failure").empty()
                 ? "nothing waits; the platform has every row that was handed over."
                 : "nothing waits of what was read before.";
  } else if (by != "held") {
    const std::int64_t rows = all.at("stale_rows").get<std::int64_t>();
    words += rows == 0 ? "all rows are to be replaced" : cli::counted(rows, "row");
    if (const auto since = time_in(all, "since"))
      words += std::string(rows == 1 ? " waits" : " wait") + " since " + clock_words(*since, all) +
               " (" + interval_words(*time_in(all, "now") - *since) + ")";
    words += ". " + waiting_words(all, by);
  }
  if (const std::string held = text_in(all, "held"); !held.empty())
    words += std::string(by == "held" ? "" : " ") + "A table is held: " + sentence_in(all, "held");
  if (const std::string failure = text_in(all, "source_failure"); !failure.empty())
    words += " The source cannot be read: " + sentence_in(all, "source_failure");
  if (const std::string next = text_in(all, "do"); !next.empty()) words += " Next: " + next + ".";
  return words;
}

std::string poll_words(const json& all) {
  const auto duration = [&](const char* name) {
    return all.at(name).is_null() ? std::nullopt
                                  : std::optional<Milliseconds>(
                                        std::chrono::seconds{all.at(name).get<std::int64_t>()});
  };
  const std::string interval_by = text_in(all, "interval_by");
  const PollPace pace{
      .interval = duration("interval_s"),
      .interval_by = interval_by == "shortest"   ? LimitedBy::kShortest
                     : interval_by == "deadline" ? LimitedBy::kDeadline
                                                 : LimitedBy::kPrice,
      .rows_per_hour = all.at("rows_per_hour").get<double>(),
      .price = all.at("price_row_s").is_number() ? all.at("price_row_s").get<double>() : 0,
      .interval_with_more_calls = duration("interval_with_more_calls_s")};
  std::string words = text_in(all, "poll") + ": ";
  words += pace.interval ? "every " + interval_words(*pace.interval) + ": " + pace_words(pace) + "."
                         : pace_words(pace) + ".";
  if (const std::string failure = text_in(all, "last_failure"); !failure.empty())
    words += " The last try failed: " + sentence_in(all, "last_failure");
  if (const auto next = time_in(all, "next_at"))
    words += text_in(all, "limited_by") == "connection"
                 ? " A look is due at once."
                 : " The next look is at " + clock_words(*next, all) + ".";
  return words;
}

std::string calls_words(const json& all) {
  if (all.at("calls").empty()) return "No calls yet.";
  std::string words;
  for (const json& call : all.at("calls")) {
    const std::int64_t rows = call.at("rows").get<std::int64_t>();
    if (!words.empty()) words += '\n';
    words +=
        clock_words(*time_in(call, "time"), all) + "  " + text_in(call, "method") + " " +
        text_in(call, "target") + ", " + cli::counted(rows, "row") + ", " +
        (call.at("status").is_null() ? "no answer" : std::to_string(call.at("status").get<int>())) +
        (call.at("charged").get<bool>() ? "" : ", not metered") + ": " + text_in(call, "why");
  }
  return words;
}

Error no_why(const std::string& reason) {
  return {.code = ErrorCode::kBadResponse,
          .message = "what the daemon answered is no reason that this weir can read: " + reason};
}

}  // namespace

Result<std::string> why_text(const std::string& text) {
  const json all = json::parse(text, nullptr, false);
  if (!all.is_object()) return no_why("it is no JSON object");
  if (all.value("schema", 0) != 1) return no_why("its schema is not 1; use the same version");
  try {
    if (!time_in(all, "now")) return no_why("it has no time");
    const std::string org = text_in(all, "org");
    const std::string head = org.empty() ? "" : org + ", ";
    if (all.contains("source")) return head + source_words(all);
    return all.contains("poll") ? head + poll_words(all) : calls_words(all);
  } catch (const json::exception& fault) {
    return no_why(fault.what());
  }
}

}  // namespace weir::daemon
