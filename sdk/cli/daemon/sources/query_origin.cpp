#include "daemon/sources/query_origin.h"

#include <utility>

#include "daemon/sources/file_rows.h"
#include "daemon/sources/followed_query.h"
#include "daemon/sources/timed_origin.h"
#include "input/database_address.h"

namespace weir::daemon {
namespace {

class WholeQuery final : public TimedOrigin {
 public:
  WholeQuery(const SourceConfig& config, const QueryOrigin& query, Timetable timetable)
      : TimedOrigin(std::move(timetable)),
        address_(full_address(query.database)),
        query_(query.query),
        options_(reader_options(config, {})) {
    options_.longest_query = query.timeout;
  }

 private:
  Result<OriginReading> read_now(SourceDelivery& delivery, TimePoint,
                                 const std::stop_token& stop) override {
    Result<KeptRowsWriter> writer = KeptRowsWriter::make();
    if (!writer) return writer.error();
    options_.stop = stop;
    const Result<void> read = cli::read_query(
        address_, query_, options_,
        [&](const std::vector<std::string>& columns) { return writer->begin(columns); },
        [&](const Row& row) { return writer->add(row); });
    if (!read) return read.error();
    Result<std::shared_ptr<KeptRows>> rows = writer->finish();
    if (!rows) return rows.error();
    return reading_of(delivery.table(std::move(*rows)));
  }

  const std::string address_;
  const std::string query_;
  cli::RowSourceOptions options_;
};

}  // namespace

std::string full_address(const DatabaseConfig& database) {
  return cli::with_password(database.address, std::string(database.password.reveal()));
}

Result<std::unique_ptr<OriginReader>> make_query_origin(const SourceConfig& config,
                                                        const QueryOrigin& query,
                                                        const std::string& zone) {
  Result<Timetable> timetable = Timetable::open(query.schedule, zone);
  if (!timetable) return timetable.error();
  if (query.follow) return make_followed_query(config, query, *query.follow, std::move(*timetable));
  return std::unique_ptr<OriginReader>(
      std::make_unique<WholeQuery>(config, query, std::move(*timetable)));
}

}  // namespace weir::daemon
