// Statuses that are hard on the page: many data sources in all states, with long names and words,
// and several organizations.
#pragma once

#include <string>

#include "unit/cli/daemon/seeing/made_status.h"

namespace weir::daemon {

inline SourceStatus one_of_many(int number, TimePoint now) {
  using namespace std::chrono_literals;
  SourceStatus source{.source = "A_DATA_SOURCE_WITH_A_LONG_NAME_" + std::to_string(number),
                      .since = now - 3h,
                      .sent_at = now - 1min * number};
  if (number % 5 == 2) {
    source.state = SourceState::kWaiting;
    source.stale_rows = number;
    source.oldest_at = now - 1min * number;
    source.next_at = now + 3min;
  }
  if (number % 7 == 0) {
    source.state = SourceState::kFailing;
    source.error = "the query failed: relation \"public.outages_of_the_week\" does not exist";
  }
  if (number % 11 == 3) {
    source.state = SourceState::kHeld;
    source.held_deletes = 30;
  }
  return source;
}

inline Status status_of_many(int count) {
  Status status = made_status();
  OrgStatus& org = status.orgs[0];
  org.sources.clear();
  for (int i = 0; i < count; ++i) org.sources.push_back(one_of_many(i, status.now));
  const CallRecord call = org.usage.log[0];
  for (int i = 1; i < 250; ++i) {
    org.usage.log.push_back(call);
    org.usage.log.back().time = call.time - std::chrono::minutes{3} * i;
  }
  return status;
}

inline Status status_of_several() {
  Status status = status_of_many(3);
  status.orgs[0].org = "an-organization-with-a-long-name";
  status.orgs.push_back(status.orgs[0]);
  status.orgs[1].org = "second";
  return status;
}

}  // namespace weir::daemon
