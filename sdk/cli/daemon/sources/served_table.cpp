#include "daemon/sources/served_table.h"

#include <utility>

namespace weir::daemon {

ServedTable::ServedTable(std::string path) : path_(std::move(path)), rows_(KeptRows::load(path_)) {}

Result<void> ServedTable::put(const std::shared_ptr<KeptRows>& rows) {
  {
    const std::lock_guard lock(mutex_);
    rows_ = rows;
  }
  return rows->save(path_);
}

std::shared_ptr<KeptRows> ServedTable::rows() const {
  const std::lock_guard lock(mutex_);
  return rows_;
}

Result<std::shared_ptr<KeptRows>> ServedTable::need_rows() const {
  std::shared_ptr<KeptRows> found = rows();
  if (found) return found;
  return Error{.code = ErrorCode::kUnavailable,
               .message = "the rows were not read yet since the first start"};
}

Result<std::vector<std::string>> ServedTable::columns() {
  const Result<std::shared_ptr<KeptRows>> found = need_rows();
  if (!found) return found.error();
  return (*found)->columns();
}

Result<void> ServedTable::read(const RowQuery& query, const RowSink& sink) {
  const Result<std::shared_ptr<KeptRows>> found = need_rows();
  if (!found) return found.error();
  return (*found)->read(query, sink);
}

Result<std::optional<std::string>> ServedTable::version() {
  const Result<std::shared_ptr<KeptRows>> found = need_rows();
  if (!found) return found.error();
  return (*found)->version();
}

}  // namespace weir::daemon
