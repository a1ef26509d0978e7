#include "daemon/seeing/bundle.h"

#include <weir/foreign_words.h>
#include <weir/version.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <functional>
#include <map>
#include <string_view>

#include "daemon/seeing/why.h"
#include "output/advice_report.h"
#include "output/flag_words.h"
#include "output/numbers.h"
#include "output/printable.h"
#include "output/report.h"
#include "output/text_table.h"

namespace weir::daemon {
namespace {

using cli::grouped;

constexpr std::string_view kLeftOut = "…";
constexpr std::size_t kShownHash = 0xFFFFFFFFFFFF;
// A shorter secret is a word that may stand anywhere.
constexpr std::size_t kLeastSecret = 6;

std::string part(const std::string& title, const std::string& content) {
  return "\n== " + title + "\n" + (content.empty() ? "nothing\n" : content) +
         (content.empty() || content.ends_with('\n') ? "" : "\n");
}

std::string of_org(const BundleOrg& org) { return org.name.empty() ? "" : " of " + org.name; }

std::string hashed(const std::string& salt, const std::string& key) {
  char text[24];
  std::snprintf(text, sizeof text, "#%012zx", std::hash<std::string>{}(salt + key) & kShownHash);
  return text;
}

std::string pairs(const std::vector<std::pair<std::string, std::string>>& all) {
  std::string text;
  for (const auto& [name, value] : all) text += name + ": " + cli::printable(value) + "\n";
  return text;
}

std::string lines(const std::vector<std::string>& all) {
  std::string text;
  for (const std::string& line : all) text += without_quotes(cli::printable(line)) + "\n";
  return text;
}

std::string usage_table(const Usage& usage) {
  std::vector<cli::TableLine> table = {{"CALLS", "ROWS", "WHY", "TARGET"}};
  for (const CallTotal& total : usage.totals)
    table.push_back(
        {grouped(total.calls), grouped(total.rows), cli::printable(total.reason), total.target});
  return cli::text_table(table);
}

std::string calls_table(const Usage& usage) {
  std::vector<cli::TableLine> table = {{"TIME", "STATUS", "ROWS", "METERED", "CALL", "WHY"}};
  for (const CallRecord& call : usage.log)
    table.push_back({cli::iso_time(call.time), call.status ? std::to_string(*call.status) : "none",
                     grouped(call.rows), call.charged ? "yes" : "no",
                     call.method + " " + call.target, call_reason_words(call.reason)});
  return cli::text_table(table);
}

std::string outbox_part(const BundleOrg& org, const std::string& salt) {
  std::string text;
  for (const WaitingChanges& waiting : org.outbox.waiting)
    text += waiting.source + ": " + grouped(waiting.upserts) + " upserts, " +
            grouped(waiting.deletes) + " deletes, " + grouped(waiting.cell_updates) +
            " cell updates wait" +
            (waiting.oldest ? " since " + cli::iso_time(*waiting.oldest) : "") +
            (waiting.halted_by.empty()
                 ? ""
                 : "; rests: " + without_quotes(cli::with_flags(waiting.halted_by))) +
            "\n";
  for (const DeadLetter& letter : org.outbox.dead_letters)
    text += letter.source + ": dead letter " + std::to_string(letter.id) + ", key " +
            hashed(salt, letter.key) + ": " + without_quotes(letter.reason) + "\n";
  return text;
}

std::string store_part(const BundleOrg& org) {
  std::string text = "store: " + cli::shown_place(org.store) + "\n";
  if (org.store.may_be_a_copy) text += "it is a copy, or was put back from a backup\n";
  text += pairs(org.store_files);
  text += org.damage.empty() ? "the database finds no damage\n" : "";
  for (const std::string& damage : org.damage) text += "damage: " + cli::printable(damage) + "\n";
  return text;
}

// What the platform's support asks for before it grants more calls.
std::string support_part(const BundleOrg& org) {
  std::map<std::string, std::int64_t> calls_of_days;
  std::vector<cli::TableLine> table = {{"DAY", "CALLS", "ROWS", "TARGET"}};
  for (const CallsOfDay& day : org.days) {
    calls_of_days[day.org_day] += day.calls;
    table.push_back({day.org_day, grouped(day.calls), grouped(day.rows), day.target});
  }
  std::int64_t most = 0;
  for (const auto& [day, calls] : calls_of_days) most = std::max(most, calls);
  std::string text = "limit: " + grouped(org.usage.limit) + " calls a day; most on one of the " +
                     std::to_string(calls_of_days.size()) + " days: " + grouped(most) + "\n";
  text += "today: " + grouped(org.usage.calls_today) + " by Weir, " + grouped(org.usage.outside) +
          " by others, " + grouped(org.usage.left) + " left; " +
          (org.usage.lasts_until
               ? "at the rate of the last hour they end at " + cli::iso_time(*org.usage.lasts_until)
               : "at the rate of the last hour they last past midnight") +
          "\n";
  text += "forecast of need: " + cli::as_text(org.advice) + "\n";
  return text + cli::text_table(table);
}

std::string org_parts(const BundleOrg& org, const std::string& salt) {
  if (!org.problem.empty()) return part("Store" + of_org(org), org.problem);
  return part("Calls of 30 days by target" + of_org(org), usage_table(org.usage)) +
         part("Last calls" + of_org(org), calls_table(org.usage)) +
         part("What waits, and dead letters" + of_org(org), outbox_part(org, salt)) +
         part("Store" + of_org(org), store_part(org)) +
         part("For the platform's support" + of_org(org), support_part(org));
}

void replace_all(std::string& text, const std::string& what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

bool is_of_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

// Where what is named after a word such as "row " ends; `at` when no such word stands there.
std::size_t end_of_named(const std::string& text, std::size_t at) {
  constexpr std::array<std::string_view, 4> kBefore = {"row ", "key ", "id ", "Key "};
  if (at > 0 && is_of_word(text[at - 1])) return at;
  for (const std::string_view word : kBefore) {
    if (text.compare(at, word.size(), word) != 0) continue;
    const std::size_t begin = at + word.size();
    const std::size_t end = std::min(text.find_first_of(" ,;:)", begin), text.size());
    const auto is_digit = [](unsigned char c) { return std::isdigit(c) != 0; };
    const bool is_name = std::any_of(text.begin() + static_cast<std::ptrdiff_t>(begin),
                                     text.begin() + static_cast<std::ptrdiff_t>(end), is_digit);
    return is_name ? end : at;
  }
  return at;
}

}  // namespace

std::string without_quotes(const std::string& all) {
  const std::string text = weir::without_foreign_words(all);
  std::string shown;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const bool may_begin = at == 0 || !is_of_word(text[at - 1]);
    if ((c == '"' || c == '\'' || c == '`') && may_begin) {
      // One that is not closed may have been cut off: the rest of the line goes with it.
      const std::size_t line_end = std::min(text.find('\n', at), text.size());
      const std::size_t end = std::min(text.find(c, at + 1), line_end);
      shown += c + std::string(kLeftOut);
      if (end < line_end) shown += c;
      at = end < line_end ? end : line_end - 1;
    } else if (const std::size_t end = end_of_named(text, at); end > at) {
      shown += text.substr(at, text.find(' ', at) - at + 1) + std::string(kLeftOut);
      at = end - 1;
    } else {
      shown += c;
    }
  }
  return shown;
}

std::string bundle_text(const Bundle& bundle) {
  std::string text =
      "weir doctor: what helps to see what is wrong. Read it before you send it; it has no cell of "
      "a row, and keys only hashed.\nmade at " +
      cli::iso_time(bundle.now) + " by weir " + std::string(kVersion) + "\n";
  text += part("System", pairs(bundle.system));
  text += part("weir check", lines(bundle.check));
  text += part("Settings; what may be secret is only \"set\"", bundle.settings);
  text += part("weir status", without_quotes(bundle.status));
  for (const BundleOrg& org : bundle.orgs) text += org_parts(org, bundle.salt);
  text += part("Last log lines of weir run", lines(bundle.log));
  for (const BundleOrg& org : bundle.orgs) {
    for (const DeadLetter& letter : org.outbox.dead_letters)
      if (letter.key.size() >= kLeastSecret)
        replace_all(text, letter.key, hashed(bundle.salt, letter.key));
  }
  for (const std::string& secret : bundle.secrets)
    if (secret.size() >= kLeastSecret) replace_all(text, secret, std::string(kLeftOut));
  return text;
}

}  // namespace weir::daemon
