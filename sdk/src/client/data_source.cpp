#include <weir/data_source.h>

#include <utility>

#include "client/core.h"

namespace weir {

namespace {

Result<void> without_report(const Result<ApplyReport>& report) {
  if (!report) return report.error();
  return {};
}

}  // namespace

Result<void> DataSource::upsert(Row row) {
  return without_report(apply({Upsert{std::move(row)}}, {}));
}

Result<void> DataSource::erase(std::string key) {
  return without_report(apply({Erase{std::move(key)}}, {}));
}

Result<void> DataSource::set_cells(std::string key, std::vector<CellUpdate> cells) {
  return without_report(apply({SetCells{std::move(key), std::move(cells)}}, {}));
}

Result<ApplyReport> DataSource::apply(const std::vector<Change>& changes,
                                      const ApplyOptions& options) {
  return core_->apply(id_, changes, options);
}

Result<PublishReport> DataSource::publish(const std::vector<Row>& rows,
                                          const PublishOptions& options) {
  return core_->publish(id_, rows, options);
}

Result<PublishReport> DataSource::publish(RowSource& rows, const PublishOptions& options) {
  return core_->publish(id_, rows, options);
}

Result<SendReport> DataSource::send(std::chrono::milliseconds deadline, SendReport* partial) {
  return core_->send(id_, deadline, partial);
}

Result<std::int64_t> DataSource::discard() { return core_->discard(id_); }

Result<KnownSource> DataSource::known() const { return core_->known(id_); }

Result<Poll> DataSource::poll(ChangesHandler handler, const PollOptions& options) {
  return core_->poll_source(core_, id_, std::move(handler), options);
}

Result<Description> DataSource::describe() { return core_->describe(id_); }

Result<ReadReport> DataSource::read_rows(const PageSink& sink, const ReadOptions& options) {
  return core_->read_rows(id_, sink, options);
}

Result<DiffReport> DataSource::diff(RowSource& rows, const DiffOptions& options) {
  return core_->diff(id_, rows, options);
}

}  // namespace weir
