// SourcePoll: looks for changed rows of one data source and hands them to its handler.
//
// Reads all rows and compares them with what the last look has seen; a first page that shows the
// data source unchanged is enough. What was read is kept in memory until the handler has taken it,
// and is then noted durably, so nothing is lost and nothing is read twice for a failing handler.
// One process at a time looks at a data source. Called by one thread at a time.
#pragma once

#include <weir/poll.h>

#include <optional>
#include <string>

#include "budget/leases.h"
#include "polling/look.h"
#include "polling/polled_rows.h"
#include "reading/reading.h"

namespace weir {

class SourcePoll final : public Look {
 public:
  struct Seams {
    budget::Leases& leases;
    store::Database& database;
    Reading& reading;
    std::shared_ptr<Clock> clock;
    Milliseconds call_timeout;
    std::int64_t page_rows;
  };

  SourcePoll(Seams seams, std::string source, ChangesHandler handler);

  const std::string& name() const override { return source_; }
  std::string key() const override { return "data source " + source_; }
  Result<std::optional<TimePoint>> last_look() override;
  LookReport hand_over(const Context& context) override;
  LookReport look(const Context& context) override;

 private:
  struct Found {
    polling::RowDifferences rows;
    polling::LastLook look;
  };

  Result<void> read(LookReport& report, const budget::Lease& lease, const Context& context);
  Result<void> hand_found_over(LookReport& report);

  const Seams seams_;
  const std::string source_;
  const ChangesHandler handler_;
  polling::PolledRows seen_;
  std::optional<Found> found_;
};

}  // namespace weir
