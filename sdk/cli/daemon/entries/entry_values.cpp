#include "daemon/entries/entry_values.h"

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string_view>

namespace weir::daemon {
namespace {

using nlohmann::ordered_json;
using Value = std::optional<std::string>;

constexpr std::string_view kAnswer = "answer.";

// Neither what the parser would take for the end of the text, nor what is nested so deep that it
// would exhaust the stack.
std::optional<ordered_json> parsed(const std::string& text) {
  constexpr int kDeepest = 64;
  if (text.find('\0') != std::string::npos) return std::nullopt;
  bool is_deep = false;
  ordered_json json = ordered_json::parse(
      text,
      [&](int depth, ordered_json::parse_event_t, ordered_json&) {
        is_deep = is_deep || depth > kDeepest;
        return !is_deep;
      },
      false);
  if (is_deep || json.is_discarded()) return std::nullopt;
  return json;
}

std::string in_form(TimePoint time, MomentForm form) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 64> text = {};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u%c%02d:%02d:%02d.%03d%s",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), form == MomentForm::kIso ? 'T' : ' ',
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()),
                static_cast<int>(clock.subseconds().count()), form == MomentForm::kIso ? "Z" : "");
  return text.data();
}

std::string dump(const ordered_json& value) {
  return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

Value value_of(const ordered_json* json) {
  if (json == nullptr || json->is_null()) return std::nullopt;
  return json->is_string() ? json->get<std::string>() : dump(*json);
}

const ordered_json* member(const ordered_json& object, const std::string& name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

const ordered_json* at_path(const ordered_json& from, std::string_view path) {
  if (const ordered_json* found = member(from, std::string(path))) return found;
  const std::size_t dot = path.find('.');
  if (dot == std::string_view::npos) return nullptr;
  const ordered_json* next = member(from, std::string(path.substr(0, dot)));
  return next == nullptr ? nullptr : at_path(*next, path.substr(dot + 1));
}

// The nearest to the top, in the order of the document.
const ordered_json* anywhere(const ordered_json& from, const std::string& name) {
  if (const ordered_json* found = member(from, name)) return found;
  if (!from.is_structured()) return nullptr;
  for (const auto& item : from) {
    if (const ordered_json* found = anywhere(item, name)) return found;
  }
  return nullptr;
}

// What the platform calls the answers depends on their format; the rows of a data source have none.
ordered_json answers_of(const ordered_json& entry) {
  for (const char* name : {"AnswersJson", "Answers", "AnswersRawJson"}) {
    const ordered_json* found = member(entry, name);
    if (found == nullptr || found->is_null()) continue;
    if (!found->is_string()) return *found;
    return parsed(found->get_ref<const std::string&>()).value_or(ordered_json::object());
  }
  return entry;
}

Value user_of(const ordered_json& entry) {
  const std::string first = value_of(member(entry, "UserFirstName")).value_or("");
  const std::string last = value_of(member(entry, "UserLastName")).value_or("");
  const std::string name = first + (first.empty() || last.empty() ? "" : " ") + last;
  return name.empty() ? Value() : Value(name);
}

}  // namespace

std::optional<std::string> parameter_problem(const std::string& name) {
  for (const char* known : {"id", "received", "form", "user", "json"}) {
    if (name == known) return std::nullopt;
  }
  if (name.starts_with(kAnswer) && name.size() > kAnswer.size()) return std::nullopt;
  return ":" + name +
         " is no parameter of an entry; they are :id, :received, :form, :user, :json and "
         ":answer.NAME";
}

Result<std::vector<Value>> parameter_values(const std::vector<std::string>& names,
                                            const QueuedEntry& entry, MomentForm form) {
  const std::optional<ordered_json> body = parsed(entry.body);
  if (!body)
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = "entry " + entry.id + " is not JSON, or is nested deeper than 64"};
  const ordered_json& json = *body;
  const ordered_json answers = answers_of(json);
  std::vector<Value> values;
  for (const std::string& name : names) {
    if (name == "id") {
      values.emplace_back(entry.id);
    } else if (name == "received") {
      const TimePoint received = entry.received == TimePoint{} ? entry.kept_at : entry.received;
      values.emplace_back(in_form(received, form));
    } else if (name == "form") {
      const Value id = value_of(member(json, "FormId"));
      values.push_back(id ? id : Value(entry.queue));
    } else if (name == "user") {
      values.push_back(user_of(json));
    } else if (name == "json") {
      values.emplace_back(entry.body);
    } else {
      const std::string path = name.substr(kAnswer.size());
      const ordered_json* found = at_path(answers, path);
      values.push_back(value_of(found != nullptr ? found : anywhere(answers, path)));
    }
  }
  return values;
}

}  // namespace weir::daemon
