#include "simulation/seeded_bug.h"

#include <array>
#include <string_view>
#include <utility>

namespace weir::simulation {
namespace {

using store::SqlRow;
using store::SqlValue;

bool begins(std::string_view sql, std::string_view with) { return sql.starts_with(with); }

class BuggyStatements final : public store::Statements {
 public:
  BuggyStatements(SeededBug bug, store::Statements& sql) : bug_(bug), sql_(sql) {}

  std::vector<SqlRow> run(std::string_view sql, const std::vector<SqlValue>& parameters) override {
    if (is_left_out(sql, parameters)) {
      // Whoever asked what it changed is told that it changed one line.
      return begins(sql, "UPDATE org_days") ? std::vector<SqlRow>{SqlRow({std::int64_t{1}})}
                                            : std::vector<SqlRow>();
    }
    return sql_.run(sql, parameters);
  }

  void for_each(std::string_view sql, const std::vector<SqlValue>& parameters,
                const std::function<void(const SqlRow&)>& row) override {
    if (!is_left_out(sql, parameters)) sql_.for_each(sql, parameters, row);
  }

  std::int64_t change(std::string_view sql, const std::vector<SqlValue>& parameters) override {
    return is_left_out(sql, parameters) ? 1 : sql_.change(sql, parameters);
  }

 private:
  bool is_left_out(std::string_view sql, const std::vector<SqlValue>& parameters) {
    switch (bug_) {
      case SeededBug::kChargesOneDay:
        return begins(sql, "UPDATE org_days SET used = used + 1") && charged_++ > 0;
      case SeededBug::kDropsDeadLetters:
        return begins(sql, "INSERT INTO dead_letters");
      case SeededBug::kForgetsDoubt:
        return begins(sql, "INSERT INTO mirror") && parameters.size() == 3 &&
               std::holds_alternative<std::monostate>(parameters[2]);
      case SeededBug::kNoConnectionLease:
      case SeededBug::kNoWriterLease:
        // Not even the line in the ledger stops anybody.
        return begins(sql, "SELECT deadline_ms") &&
               ignores_lock(bug_, std::get<std::string>(parameters.at(0)));
      case SeededBug::kLostCancellation:
        // Settling a call also writes the mirror; a cancellation only takes out of the outbox.
        settles_ =
            settles_ || begins(sql, "INSERT INTO mirror") || begins(sql, "DELETE FROM mirror");
        return begins(sql, "DELETE FROM outbox") && !settles_;
      default:
        return false;
    }
  }

  const SeededBug bug_;
  store::Statements& sql_;
  int charged_ = 0;
  bool settles_ = false;
};

class BuggyWire final : public Transport {
 public:
  BuggyWire(SeededBug bug, std::shared_ptr<Transport> wire) : bug_(bug), wire_(std::move(wire)) {}

  Result<HttpResponse> send(const HttpRequest& request) override {
    Result<HttpResponse> answer = wire_->send(request);
    if (answer || !answer.error().may_have_been_sent) return answer;
    Error error = answer.error();
    if (bug_ == SeededBug::kSendsTwice) return wire_->send(request);
    if (bug_ == SeededBug::kTrustsLostAnswers)
      return HttpResponse{.status = 200, .headers = {}, .body = "{}"};
    if (bug_ == SeededBug::kRefundsAfterSend) error.may_have_been_sent = false;
    return error;
  }

 private:
  const SeededBug bug_;
  const std::shared_ptr<Transport> wire_;
};

}  // namespace

const char* seeded_bug_name(SeededBug bug) {
  static constexpr std::array<const char*, kSeededBugs> kNames = {
      "no bug",
      "one call too many",
      "refund after send",
      "wrong day key",
      "one day charged at midnight",
      "a crash forgets the spent call",
      "lost cancellation",
      "mirror updated before the answer",
      "deletion forgotten after a crash",
      "no lease rest",
      "no connection lease",
      "two writers of a data source",
      "dead letter dropped",
      "the wire sends twice",
      "kept changes not committed",
      "a call for each row"};
  return kNames.at(static_cast<std::size_t>(bug));
}

std::unique_ptr<store::Statements> with_bug(SeededBug bug, store::Statements& sql) {
  return std::make_unique<BuggyStatements>(bug, sql);
}

std::shared_ptr<Transport> with_bug(SeededBug bug, std::shared_ptr<Transport> wire) {
  if (bug == SeededBug::kNone) return wire;
  return std::make_shared<BuggyWire>(bug, std::move(wire));
}

bool ignores_lock(SeededBug bug, const std::string& name) {
  if (bug == SeededBug::kNoWriterLease) return name.starts_with("writer-");
  return bug == SeededBug::kNoConnectionLease && name.starts_with("connection-");
}

}  // namespace weir::simulation
