#include "setting_values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "push_settings.h"

namespace weir::cli {
namespace {

constexpr std::int64_t kMostSeconds = 366LL * 24 * 3600;

struct Unit {
  std::string_view name;
  std::int64_t factor;
};

constexpr std::array<Unit, 5> kUnits = {
    {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};

constexpr std::array<Unit, 4> kSizes = {
    {{"B", 1}, {"KiB", 1024}, {"MiB", 1024 * 1024}, {"GiB", 1024LL * 1024 * 1024}}};

constexpr const char* kDurationWords =
    R"(a text such as "500ms", "90s", "15m", "2h" or "1d", of at most "366d")";
constexpr const char* kSizeWords =
    R"(a text such as "64KiB", "128MiB" or "2GiB", of at most "1048576GiB")";
// As ClientOptions has it.
constexpr double kLargest = 1e15;
constexpr const char* kPositiveWords = "a positive number of at most 1e15";

bool is_text(const toml::node& node) { return node.is_string(); }

bool are_texts(const toml::node& value) {
  const toml::array* list = value.as_array();
  return is_text(value) || (list != nullptr && std::all_of(list->begin(), list->end(), is_text));
}

bool is_command(const toml::node& value) {
  const toml::array* list = value.as_array();
  return list != nullptr && !list->empty() && std::all_of(list->begin(), list->end(), is_text) &&
         !list->front().value_or(std::string()).empty();
}

std::string words_of(const Setting& setting) {
  std::string words = "\"" + std::string(setting.words) + "\"";
  std::vector<std::size_t> blanks;
  for (std::size_t i = 0; i < words.size(); ++i)
    if (words[i] == ' ') blanks.push_back(i);
  for (auto blank = blanks.rbegin(); blank != blanks.rend(); ++blank)
    words.replace(*blank, 1, blank == blanks.rbegin() ? "\" or \"" : "\", \"");
  return words;
}

bool is_choice(const Setting& setting, const std::string& word) {
  const std::string words = " " + std::string(setting.words) + " ";
  return !word.empty() && words.find(" " + word + " ") != std::string::npos;
}

bool all_times(const toml::node& value) {
  const std::vector<std::string> times = texts_in(value);
  return are_texts(value) && !times.empty() &&
         std::all_of(times.begin(), times.end(),
                     [](const std::string& time) { return time_of_day_of(time).has_value(); });
}

// A moment without a zone would be another one on each host.
bool is_moment(const toml::node& value) {
  const auto moment = value.value_exact<toml::date_time>();
  return moment && moment->offset.has_value();
}

std::string deletes_text(const toml::node& value) {
  const auto number = value.value_exact<std::int64_t>();
  return number ? std::to_string(*number) : value.value_or(std::string());
}

// What the type wants, where the value is not that.
std::optional<std::string> wanted(const Setting& setting, const toml::node& value) {
  const auto unless = [](bool fits, std::string words) {
    return fits ? std::nullopt : std::optional(std::move(words));
  };
  const std::string text = value.value_exact<std::string>().value_or("");
  switch (setting.type) {
    case SettingType::kText:
    case SettingType::kQuery:
    case SettingType::kPath:
    case SettingType::kStore:
    case SettingType::kSecret:
    case SettingType::kSecretFile:
      return unless(is_text(value), "a text, in quotes");
    case SettingType::kTexts:
      return unless(are_texts(value), "a text or a list of texts");
    case SettingType::kCommand:
      return unless(is_command(value),
                    R"(a list: the program, then its arguments, as in ["/bin/cat", "file"])");
    case SettingType::kWhole:
      return unless(value.is_integer(), "a whole number");
    case SettingType::kPositive: {
      const double number = value.is_number() ? value.value<double>().value_or(0) : 0;
      return unless(number > 0 && number <= kLargest, kPositiveWords);
    }
    case SettingType::kTruth:
      return unless(value.is_boolean(), "true or false");
    case SettingType::kDuration:
      return unless(duration_of(text).has_value(), kDurationWords);
    case SettingType::kSize:
      return unless(size_of(text).has_value(), kSizeWords);
    case SettingType::kRotation:
      return unless(duration_of(text) || size_of(text),
                    R"(a duration such as "1d", of at most "366d", or a size such as "64MiB")");
    case SettingType::kShare:
      return unless(share_of(text).has_value(), R"(a share such as "80%")");
    case SettingType::kTimes:
      return unless(all_times(value), R"(times of day such as ["06:00", "18:30"])");
    case SettingType::kMoment:
      return unless(is_moment(value),
                    "a date with time and zone such as 2026-11-01T00:00:00Z, without quotes");
    case SettingType::kChoice:
      return unless(is_choice(setting, text), words_of(setting));
    case SettingType::kDeletes:
      return unless(read_deletes(deletes_text(value)).has_value(),
                    R"(a number of rows, or a share such as "20%")");
  }
  return std::nullopt;
}

// The number before its unit; empty when there is none, or too large a one.
template <std::size_t Count>
std::optional<std::int64_t> with_unit(std::string_view text, const std::array<Unit, Count>& units,
                                      std::int64_t most) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  const std::string_view unit(stopped, static_cast<std::size_t>(end - stopped));
  if (error != std::errc() || number < 0) return std::nullopt;
  for (const auto& [name, factor] : units) {
    if (unit == name && number <= most / factor) return number * factor;
  }
  return std::nullopt;
}

std::optional<int> two_digits(std::string_view text) {
  int number = 0;
  const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || stopped != text.data() + text.size() || text.size() != 2)
    return std::nullopt;
  return number;
}

}  // namespace

