// GuardedRows: a source of rows whose exceptions are errors, whoever wrote it. As thread-safe as
// the source.
//
// What our own sink throws within the source, as a store does that is full, is no exception of the
// source's: it goes on to whoever reads, also where the source has caught it.
#pragma once

#include <weir/row_source.h>

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "os/guarded.h"

namespace weir::outbox {

class GuardedRows final : public RowSource {
 public:
  // Of a source that outlives it.
  explicit GuardedRows(RowSource& rows) : rows_(std::shared_ptr<void>(), &rows) {}
  explicit GuardedRows(std::shared_ptr<RowSource> rows) : rows_(std::move(rows)) {}

  Result<std::vector<std::string>> columns() override {
    return os::guarded(kWho, [&] { return rows_->columns(); });
  }

  Result<void> read(const RowQuery& query, const RowSink& sink) override {
    Ours ours;
    Result<void> read = os::guarded(kWho, [&] {
      return rows_->read(query, [&](const Row& row) { return ours.of([&] { return sink(row); }); });
    });
    ours.go_on();
    return read;
  }

  bool may_be_cut_off() const override {
    const Result<bool> may_be =
        os::guarded(kWho, [&]() -> Result<bool> { return rows_->may_be_cut_off(); });
    return !may_be || *may_be;
  }

  Result<bool> read_raw(const RawSink& sink) override {
    Ours ours;
    Result<bool> read = os::guarded(kWho, [&] {
      return rows_->read_raw([&](std::string_view bytes) { ours.of([&] { sink(bytes); }); });
    });
    ours.go_on();
    return read;
  }

  Result<std::optional<std::string>> version() override {
    return os::guarded(kWho, [&] { return rows_->version(); });
  }

 private:
  static constexpr const char* kWho = "the source of the rows";

  // What a sink of ours has thrown.
  class Ours {
   public:
    template <class Sink>
    std::invoke_result_t<const Sink&> of(const Sink& sink) {
      try {
        return sink();
      } catch (...) {
        thrown_ = std::current_exception();
        throw;
      }
    }
    void go_on() const {
      if (thrown_) std::rethrow_exception(thrown_);
    }

   private:
    std::exception_ptr thrown_;
  };

  const std::shared_ptr<RowSource> rows_;
};

}  // namespace weir::outbox
