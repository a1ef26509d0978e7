#include <weir/data_source.h>

#include <utility>

#include "core.h"

namespace weir {

Result<void> DataSource::upsert(Row row) { return apply({Upsert{std::move(row)}}); }

Result<void> DataSource::erase(std::string key) { return apply({Erase{std::move(key)}}); }

Result<void> DataSource::set_cells(std::string key, std::vector<CellUpdate> cells) {
  return apply({SetCells{std::move(key), std::move(cells)}});
}

Result<void> DataSource::apply(const std::vector<Change>& changes) { return core_->apply(id_, changes); }

Result<PublishReport> DataSource::publish(const std::vector<Row>& rows, const PublishOptions& options) {
  return core_->publish(id_, rows, options);
}

Result<SendReport> DataSource::send(std::chrono::milliseconds deadline, SendReport* partial) {
  return core_->send(id_, deadline, partial);
}

Result<Description> DataSource::describe() { return core_->describe(id_); }

}  // namespace weir
