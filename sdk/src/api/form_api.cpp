#include "api/form_api.h"

#include <utility>

#include "api/answer_headers.h"
#include "api/json.h"
#include "text/iso_time.h"

namespace weir::api {
namespace {

using nlohmann::json;

Error malformed(const std::string& what) {
  return {.code = ErrorCode::kBadResponse,
          .message = "the platform's form entries cannot be read: " + what,
          .may_have_been_sent = true};
}

std::string text(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// Older clients met numbers where the documents say text.
std::string text_or_number(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end()) return "";
  return found->is_number_integer() ? found->dump() : text(object, name);
}

TimePoint time(const json& object, const char* name) {
  return text::parse_time(text(object, name)).value_or(TimePoint{});
}

std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

// Each answer format has a member of its own; one of them holds JSON as text.
std::string answers_of(const json& entry) {
  for (const char* name : {"AnswersJson", "Answers", "AnswersRawJson"}) {
    const auto found = entry.find(name);
    if (found == entry.end() || found->is_null()) continue;
    return found->is_string() ? found->get<std::string>() : dump(*found);
  }
  return "{}";
}

// Empty when it has no id.
std::optional<FormEntry> entry_of(const json& object) {
  if (!object.is_object()) return std::nullopt;
  FormEntry entry{.id = text_or_number(object, "Id")};
  if (entry.id.empty()) return std::nullopt;
  entry.form_id = text_or_number(object, "FormId");
  entry.user_first_name = text(object, "UserFirstName");
  entry.user_last_name = text(object, "UserLastName");
  entry.started = time(object, "StartTime");
  entry.completed = time(object, "CompleteTime");
  entry.received = time(object, "ReceivedTime");
  entry.answers = answers_of(object);
  entry.json = dump(object);
  return entry;
}

Error no_delivery(const std::string& why) {
  return {.code = ErrorCode::kInvalidArgument,
          .message = "the request is no delivery of a form connector: " + why};
}

}  // namespace

HttpRequest form_search_request(const Credentials& credentials, const FormSearch& search) {
  HttpRequest request;
  request.method = "GET";
  request.path = "/api/v2/formentry/search";
  request.query = {{"CompanyId", std::to_string(credentials.company_id)},
                   {"IntegrationKey", std::string(credentials.integration_key.reveal())},
                   {"FormId", search.form},
                   {"FormVersion", "-1"},
                   {"AnswerFormat", search.answer_format},
                   {"DateOrder", "Ascending"},
                   {"PageSize", std::to_string(search.page_entries)},
                   {"PageNo", std::to_string(search.page)},
                   {"format", "json"}};
  if (search.from > TimePoint{})
    request.query.emplace_back("FromDate", text::format_time(search.from));
  if (search.to > TimePoint{}) request.query.emplace_back("ToDate", text::format_time(search.to));
  request.target = search.form;
  return request;
}

Result<FormPage> parse_form_page(const HttpResponse& response) {
  const std::optional<json> body = parse_json(response.body);
  if (!body || !body->is_object()) return malformed("the answer is not a JSON object");
  const auto entries = body->find("Entries");
  const auto total = body->find("TotalRows");
  if (entries == body->end() || !entries->is_array()) return malformed("Entries is not a list");
  if (total == body->end() || !total->is_number_integer() || *total < 0)
    return malformed("TotalRows is not a number");
  FormPage page{.entries = {}, .total = total->get<std::int64_t>()};
  for (const json& object : *entries) {
    std::optional<FormEntry> entry = entry_of(object);
    if (!entry) return malformed("an entry has no Id");
    if (entry->received == TimePoint{})
      return malformed("entry " + entry->id + " has no ReceivedTime");
    page.entries.push_back(std::move(*entry));
  }
  if (const auto time = served_at(response)) page.served_at = TimePoint(*time);
  return page;
}

Result<ConnectorPayload> parse_connector_payload(const std::string& body) {
  const std::optional<json> parsed = parse_json(body);
  if (!parsed || !parsed->is_object()) return no_delivery("it is not a JSON object");
  ConnectorPayload payload{.integration_key = Secret::from_string(text(*parsed, "IntegrationKey"),
                                                                  "a connector's delivery")};
  const auto entry = parsed->find("Entry");
  if (entry == parsed->end()) return no_delivery("it has no Entry");
  std::optional<FormEntry> read = entry_of(*entry);
  if (!read) return no_delivery("its Entry has no Id");
  payload.entry = std::move(*read);
  return payload;
}

Result<FormEntry> parse_form_entry(const std::string& kept) {
  const std::optional<json> parsed = parse_json(kept);
  std::optional<FormEntry> entry = parsed ? entry_of(*parsed) : std::nullopt;
  if (!entry) return malformed("a kept entry has no Id");
  return std::move(*entry);
}

}  // namespace weir::api
