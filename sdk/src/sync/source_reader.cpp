#include "sync/source_reader.h"

#include <weir/foreign_words.h>

#include <algorithm>
#include <utility>

#include "rows/row_check.h"
#include "rows/whole_read.h"

namespace weir::sync {
namespace {

Error wrong(const std::string& message) {
  return {.code = ErrorCode::kInvalidArgument, .message = message};
}

std::string listed(const std::vector<std::string>& names) {
  std::string list;
  // They are cells of a row where a file has no line with names.
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + foreign_words(name);
  return list;
}

Result<std::size_t> find(const std::vector<std::string>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    return wrong("there is no column '" + name + "'; the columns are: " + listed(names));
  return static_cast<std::size_t>(found - names.begin());
}

}  // namespace

Result<SourceRead> SourceReader::look() {
  Result<std::optional<std::string>> version = source_.rows->version();
  if (!version) return failed(version.error());
  return SourceRead{.version = std::move(*version), .at = clock_->steady_now()};
}

bool SourceReader::is_fresh(const SourceRead& then, const SourceRead& now) const {
  if (now.version || then.version) return now.version == then.version;
  return now.at - then.at < source_.read_again_after;
}

Result<SourceReader::Layout> SourceReader::layout() {
  Result<std::vector<std::string>> names = source_.rows->columns();
  if (!names) return names.error();
  if (names->empty()) return wrong("it has no columns");
  Layout layout{.names = std::move(*names)};
  for (const std::string& name : source_.columns.empty() ? layout.names : source_.columns) {
    const Result<std::size_t> at = find(layout.names, name);
    if (!at) return at.error();
    layout.sent.push_back(*at);
  }
  if (layout.sent.front() != 0)
    return wrong("the columns that are sent must begin with the key, " +
                 foreign_words(layout.names.front()));
  if (source_.rule.column_name().empty()) return layout;
  const Result<std::size_t> user = find(layout.names, source_.rule.column_name());
  if (!user) return user.error();
  layout.user = *user;
  return layout;
}

Result<std::vector<std::string>> SourceReader::columns() {
  const Result<Layout> layout = this->layout();
  if (!layout) return failed(layout.error());
  std::vector<std::string> sent;
  for (const std::size_t at : layout->sent) sent.push_back(layout->names[at]);
  return sent;
}

Result<void> SourceReader::read(const RowQuery& query, const Take& take) {
  const Result<Layout> layout = this->layout();
  if (!layout) return failed(layout.error());
  const std::string nobody;
  Row sent(layout->sent.size());
  const Result<void> done =
      outbox::read_whole(*source_.rows, query, [&](const Row& row) -> Result<void> {
        if (row.size() != layout->names.size()) {
          return wrong("a row has " + std::to_string(row.size()) + " cells where there are " +
                       std::to_string(layout->names.size()) + " columns");
        }
        for (std::size_t i = 0; i < sent.size(); ++i) sent[i] = row[layout->sent[i]];
        if (const auto problem = outbox::row_problem(sent))
          return wrong("a row is wrong: " + *problem);
        return take(sent, layout->user ? row[*layout->user] : nobody);
      });
  if (!done) return failed(done.error());
  return {};
}

Error SourceReader::failed(Error error) const {
  error.message = "the rows of " + source_.id + " cannot be read: " + error.message;
  return error;
}

}  // namespace weir::sync
