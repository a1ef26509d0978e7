#include "api/call_api.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "api/json.h"
#include "text/ascii.h"
#include "text/json_string.h"
#include "text/printable.h"
#include "text/shortened.h"

namespace weir::api {
namespace {

constexpr std::array<std::string_view, 5> kMethods = {"GET", "POST", "PUT", "PATCH", "DELETE"};
constexpr std::array<std::string_view, 3> kCredentials = {"companyid", "integrationkey",
                                                          "providerid"};
// A path and a query, unencoded. A server takes far less, and what sends it has a limit of its own
// once the call is counted.
constexpr std::size_t kLongestUrl = 65'536;
// Of a reason in the usage log.
constexpr std::size_t kLongestReason = 200;
// What is percent-encoded more often than this is meant to be misread.
constexpr int kMostDecodings = 4;

Error wrong(const std::string& problem) {
  return {.code = ErrorCode::kInvalidArgument, .message = "a call " + problem};
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// One round of percent-decoding; what is no encoding stays.
std::string decoded_once(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_encoded = text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
                            hex_digit(text[i + 2]) >= 0;
    decoded += is_encoded ? static_cast<char>(16 * hex_digit(text[i + 1]) + hex_digit(text[i + 2]))
                          : text[i];
    if (is_encoded) i += 2;
  }
  return decoded;
}

bool has_dot_segment(std::string_view path) {
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, end);
    if (segment == "." || segment == "..") return true;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return false;
}

std::optional<std::string> path_problem(std::string_view path) {
  if (!path.starts_with('/')) return "needs a path that begins with /, such as /api/v2/user/search";
  if (path.find("//") != std::string_view::npos) return "cannot have // in its path";
  if (path.find('?') != std::string_view::npos)
    return "cannot have ? in its path: the query goes into `query` (--query NAME=VALUE)";
  if (path.find_first_of("\\#") != std::string_view::npos)
    return "cannot have a backslash or # in its path";
  if (has_dot_segment(path)) return "cannot have . or .. as a part of its path";
  const bool has_control = std::any_of(path.begin(), path.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  if (has_control) return "cannot have control characters in its path";
  return std::nullopt;
}

// The path as the platform may read it, however it is encoded. Every reading has to be harmless.
Result<std::string> plain_path(const std::string& path) {
  std::string plain = path;
  for (int round = 0; round < kMostDecodings; ++round) {
    if (const auto problem = path_problem(plain)) return wrong(*problem);
    std::string next = decoded_once(plain);
    if (next == plain) return plain;
    plain = std::move(next);
  }
  return wrong("cannot have a path that is percent-encoded so often");
}

bool is_credential(std::string_view name) {
  const std::string lowered = text::lowered(name);
  return std::find(kCredentials.begin(), kCredentials.end(), lowered) != kCredentials.end();
}

std::size_t length_of_url(const ApiCall& call) {
  std::size_t length = call.path.size();
  for (const auto& [name, value] : call.query) length += name.size() + value.size() + 2;
  return length;
}

Error own_credentials(const std::string& name) {
  return wrong("cannot have a " + name + " of its own: Weir adds the credentials");
}

Result<void> check_form(const ApiCall& call) {
  if (std::find(kMethods.begin(), kMethods.end(), call.method) == kMethods.end())
    return wrong("needs one of the methods GET, POST, PUT, PATCH and DELETE");
  if (text::trimmed(call.reason).empty()) return wrong("needs a reason, for the usage log");
  const double worth = call.worth.in_row_seconds();
  if (std::isnan(worth) || worth <= 0) return wrong("needs a worth above 0");
  if (call.deadline <= Milliseconds{0}) return wrong("needs a deadline above 0");
  if (call.method == "GET" && !call.body.empty()) return wrong("by GET has no body");
  if (const auto* file = std::get_if<std::filesystem::path>(&call.to);
      file != nullptr && (file->empty() || file->native().find('\0') != std::string::npos))
    return wrong("needs the path of a file in ApiCall::to, and has an empty one, or a NUL in it");
  if (length_of_url(call) > kLongestUrl)
    return wrong(
        "cannot have more than 65,536 bytes in its path and query: put what is long into a body");
  if (std::string written; !text::append_json_string(written, call.path))
    return wrong("needs a path that is valid UTF-8 text");
  for (const auto& [name, value] : call.query)
    if (is_credential(name)) return own_credentials(name);
  return {};
}

// Empty: there is none.
Result<nlohmann::json> body_of(const ApiCall& call) {
  if (text::trimmed(call.body).empty()) return nlohmann::json::object();
  std::optional<nlohmann::json> body = parse_json(call.body);
  if (!body || !body->is_object()) return wrong("needs a JSON object as its body");
  for (const auto& [name, value] : body->items())
    if (is_credential(name)) return own_credentials(name);
  return std::move(*body);
}

bool is_in_query(const std::string& method) { return method == "GET" || method == "DELETE"; }

// The caller's text stays as it is, so that no number in it changes.
Result<std::string> with_credentials(std::string_view body, const std::string& company_member,
                                     const Credentials& credentials, bool is_empty) {
  std::string whole = "{\"" + company_member + "\":" + std::to_string(credentials.company_id) +
                      ",\"IntegrationKey\":";
  if (!text::append_json_string(whole, credentials.integration_key.reveal()))
    return wrong("needs an integration key that is valid UTF-8 text");
  const std::size_t brace = body.find('{');
  if (brace == std::string_view::npos) return whole + "}";
  if (!is_empty) whole += ',';
  whole += body.substr(brace + 1);
  return whole;
}

// How often a member of the body has such a name, itself twice as well.
std::size_t members_named(const std::string& body, std::string_view name) {
  std::size_t count = 0;
  const auto see = [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
    const bool is_key = event == nlohmann::json::parse_event_t::key && depth == 1;
    if (is_key && text::lowered(parsed.get_ref<const std::string&>()) == name) ++count;
    return true;
  };
  const bool is_json = !nlohmann::json::parse(body, see, false).is_discarded();
  return is_json ? count : 0;
}

std::size_t parameters_named(const ApiCall& call, std::string_view name) {
  return static_cast<std::size_t>(std::count_if(
      call.query.begin(), call.query.end(),
      [name](const auto& parameter) { return text::lowered(parameter.first) == name; }));
}

std::string value_in(const ApiCall& call, const nlohmann::json& body, std::string_view name) {
  for (const auto& [member, value] : body.items())
    if (text::lowered(member) == name && value.is_string()) return value.get<std::string>();
  for (const auto& [parameter, value] : call.query)
    if (text::lowered(parameter) == name) return value;
  return "";
}

// Which data source a change is about: the platform ignores the case of a path and one slash at its
// end.
Result<void> note_data_source(const ApiCall& call, std::string_view plain,
                              const nlohmann::json& body, PlannedCall& planned) {
  std::string path = text::lowered(plain);
  if (path.ends_with('/')) path.pop_back();
  if (call.method == "GET" || !path.starts_with("/api/") || !path.ends_with("/datasource"))
    return {};
  constexpr std::string_view kName = "externalid";
  if (members_named(call.body, kName) + parameters_named(call, kName) > 1)
    return wrong(
        "that changes a data source must name it once: it has several ExternalIds, and Weir cannot "
        "tell which of them the platform takes");
  const std::string id = value_in(call, body, kName);
  if (id.empty())
    return wrong(
        "that changes a data source must name it by its ExternalId, so that Weir knows whose rows "
        "it no longer knows");
  planned.changes_source = id;
  planned.request.target = id;
  planned.changes_columns = std::any_of(body.items().begin(), body.items().end(), [](auto item) {
    return text::lowered(item.key()) == "headers";
  });
  return {};
}

}  // namespace

Result<PlannedCall> plan_call(const Credentials& credentials, const ApiCall& call) {
  if (Result<void> usable = check_form(call); !usable) return usable.error();
  const Result<std::string> plain = plain_path(call.path);
  if (!plain) return plain.error();
  const Result<nlohmann::json> body = body_of(call);
  if (!body) return body.error();
  PlannedCall planned;
  planned.request.method = call.method;
  planned.request.path = call.path;
  planned.request.query = call.query;
  planned.request.reason = text::shortened(text::printable(call.reason), kLongestReason);
  planned.request.is_for_people = call.worth.is_interactive();
  if (Result<void> noted = note_data_source(call, *plain, *body, planned); !noted)
    return noted.error();
  const bool is_v1 = text::lowered(*plain).starts_with("/api/v1/");
  const std::string company = is_v1 ? "ProviderId" : "CompanyId";
  if (is_in_query(call.method)) {
    planned.request.query.emplace_back(company, std::to_string(credentials.company_id));
    planned.request.query.emplace_back("IntegrationKey", credentials.integration_key.reveal());
    planned.request.body = call.body;
  } else {
    Result<std::string> whole = with_credentials(call.body, company, credentials, body->empty());
    if (!whole) return whole.error();
    planned.request.body = std::move(*whole);
  }
  return planned;
}

}  // namespace weir::api

namespace weir::inline v0 {

Result<void> check_call(const ApiCall& call) {
  const Result<api::PlannedCall> planned = api::plan_call({}, call);
  if (!planned) return planned.error();
  return {};
}

}  // namespace weir::inline v0
