// A status as a daemon of two data sources and a poll would give it, for tests to change.
#pragma once

#include "daemon/seeing/status.h"

namespace weir::daemon {

inline Status made_status() {
  using namespace std::chrono_literals;
  const TimePoint now{24h * 20'000 + 14h};
  Usage usage;
  usage.org_day = "2024-10-04";
  usage.calls_today = 1204;
  usage.limit = 2500;
  usage.left = 1296;
  usage.time_zone = "Europe/Berlin";
  usage.resets_at = now + 8h;
  usage.price_row_seconds = 310;
  usage.connections_allowed = 2;
  usage.log = {{.time = now - 5min,
                .method = "PUT",
                .target = "/api/v2/datasource OUTAGES",
                .rows = 4,
                .status = 200,
                .reason = "price",
                .charged = true}};
  OrgStatus org{.usage = usage};
  org.sources = {{.source = "OUTAGES",
                  .state = SourceState::kWaiting,
                  .since = now - 17min,
                  .stale_rows = 3,
                  .oldest_at = now - 17min,
                  .sent_at = now - 5min,
                  .next_at = now + 6min,
                  .calls_today = 210},
                 {.source = "CREWS", .since = now - 2h, .deliver = "both"}};
  org.polls = {{.poll = "INSPECTION",
                .looked_at = now - 3min,
                .interval = 14min,
                .why = "3.1 rows/h at price 310",
                .next_at = now + 11min}};
  return {.now = now,
          .started_at = now - 50h,
          .config = {.file = "/etc/weir/weir.toml", .loaded_at = now - 49h},
          .orgs = {org}};
}

}  // namespace weir::daemon