std::string range_of(const Setting& setting) {
  return "from " + std::to_string(setting.least) +
         (setting.most == INT64_MAX ? " on" : " to " + std::to_string(setting.most));
}

std::optional<std::string> value_problem(const Setting& setting, const toml::node& value) {
  if (const auto words = wanted(setting, value)) return "must be " + *words;
  if (setting.type == SettingType::kWhole) {
    const std::int64_t number = value.value_or(std::int64_t{0});
    if (number < setting.least || number > setting.most) return "must be " + range_of(setting);
  }
  if (setting.type == SettingType::kQuery || setting.type == SettingType::kCommand)
    return std::nullopt;
  for (const std::string& text : texts_in(value)) {
    if (auto problem = text_problem(text)) return problem;
    if (setting.type != SettingType::kStore) continue;
    if (auto problem = store_problem(text)) return problem;
  }
  return std::nullopt;
}

std::optional<std::string> store_problem(std::string_view text) {
  const bool is_special = text.starts_with(':') || text.starts_with("file:");
  if (!is_special) return std::nullopt;
  return "must be a path, such as \"weir.db\", or postgresql://…; a file of that name is ./" +
         std::string(text);
}

std::optional<std::string> text_problem(std::string_view text) {
  if (text.empty()) return std::nullopt;
  if (text.starts_with("\xEF\xBB\xBF"))
    return "begins with a byte order mark; save it as UTF-8 without one";
  if (text.back() == '\r')
    return "ends in a carriage return; does it come from a file with CRLF lines?";
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (std::any_of(text.begin(), text.end(), is_control)) return "has a control character in it";
  if (text.front() == ' ' || text.back() == ' ') return "has a blank around it";
  const bool is_quoted = text.size() > 1 && text.front() == text.back() &&
                         (text.front() == '"' || text.front() == '\'');
  if (is_quoted) return "has quotes around it that are part of the value; leave them out";
  return std::nullopt;
}

std::vector<std::string> texts_in(const toml::node& value) {
  std::vector<std::string> texts;
  if (const auto text = value.value_exact<std::string>()) texts.push_back(*text);
  if (const toml::array* list = value.as_array()) {
    for (const toml::node& node : *list) texts.push_back(node.value_or(std::string()));
  }
  return texts;
}

std::optional<Milliseconds> duration_of(std::string_view text) {
  const auto milliseconds = with_unit(text, kUnits, kMostSeconds * 1000);
  return milliseconds ? std::optional(Milliseconds{*milliseconds}) : std::nullopt;
}

std::optional<std::int64_t> size_of(std::string_view text) {
  const auto bytes = with_unit(text, kSizes, std::int64_t{1} << 50);
  return bytes && *bytes > 0 ? bytes : std::nullopt;
}

std::optional<std::chrono::minutes> time_of_day_of(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hours = two_digits(text.substr(0, 2));
  const auto minutes = two_digits(text.substr(3));
  if (!hours || !minutes || *hours < 0 || *hours > 23 || *minutes < 0 || *minutes > 59)
    return std::nullopt;
  return std::chrono::hours{*hours} + std::chrono::minutes{*minutes};
}

std::optional<double> share_of(std::string_view text) {
  const auto limit = read_deletes(std::string(text));
  return limit ? limit->percent : std::nullopt;
}

}  // namespace weir::cli
