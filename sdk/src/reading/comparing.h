// Comparing: reads all rows that the platform has, and corrects by them what Weir knows of them.
//
// The writer lease keeps our own processes from changing the rows while they are read. Each page is
// a call. Safe to use from several threads at once.
#pragma once

#include <weir/read_rows.h>
#include <weir/result.h>
#include <weir/row_source.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "budget/leases.h"
#include "outbox/outbox.h"
#include "reading/reading.h"
#include "time/context.h"

namespace weir {

class Comparing {
 public:
  struct Seams {
    outbox::Outbox& outbox;
    budget::Leases& leases;
    Reading& reading;
    std::shared_ptr<Clock> clock;
    Milliseconds call_timeout;
    Milliseconds wait;  // for the writer lease
    std::int64_t page_rows;
  };

  explicit Comparing(Seams seams) : seams_(std::move(seams)) {}

  // Takes the platform's rows for the mirror; returns how many calls that took.
  Result<std::int64_t> adopt(const std::string& source, const Context& context);

  // As DataSource::diff().
  Result<DiffReport> diff(const std::string& source, RowSource& rows, const DiffOptions& options,
                          const Context& context);

  // As the writer of the data source, nobody of this store sends to it meanwhile.
  Result<budget::Lease> take_writer(const std::string& source, const Context& context);

 private:
  const Seams seams_;
};

}  // namespace weir
