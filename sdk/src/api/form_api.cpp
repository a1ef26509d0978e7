#include "api/form_api.h"

#include <array>
#include <cstdio>
#include <utility>

#include "api/answer_headers.h"
#include "api/json.h"
#include "text/iso_time.h"
#include "text/printable.h"
#include "text/shortened.h"

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

// Empty when it has none, or null.
std::string_view raw(const std::vector<JsonMember>& members, std::string_view name) {
  std::string_view value;
  for (const JsonMember& member : members)
    if (member.name == name) value = member.value;
  return value == "null" ? "" : value;
}

// What is JSON can be kept as it is.
std::string to_keep(std::string_view value) {
  return is_json_or_empty(value) ? std::string(value) : text::printable(value);
}

// Each answer format has a member of its own; one of them holds JSON as text.
std::string answers_of(const std::vector<JsonMember>& members) {
  for (const char* name : {"AnswersJson", "Answers", "AnswersRawJson"}) {
    const std::string_view found = raw(members, name);
    if (found.empty()) continue;
    const std::optional<json> text = found.front() == '"' ? parse_json(found) : std::nullopt;
    return text && text->is_string() ? text->get<std::string>() : to_keep(found);
  }
  return "{}";
}

// The same in every release, as ids are kept: FNV-1a.
std::string fingerprint(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  std::array<char, 17> digits = {};
  std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(hash));
  return digits.data();
}

// No store keeps a NUL, and the index of one no text without end.
std::string id_to_keep(const std::string& id, std::string_view entry) {
  constexpr std::size_t kLongest = 1000;
  constexpr std::size_t kMostShown = 100;
  if (id.empty()) return "no-id-" + fingerprint(entry);
  if (id.size() <= kLongest && !has_nul(id)) return id;
  return text::shortened(text::printable(id), kMostShown) + "-" + fingerprint(id);
}

// Some members of an object, without those that cannot be read.
json readable_part(const std::vector<JsonMember>& members,
                   std::initializer_list<const char*> names) {
  json object = json::object();
  for (const char* name : names) {
    if (std::optional<json> value = parse_json(raw(members, name))) object[name] = *value;
  }
  return object;
}

// Whatever it is, so that an entry which cannot be read, or which has no Id, holds up no other.
FormEntry entry_of(std::string_view written) {
  const auto members = members_of(written).value_or(std::vector<JsonMember>{});
  const json object = readable_part(members, {"Id", "FormId", "UserFirstName", "UserLastName",
                                              "StartTime", "CompleteTime", "ReceivedTime"});
  FormEntry entry{.id = id_to_keep(text_or_number(object, "Id"), written)};
  entry.form_id = text_or_number(object, "FormId");
  entry.user_first_name = text(object, "UserFirstName");
  entry.user_last_name = text(object, "UserLastName");
  entry.started = time(object, "StartTime");
  entry.completed = time(object, "CompleteTime");
  entry.received = time(object, "ReceivedTime");
  entry.answers = answers_of(members);
  entry.json = to_keep(written);
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
  const std::string body = has_nul(response.body) ? "" : without_blanks(response.body);
  const auto members = members_of(body);
  if (!members) return malformed("the answer is not a JSON object");
  const auto entries = elements_of(raw(*members, "Entries"));
  if (!entries) return malformed("Entries is not a list");
  const std::optional<json> total = parse_json(raw(*members, "TotalRows"));
  if (!total || !total->is_number_integer() || *total < 0)
    return malformed("TotalRows is not a number");
  FormPage page{.entries = {}, .total = total->get<std::int64_t>()};
  for (const std::string_view entry : *entries) page.entries.push_back(entry_of(entry));
  if (const auto time = served_at(response)) page.served_at = TimePoint(*time);
  return page;
}

Result<ConnectorPayload> parse_connector_payload(const std::string& body) {
  const std::string text_of_it = has_nul(body) ? "" : without_blanks(body);
  const auto members = members_of(text_of_it);
  if (!members) return no_delivery("it is not a JSON object");
  ConnectorPayload payload{.integration_key = Secret::from_string(
                               text(readable_part(*members, {"IntegrationKey"}), "IntegrationKey"),
                               "a connector's delivery")};
  const std::string_view entry = raw(*members, "Entry");
  const auto of_entry = members_of(entry);
  if (!of_entry) return no_delivery("it has no Entry");
  if (text_or_number(readable_part(*of_entry, {"Id"}), "Id").empty())
    return no_delivery("its Entry has no Id");
  payload.entry = entry_of(entry);
  return payload;
}

FormEntry parse_form_entry(const std::string& kept) { return entry_of(kept); }

}  // namespace weir::api
