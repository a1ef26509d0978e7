// The form entry search of the platform and the payload of its form connector, as requests, answers
// and plain values.
//
// Pure functions; nothing is sent here. Sources are in docs/platform-facts.md. Thread-safe: no
// state.
#pragma once

#include <weir/form_entries.h>
#include <weir/result.h>
#include <weir/secret.h>
#include <weir/transport.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/data_source_api.h"

namespace weir::api {

struct FormSearch {
  std::string form = {};
  TimePoint from = {};  // received then or later, to the second
  TimePoint to = {};    // received then or earlier; zero: no limit
  std::string answer_format = "Rich";
  std::int64_t page = 0;  // 0-based
  std::int64_t page_entries = 250;
};

// One call a page; entries come in the order of receipt.
HttpRequest form_search_request(const Credentials& credentials, const FormSearch& search);

struct FormPage {
  std::vector<FormEntry> entries = {};
  std::int64_t total = 0;
  // By the platform's clock; empty when the answer does not say.
  std::optional<TimePoint> served_at = {};
};

// The answer is treated as hostile: kBadResponse. An entry that cannot be read holds up no other:
// it has what could be read of it, and an id that a store can keep.
Result<FormPage> parse_form_page(const HttpResponse& response);

// What the connector delivers.
struct ConnectorPayload {
  Secret integration_key = {};
  FormEntry entry = {};
};

// kInvalidArgument: it is not a delivery.
Result<ConnectorPayload> parse_connector_payload(const std::string& body);

// An entry that was kept as its JSON.
FormEntry parse_form_entry(const std::string& kept);

}  // namespace weir::api
