// SyncRequest and SyncAnswer: a question of the app and the answer to it, as values.
//
// docs/platform-facts.md, "Platform Sync", has the wire format. Plain values without threads.
#pragma once

#include <weir/export.h>
#include <weir/result.h>
#include <weir/row.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::inline v0 {

struct SyncRequest {
  // One data source that is asked for; without LastUpdated the device has none of its rows.
  struct Item {
    std::string id = {};
    std::string last_updated = {};
  };
  std::vector<Item> items = {};
  std::string company_id = {};
  std::string private_token = {};
  std::string email = {};
  // The two with a blank for each + that was not encoded in the query; empty when there is none.
  // They are tried when the token is not known, or nobody is known by `email`.
  std::string private_token_with_blanks = {};
  std::string email_with_blanks = {};
};

// From the query string, percent-encoded as it came. Names are matched without regard to case, `id`
// is understood as `ids`, and an item of `lastupdateds`, even an empty one, wins over
// `lastupdated`. kInvalidArgument: no data source is named, or the text is not a query string.
WEIR_EXPORT Result<SyncRequest> parse_sync_request(std::string_view query);

// The answer for one data source. The device replaces all its rows by `rows` when they are given;
// otherwise it deletes the rows with these keys and inserts or replaces `new_rows`.
struct SyncSourceAnswer {
  std::string id = {};
  std::optional<std::vector<Row>> rows = {};
  std::vector<Row> new_rows = {};
  std::vector<std::string> deleted_keys = {};
};

struct SyncAnswer {
  // To be sent back unchanged with the next request.
  std::string last_updated = {};
  // Only the sources that have changed for this device.
  std::vector<SyncSourceAnswer> sources = {};
};

}  // namespace weir::inline v0
