// KeptRows: a whole table as it was read once, in a file: to be published, compared and served any
// number of times without asking its origin again.
//
// The file has no name, or one that lets the next process serve it at once. Of each row its cells
// are read anew, so memory stays bounded. Safe to read from several threads at once.
#pragma once

#include <weir/row_source.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/sources/content_hash.h"

namespace weir::daemon {

class KeptRows;

// Writes a table, row by row.
class KeptRowsWriter {
 public:
  // kStoreFull: there is no room for it; the same of the others.
  static Result<KeptRowsWriter> make();

  ~KeptRowsWriter();
  KeptRowsWriter(KeptRowsWriter&& other) noexcept;
  KeptRowsWriter& operator=(KeptRowsWriter&&) = delete;

  // The names of the columns, before the first row.
  Result<void> begin(const std::vector<std::string>& columns) { return add_cells(columns); }
  Result<void> add(const Row& row);
  Result<std::shared_ptr<KeptRows>> finish();

 private:
  explicit KeptRowsWriter(int file);
  Result<void> add_cells(const std::vector<std::string>& cells);
  Result<void> flush();

  int file_;
  std::string bytes_;
  ContentHash hash_;
  std::int64_t at_;
  std::int64_t rows_ = 0;
};

class KeptRows final : public RowSource {
 public:
  // Reads all rows of `rows`. kStoreFull: there is no room for them; else the errors of the
  // reading.
  static Result<std::shared_ptr<KeptRows>> read_from(RowSource& rows);

  // What save() has left; empty when there is nothing, or nothing that can be used.
  static std::shared_ptr<KeptRows> load(const std::string& path);

  ~KeptRows() override;
  KeptRows(const KeptRows&) = delete;
  KeptRows& operator=(const KeptRows&) = delete;

  // Puts a copy of the file in this place, with mode 0600, whole or not at all.
  Result<void> save(const std::string& path) const;

  std::int64_t rows() const { return rows_; }

  // The same for the same rows in the same order.
  const std::string& fingerprint() const { return fingerprint_; }

  Result<std::vector<std::string>> columns() override { return columns_; }
  Result<void> read(const RowQuery& query, const RowSink& sink) override;
  Result<std::optional<std::string>> version() override { return std::optional(version_); }

  // How many keys of `before` are not among these rows'.
  Result<std::int64_t> count_gone(KeptRows& before);

 private:
  friend class KeptRowsWriter;
  explicit KeptRows(int descriptor);
  Result<void> read_head();

  const int descriptor_;
  const std::string version_;
  std::int64_t rows_ = 0;
  std::int64_t begin_ = 0;  // of the first row
  std::vector<std::string> columns_;
  std::string fingerprint_;
};

}  // namespace weir::daemon
