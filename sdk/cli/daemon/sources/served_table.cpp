#include "daemon/sources/served_table.h"

#include <fcntl.h>
#include <unistd.h>
#include <weir/foreign_words.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <utility>

#include "sync/scope.h"
#include "sync/source_reader.h"

namespace weir::daemon {
namespace {

using Hashes = std::vector<std::size_t>;

std::size_t hash_of(const std::string& text) { return std::hash<std::string>()(text); }

// Those that come more than once.
Hashes repeated(Hashes hashes) {
  std::sort(hashes.begin(), hashes.end());
  Hashes found;
  for (auto at = hashes.begin(); (at = std::adjacent_find(at, hashes.end())) != hashes.end(); ++at)
    if (found.empty() || found.back() != *at) found.push_back(*at);
  return found;
}

// Only the keys whose hashes are the same are compared themselves, in a second reading.
Result<void> check_keys(KeptRows& rows, const Hashes& hashes) {
  const Hashes doubtful = repeated(hashes);
  if (doubtful.empty()) return {};
  std::map<std::string, std::int64_t> seen;
  std::int64_t number = 0;
  return rows.read({}, [&](const Row& row) -> Result<void> {
    ++number;
    const std::string& key = row.front();
    if (!std::binary_search(doubtful.begin(), doubtful.end(), hash_of(key))) return {};
    const auto [earlier, is_new] = seen.try_emplace(key, number);
    if (is_new) return {};
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = "row " + std::to_string(number) + " has the key " + foreign_words(key) +
                            ", which row " + std::to_string(earlier->second) +
                            " has already; keys must be unique"};
  });
}

}  // namespace

ServedTable::ServedTable(std::string path, std::string source, ServedConfig served)
    : path_(std::move(path)),
      source_(std::move(source)),
      served_(std::move(served)),
      rows_(KeptRows::load(path_)) {}

SyncSource ServedTable::as_served(const std::shared_ptr<KeptRows>& rows) const {
  return {.id = source_, .rows = rows, .rule = served_.rule, .columns = served_.columns};
}

Result<void> ServedTable::check_columns(const std::shared_ptr<KeptRows>& rows) const {
  const SyncSource source = as_served(rows);
  const Result<std::vector<std::string>> sent = sync::SourceReader(source, {}).columns();
  if (!sent) return sent.error();
  return {};
}

Result<void> ServedTable::check(const std::shared_ptr<KeptRows>& rows) const {
  Hashes keys;
  keys.reserve(static_cast<std::size_t>(rows->rows()));
  const SyncSource source = as_served(rows);
  const Result<void> read = sync::SourceReader(source, {})
                                .read({}, [&](const Row& sent, const std::string&) -> Result<void> {
                                  keys.push_back(hash_of(sent.front()));
                                  return {};
                                });
  return read ? check_keys(*rows, keys) : read;
}

// 8 bytes for each row that somebody gets: that two look the same is of no importance to a guard.
Result<Hashes> ServedTable::rows_of_users(const std::shared_ptr<KeptRows>& rows) const {
  Hashes found;
  const bool is_for_all = served_.rule.column_name().empty();
  const SyncSource source = as_served(rows);
  const Result<void> read =
      sync::SourceReader(source, {})
          .read({}, [&](const Row& sent, const std::string& cell) -> Result<void> {
            const std::string user = sync::folded(cell);
            if (is_for_all || !user.empty()) found.push_back(hash_of(sent.front() + '\0' + user));
            return {};
          });
  if (!read) return read.error();
  std::sort(found.begin(), found.end());
  return found;
}

std::optional<ServedLoss> ServedTable::loss(const std::shared_ptr<KeptRows>& rows) const {
  const std::shared_ptr<KeptRows> before = this->rows();
  if (!before || before->rows() == 0) return std::nullopt;
  const Result<Hashes> had = rows_of_users(before);
  const Result<Hashes> has = rows_of_users(rows);
  if (!had || !has) {
    // Under other settings the table before may have no users.
    const Result<std::int64_t> gone = rows->count_gone(*before);
    if (!gone) return std::nullopt;
    return ServedLoss{.before = before->rows(), .gone = *gone, .leaves_none = rows->rows() == 0};
  }
  if (had->empty()) return std::nullopt;
  const auto gone = std::count_if(had->begin(), had->end(), [&](std::size_t row) {
    return !std::binary_search(has->begin(), has->end(), row);
  });
  return ServedLoss{
      .before = static_cast<std::int64_t>(had->size()), .gone = gone, .leaves_none = has->empty()};
}

Result<void> ServedTable::prepare(const KeptRows& rows) const { return rows.save(next()); }

void ServedTable::withdraw() const { ::unlink(next().c_str()); }

Result<void> ServedTable::put(const std::shared_ptr<KeptRows>& rows) {
  if (std::rename(next().c_str(), path_.c_str()) != 0)
    return Error{.code = ErrorCode::kUnavailable,
                 .message = path_ + " cannot be replaced: " + std::strerror(errno)};
  // A power cut after this brings no older table back, of which the store knows nothing.
  const std::string folder = std::filesystem::path(path_).parent_path().string();
  const int opened = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened >= 0) {
    ::fsync(opened);
    ::close(opened);
  }
  const std::lock_guard lock(mutex_);
  rows_ = rows;
  return {};
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
