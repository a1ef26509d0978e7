// TableRows: a RowSource in memory that a test changes under the service, and SyncDevice: the app's
// side, which applies answers as the app does.
#pragma once

#include <weir/row_source.h>
#include <weir/sync/sync_service.h>

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace weir::testing {

class TableRows : public RowSource {
 public:
  explicit TableRows(std::vector<std::string> names) : names_(std::move(names)) {}

  std::vector<Row> rows = {};
  std::optional<Error> failure = {};
  bool tells_version = true;
  bool is_cut_off = false;
  int reads = 0;

  // The next version() differs.
  void changed() { ++version_; }
  void set(std::vector<Row> now) {
    rows = std::move(now);
    changed();
  }

  Result<std::vector<std::string>> columns() override { return names_; }
  Result<void> read(const RowQuery&, const RowSink& sink) override {
    ++reads;
    if (failure) return *failure;
    for (const Row& row : rows) {
      if (Result<void> taken = sink(row); !taken) return taken;
    }
    return {};
  }
  bool may_be_cut_off() const override { return is_cut_off; }
  Result<std::optional<std::string>> version() override {
    if (!tells_version) return std::optional<std::string>();
    return std::optional(std::to_string(version_));
  }

 private:
  std::vector<std::string> names_;
  int version_ = 0;
};

// A source that hands over what its rows say for the user: cell 2 is a list of users.
class RowsOfUser final : public TableRows {
 public:
  RowsOfUser() : TableRows({"id", "label"}) {}
  std::map<std::string, std::vector<Row>> of_user = {};

  Result<void> read(const RowQuery& query, const RowSink& sink) override {
    ++reads;
    for (const Row& row : of_user[query.user.value_or("")]) {
      if (Result<void> taken = sink(row); !taken) return taken;
    }
    return {};
  }
};

class SyncDevice {
 public:
  SyncDevice(std::string email, std::string id) : email_(std::move(email)), id_(std::move(id)) {}

  SyncRequest request() const {
    return {.items = {{.id = id_, .last_updated = last_updated_}},
            .company_id = "12345",
            .private_token = "token",
            .email = email_};
  }

  void apply(const SyncAnswer& answer) {
    last_updated_ = answer.last_updated;
    for (const SyncSourceAnswer& source : answer.sources) {
      if (source.id != id_) continue;
      if (source.rows) {
        rows_.clear();
        for (const Row& row : *source.rows) rows_[row.front()] = row;
        continue;
      }
      for (const std::string& key : source.deleted_keys) rows_.erase(key);
      for (const Row& row : source.new_rows) rows_[row.front()] = row;
    }
  }

  // The answer, after it was applied.
  SyncAnswer sync(SyncService& service) {
    Result<SyncAnswer> answer = service.answer(request());
    if (!answer) throw std::runtime_error(answer.error().message);
    apply(*answer);
    return std::move(*answer);
  }

  // A row that a form created on the device.
  void create(const Row& row) { rows_[row.front()] = row; }

  const std::map<std::string, Row>& rows() const { return rows_; }
  const std::string& email() const { return email_; }
  const std::string& last_updated() const { return last_updated_; }

 private:
  std::string email_;
  std::string id_;
  std::string last_updated_;
  std::map<std::string, Row> rows_;
};

}  // namespace weir::testing
