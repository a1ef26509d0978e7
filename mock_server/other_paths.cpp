#include "other_paths.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>
#include <string_view>

#include "parameters.h"

namespace weir::mock {
namespace {

constexpr std::array<std::string_view, 8> kKnown = {
    "/api/v2/task",   "/api/v2/taskrecurring", "/api/v2/user",   "/api/v2/usergroup",
    "/api/v2/folder", "/api/v2/formentry",     "/api/v2/screen", "/api/v1/stask"};

std::string member_of(const nlohmann::json& body, const std::string& name) {
  for (const auto& [found, value] : body.items()) {
    if (!same_name(found, name)) continue;
    if (value.is_string()) return value.get<std::string>();
    if (value.is_number_integer()) return std::to_string(value.get<std::int64_t>());
  }
  return "";
}

}  // namespace

bool is_other_path(const std::string& path) {
  std::string lowered = path;
  std::transform(lowered.begin(), lowered.end(), lowered.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::any_of(kKnown.begin(), kKnown.end(), [&](std::string_view known) {
    return lowered.starts_with(known) &&
           (lowered.size() == known.size() || lowered[known.size()] == '/');
  });
}

Caller caller_of(const httplib::Request& request) {
  nlohmann::json body = nlohmann::json::parse(request.body, nullptr, false);
  if (!body.is_object()) body = nlohmann::json::object();
  const auto found = [&](const std::string& name) {
    const std::string asked = parameter(request, name);
    return asked.empty() ? member_of(body, name) : asked;
  };
  std::string company = found("CompanyId");
  if (company.empty()) company = found("ProviderId");
  return {.company_id = company, .integration_key = found("IntegrationKey")};
}

}  // namespace weir::mock
