#include "form_wire.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "wire.h"

namespace weir::mock {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::int64_t kDefaultPage = 100;
constexpr std::int64_t kLargestPage = 250;
constexpr double kLatestVisible = 366.0 * 86400;

std::string dump(const ordered_json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return text;
}

ordered_json entry_json(const FormEntry& entry, std::int64_t company_id) {
  return {{"Id", entry.id},
          {"RowId", entry.id},
          {"FormId", entry.form},
          {"FormVersion", 1},
          {"UserFirstName", entry.user_first_name},
          {"UserLastName", entry.user_last_name},
          {"StartTime", format_instant(entry.completed)},
          {"CompleteTime", format_instant(entry.completed)},
          {"ReceivedTime", format_instant(entry.received)},
          {"CompanyId", company_id}};
}

// The three formats have a member each.
void add_answers(ordered_json& json_entry, const FormEntry& entry, const std::string& format) {
  json_entry["AnswerFormat"] = format;
  if (format == "Raw") json_entry["AnswersRawJson"] = entry.answers;
  const char* member = format == "Flat" ? "Answers" : "AnswersJson";
  if (format != "Raw") json_entry[member] = ordered_json::parse(entry.answers);
}

std::string text(const json& entry, const char* name, const char* platform_name) {
  for (const char* candidate : {name, platform_name}) {
    const auto found = entry.find(candidate);
    if (found == entry.end() || found->is_null()) continue;
    if (!found->is_string()) throw BadFormEntry(std::string(candidate) + " must be text");
    return found->get<std::string>();
  }
  return "";
}

Instant time(const json& entry, const char* name, const char* platform_name, Instant otherwise) {
  const std::string written = text(entry, name, platform_name);
  if (written.empty()) return otherwise;
  const auto parsed = parse_instant(written);
  if (!parsed)
    throw BadFormEntry(std::string(name) +
                       " must be an ISO 8601 time such as 2026-11-24T08:00:00Z");
  return *parsed;
}

std::string answers(const json& entry) {
  for (const char* name : {"answers", "Answers"}) {
    const auto found = entry.find(name);
    if (found == entry.end()) continue;
    if (!found->is_object()) throw BadFormEntry("answers must be an object");
    return found->dump(-1, ' ', false, json::error_handler_t::replace);
  }
  return "{}";
}

FormEntry read_entry(const json& entry, Instant now) {
  if (!entry.is_object()) throw BadFormEntry("an entry must be an object");
  FormEntry read{.id = text(entry, "id", "Id"), .form = text(entry, "form", "FormId")};
  if (read.form.empty()) throw BadFormEntry("form is required");
  read.received = time(entry, "received", "ReceivedTime", now);
  read.completed = time(entry, "completed", "CompleteTime", read.received);
  read.visible_from = now;
  if (const auto late = entry.find("visible_after_seconds"); late != entry.end()) {
    if (!late->is_number() || !(*late >= 0) || !(*late <= kLatestVisible))
      throw BadFormEntry("visible_after_seconds must be a number from 0 to a year");
    read.visible_from += std::chrono::microseconds(std::llround(late->get<double>() * 1e6));
  }
  read.user_first_name = text(entry, "user_first_name", "UserFirstName");
  read.user_last_name = text(entry, "user_last_name", "UserLastName");
  read.answers = answers(entry);
  return read;
}

}  // namespace

std::variant<FormQuery, ApiError> read_form_query(
    const std::function<std::string(const std::string&)>& parameter) {
  FormQuery query{.form = parameter("FormId")};
  if (query.form.empty()) query.form = parameter("FormExternalId");
  if (query.form.empty()) return ApiError{.message = "FormId or FormExternalId is required"};
  for (const auto& [name, time] : {std::pair{"FromDate", &query.from}, {"ToDate", &query.to}}) {
    const std::string written = parameter(name);
    if (written.empty()) continue;
    *time = parse_instant(written);
    if (!*time) return ApiError{.message = std::string(name) + " is not a valid date"};
  }
  const std::string format = parameter("AnswerFormat");
  if (!format.empty()) query.answer_format = format;
  if (query.answer_format != "Raw" && query.answer_format != "Rich" &&
      query.answer_format != "Flat")
    return ApiError{.message = "AnswerFormat must be Raw, Rich or Flat"};
  query.by_completed_time = lower(parameter("OrderBy")) == "completedtime";
  query.descending = lower(parameter("DateOrder")).starts_with("desc");
  query.page_size =
      std::clamp<std::int64_t>(number_of(parameter("PageSize"), kDefaultPage), 1, kLargestPage);
  query.page_number = number_of(parameter("PageNo"), 0);
  return query;
}

std::string write_form_page(const FormPage& page, const FormQuery& query, std::int64_t company_id) {
  ordered_json entries = ordered_json::array();
  for (const FormEntry& entry : page.entries) {
    entries.push_back(entry_json(entry, company_id));
    add_answers(entries.back(), entry, query.answer_format);
  }
  return dump({{"Entries", std::move(entries)}, {"TotalRows", page.total}});
}

std::string write_connector_delivery(const FormEntry& entry, const std::string& integration_key,
                                     std::int64_t company_id) {
  ordered_json delivered = entry_json(entry, company_id);
  add_answers(delivered, entry, "Rich");
  return dump({{"ProviderId", company_id},
               {"IntegrationKey", integration_key},
               {"Entry", std::move(delivered)}});
}

std::vector<FormEntry> read_form_entries(const std::string& body, Instant now) {
  const json parsed = json::parse(body, nullptr, false);
  if (!parsed.is_object()) throw BadFormEntry("the body must be a JSON object");
  const auto list = parsed.find("entries");
  if (list == parsed.end()) return {read_entry(parsed, now)};
  if (!list->is_array()) throw BadFormEntry("entries must be a list");
  std::vector<FormEntry> entries;
  for (const json& entry : *list) entries.push_back(read_entry(entry, now));
  return entries;
}

}  // namespace weir::mock
