// VectorRows: rows that are in memory already, as a RowSource. They must outlive it.
#pragma once

#include <weir/row_source.h>

#include <string>
#include <utility>
#include <vector>

namespace weir::outbox {

class VectorRows final : public RowSource {
 public:
  VectorRows(const std::vector<Row>& rows, std::vector<std::string> columns)
      : rows_(rows), columns_(std::move(columns)) {}

  // May be empty: not known.
  Result<std::vector<std::string>> columns() override { return columns_; }

  Result<void> read(const RowQuery&, const RowSink& sink) override {
    for (const Row& row : rows_) {
      if (Result<void> taken = sink(row); !taken) return taken;
    }
    return {};
  }

  // They do not change, and are cheap to read again.
  Result<std::optional<std::string>> version() override { return std::optional<std::string>(""); }

 private:
  const std::vector<Row>& rows_;
  const std::vector<std::string> columns_;
};

}  // namespace weir::outbox
