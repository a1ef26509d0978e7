// SourceText: the JSON of one data source in an answer, made piece by piece, so that a table of any
// size passes through a buffer of fixed size. Not thread-safe.
#pragma once

#include <weir/result.h>

#include <cstdint>
#include <string>

#include "sync/change_log.h"

namespace weir::sync {

class SourceText {
 public:
  virtual ~SourceText() = default;
  // Appends the next piece. False when there is none.
  virtual Result<bool> next(std::string& json) = 0;
};

// All rows of the scopes in an edition: {"Id":…,"Rows":[…]}. Reads them page by page; the log must
// outlive it.
class FullText final : public SourceText {
 public:
  FullText(ChangeLog& log, std::string id, std::int64_t source, Scopes scopes, Edition edition);
  Result<bool> next(std::string& json) override;

 private:
  Result<void> append_page(std::string& json);

  ChangeLog& log_;
  const std::string id_;
  const Scopes scopes_;
  Page page_;
  std::size_t scope_ = 0;
  enum class At { kBegin, kRows, kEnd } at_ = At::kBegin;
  bool any_row_ = false;
};

// {"Id":…,"NewRows":[…],"DeletedRows":[…]}; nothing at all when nothing has changed.
class DifferenceText final : public SourceText {
 public:
  DifferenceText(std::string id, Difference difference)
      : id_(std::move(id)), difference_(std::move(difference)) {}
  Result<bool> next(std::string& json) override;

 private:
  bool append_rows(std::string& json);

  const std::string id_;
  const Difference difference_;
  std::size_t new_rows_done_ = 0;
  bool begun_ = false;
};

}  // namespace weir::sync
