#include <weir/sync/sync_request.h>

#include <algorithm>

#include "sync/query_string.h"

namespace weir::inline v0 {
namespace {

// More than any organization has, and few enough for one answer.
constexpr std::size_t kMostItems = 200;

struct Parameters {
  std::optional<std::string> ids = {};
  std::optional<std::string> last_updated = {};
  std::optional<std::string> last_updateds = {};
};

Error malformed(const std::string& message) {
  return {.code = ErrorCode::kInvalidArgument, .message = message};
}

// A + that is not encoded may be meant as it stands.
void take_both(std::string value, std::string_view raw, std::string& as_it_stands,
               std::string& with_blanks) {
  if (raw.find('+') == std::string_view::npos) {
    as_it_stands = std::move(value);
    with_blanks.clear();
  } else {
    as_it_stands = sync::decoded(raw, '+').value_or("");
    with_blanks = std::move(value);
  }
}

void take(const std::string& name, std::string value, std::string_view raw, SyncRequest& request,
          Parameters& found) {
  const auto is = [&](std::string_view other) { return sync::same_name(name, other); };
  if (is("ids") || (is("id") && !found.ids)) {
    found.ids = std::move(value);
  } else if (is("providerid")) {
    request.company_id = std::move(value);
  } else if (is("integrationkey")) {
    take_both(std::move(value), raw, request.private_token, request.private_token_with_blanks);
  } else if (is("email")) {
    take_both(std::move(value), raw, request.email, request.email_with_blanks);
  } else if (is("lastupdated")) {
    found.last_updated = std::move(value);
  } else if (is("lastupdateds")) {
    found.last_updateds = std::move(value);
  }
}

}  // namespace

Result<SyncRequest> parse_sync_request(std::string_view query) {
  SyncRequest request;
  Parameters found;
  const bool readable = sync::for_each_pair(
      query, [&](const std::string& name, std::string value, std::string_view raw) {
        take(name, std::move(value), raw, request, found);
      });
  if (!readable) return malformed("the query string is not percent-encoded as it should be");
  const std::vector<std::string> ids = sync::items_of(found.ids.value_or(""));
  const std::vector<std::string> each =
      found.last_updateds ? sync::items_of(*found.last_updateds) : std::vector<std::string>();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const bool again = std::any_of(request.items.begin(), request.items.end(),
                                   [&](const auto& item) { return item.id == ids[i]; });
    if (ids[i].empty() || again) continue;
    request.items.push_back(
        {.id = ids[i],
         .last_updated = i < each.size() ? each[i] : found.last_updated.value_or("")});
  }
  if (request.items.empty()) return malformed("no data source is named; say ids=…");
  if (request.items.size() > kMostItems) return malformed("too many data sources are named");
  return request;
}

}  // namespace weir::inline v0
