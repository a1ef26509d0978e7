#include "sync/source_text.h"

#include <algorithm>
#include <utility>

#include "sync/row_text.h"
#include "text/json_string.h"

namespace weir::sync {
namespace {

constexpr std::int64_t kRowsPerPage = 1000;

Error damaged() {
  return {
      .code = ErrorCode::kStoreUnusable,
      .message =
          "the store is damaged: a row cannot be read. Keep a copy, and start with a new store; "
          "devices then get all rows."};
}

}  // namespace

FullText::FullText(ChangeLog& log, std::string id, std::int64_t source, Scopes scopes,
                   Edition edition)
    : log_(log),
      id_(std::move(id)),
      scopes_(std::move(scopes)),
      page_{.source = source, .edition = edition, .most = kRowsPerPage} {}

Result<bool> FullText::next(std::string& json) {
  if (at_ == At::kEnd) return false;
  if (at_ == At::kBegin) {
    json += R"({"Id":)";
    if (!text::append_json_string(json, id_)) return damaged();
    json += R"(,"Rows":[)";
    at_ = At::kRows;
    return true;
  }
  if (scope_ == scopes_.size()) {
    json += "]}";
    at_ = At::kEnd;
    return true;
  }
  if (Result<void> appended = append_page(json); !appended) return appended.error();
  return true;
}

Result<void> FullText::append_page(std::string& json) {
  page_.scope = scopes_[scope_];
  std::int64_t rows = 0;
  bool readable = true;
  const Result<std::int64_t> last = log_.page(page_, [&](const std::string& cells) {
    if (any_row_) json += ',';
    any_row_ = true;
    ++rows;
    readable = append_row(json, cells) && readable;
  });
  if (!last) return last.error();
  if (!readable) return damaged();
  page_.after = *last;
  if (rows < page_.most) {
    ++scope_;
    page_.after = -1;
  }
  return {};
}

Result<bool> DifferenceText::next(std::string& json) {
  if (difference_.empty() || (begun_ && new_rows_done_ == difference_.new_rows.size()))
    return false;
  if (!begun_) {
    begun_ = true;
    json += R"({"Id":)";
    if (!text::append_json_string(json, id_)) return damaged();
    if (!difference_.deleted_keys.empty()) {
      json += R"(,"DeletedRows":[)";
      for (const std::string& key : difference_.deleted_keys) {
        json += &key == &difference_.deleted_keys.front() ? "[" : ",[";
        if (!text::append_json_string(json, key)) return damaged();
        json += ']';
      }
      json += ']';
    }
    json += difference_.new_rows.empty() ? "}" : R"(,"NewRows":[)";
    return true;
  }
  if (!append_rows(json)) return damaged();
  return true;
}

bool DifferenceText::append_rows(std::string& json) {
  const std::size_t end = std::min(difference_.new_rows.size(),
                                   new_rows_done_ + static_cast<std::size_t>(kRowsPerPage));
  for (; new_rows_done_ < end; ++new_rows_done_) {
    if (new_rows_done_ > 0) json += ',';
    if (!append_row(json, difference_.new_rows[new_rows_done_])) return false;
  }
  if (end == difference_.new_rows.size()) json += "]}";
  return true;
}

}  // namespace weir::sync
