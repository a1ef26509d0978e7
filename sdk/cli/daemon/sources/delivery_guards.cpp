#include <utility>

#include "daemon/sources/delivery.h"
#include "output/command_words.h"
#include "output/flag_words.h"
#include "output/printable.h"
#include "rows/guard_limits.h"

namespace weir::daemon {
namespace {

constexpr std::string_view kOpenEnd = ": the text ends without a line break";

std::string number(std::int64_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

}  // namespace

Result<void> SourceDelivery::check_whole(RowSource& rows, const OpenEnd& end) {
  const Result<Gone> gone = gone_from_platform(rows);
  if (!gone) return gone.error();
  return judge(*gone, end);
}

Result<void> SourceDelivery::check_whole(KeptRows& rows, const OpenEnd& end) {
  if (pushes()) return check_whole(static_cast<RowSource&>(rows), end);
  const std::shared_ptr<KeptRows> before = served_->rows();
  if (!before || before->rows() == 0) return judge({}, end);
  const Result<std::int64_t> gone = rows.count_gone(*before);
  if (!gone) return judge({}, end);
  const double percent = 100.0 * static_cast<double>(*gone) / static_cast<double>(before->rows());
  return judge({.rows = *gone, .is_much = percent > outbox::kCutOffPercent}, end);
}

void SourceDelivery::tell_open_end(const OpenEnd& end) const {
  if (parts_.log)
    parts_.log(LogLevel::kWarning,
               cli::printable(config_.id + ": " + end.place + std::string(kOpenEnd) +
                              "; if it was cut off, its last row is not whole"));
}

Result<void> SourceDelivery::judge(const Gone& gone, const OpenEnd& end) {
  const bool is_told = std::exchange(is_open_end_told_, true);
  if (gone.rows == 0) {
    if (end.may_split_row && !is_told) tell_open_end(end);
    return {};
  }
  const std::string told = end.place + std::string(kOpenEnd) + ", so it may be cut off; " +
                           number(gone.rows, "row") +
                           (gone.rows == 1 ? " of before is" : " of before are") + " not in it";
  if (gone.is_much)
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = told +
                            ", more than a tenth; write it again, whole, with the end of its last "
                            "line"};
  if (parts_.log) parts_.log(LogLevel::kWarning, cli::printable(config_.id + ": " + told));
  return {};
}

// As push does it. Other mistakes are told by the publishing itself.
Result<SourceDelivery::Gone> SourceDelivery::gone_from_platform(RowSource& rows) const {
  PublishOptions trial{.first = FirstPublish::kReplace, .allow_empty = true, .dry_run = true};
  const Result<PublishReport> all = parts_.client.data_source(config_.id).publish(rows, trial);
  if (!all || all->deleted == 0) return Gone{};
  const Result<std::int64_t> waiting = waiting_deletes();
  if (!waiting) return waiting.error();
  if (all->deleted <= *waiting) return Gone{};
  trial.max_deletes_percent = outbox::kCutOffPercent;
  const bool is_much = !parts_.client.data_source(config_.id).publish(rows, trial);
  return Gone{.rows = all->deleted, .is_much = is_much};
}

Result<std::int64_t> SourceDelivery::waiting_deletes() const {
  const Result<OutboxContents> contents = parts_.client.outbox();
  if (!contents) return contents.error();
  for (const WaitingChanges& waiting : contents->waiting) {
    if (waiting.source == config_.id) return waiting.deletes;
  }
  return 0;
}

// Whether the rows themselves are in order is found out by a dry run without guards.
Result<RowHandover> SourceDelivery::hold(RowSource& rows, std::shared_ptr<KeptRows> kept,
                                         const std::vector<Note>& notes, Delivering delivering,
                                         bool is_first) {
  if (!kept) {
    Result<std::shared_ptr<KeptRows>> read = KeptRows::read_from(rows);
    if (!read) return read.error();
    kept = std::move(*read);
  }
  const Result<PublishReport> trial =
      parts_.client.data_source(config_.id)
          .publish(*kept, {.first = FirstPublish::kReplace, .allow_empty = true, .dry_run = true});
  if (!trial) {
    Error error = trial.error();
    error.message = in_words(std::move(error.message));
    return error;
  }
  // The rows that a released table deletes may wait for their call: they are no news.
  const Result<std::vector<Note>> released = parts_.client.notes(scope(std::string(kReleased)));
  if (!released) return released.error();
  const bool is_released = !released->empty() && released->front().text == kept->fingerprint();
  const Result<bool> is_old_news = is_first ? false : deletes_no_more(*trial, is_released);
  if (!is_old_news) return is_old_news.error();
  if (*is_old_news) {
    const Result<std::vector<Note>> all_notes = is_released ? notes : with_release_forgotten(notes);
    if (!all_notes) return all_notes.error();
    const Result<PublishReport> report =
        parts_.client.data_source(config_.id)
            .publish(*kept, {.allow_empty = true,
                             .max_deletes = trial->deleted,
                             .dry_run = delivering == Delivering::kDry,
                             .notes = *all_notes});
    if (!report) return report.error();
    return done(*report, delivering);
  }
  RowHandover handover{.is_held = true,
                       .guard = is_first            ? Guard::kFirst
                                : kept->rows() == 0 ? Guard::kEmpty
                                                    : Guard::kDeletes,
                       .held_deletes = trial->deleted,
                       .rows = kept->rows()};
  if (is_first) {
    handover.reason = "this store has never published " + config_.id +
                      ", so it is not known which rows the platform has; " +
                      number(kept->rows(), "row") + (kept->rows() == 1 ? " waits" : " wait");
  } else if (kept->rows() == 0) {
    handover.reason = "there are no rows at all, which would delete every one";
  } else {
    handover.reason = "it would delete " + number(trial->deleted, "row") + ", more than " +
                      (config_.guards.max_deletes ? "max_deletes allows" : "half of them");
  }
  handover.what_to_do = to_let_go(handover.guard, handover.held_deletes);
  held_ = Held{.rows = std::move(kept), .notes = notes, .handover = handover};
  return handover;
}

// What a person does who means it. Of a run that ends only the settings can say so.
std::string SourceDelivery::to_let_go(Guard guard, std::int64_t deletes) const {
  const std::string& org = parts_.config.name;
  const std::string table =
      "[" + (org.empty() ? "" : "org." + org + ".") + "source." + config_.id + "] of weir.toml";
  const std::string release = cli::command("release " + cli::shell_word(config_.id), org);
  const std::string mend = "; else mend the origin, and the next table goes by itself";
  const bool can_release = delivering_ == Delivering::kReal;
  if (guard == Guard::kFirst) {
    const std::string adopt = " reads the platform's rows first (a call a page), ";
    const std::string replace = " deletes all that are not among these";
    return can_release ? release + " --first adopt" + adopt + "--first replace" + replace
                       : "set first in " + table + ": \"adopt\"" + adopt + "\"replace\"" + replace;
  }
  if (can_release) return "if that is meant: " + release + mend;
  if (guard == Guard::kEmpty) return "if that is meant: start weir run, and then " + release + mend;
  return "if that is meant: set max_deletes = " + std::to_string(deletes) + " in " + table + mend;
}

// Whether what would be deleted waits to be deleted already. Once it is acknowledged, a release is
// used up: rows that came since were never meant by it.
Result<bool> SourceDelivery::deletes_no_more(const PublishReport& trial, bool is_released) const {
  const Result<OutboxContents> contents = parts_.client.outbox();
  if (!contents) return contents.error();
  for (const WaitingChanges& waiting : contents->waiting) {
    if (waiting.source != config_.id) continue;
    if (is_released && waiting.replaces_all_rows) return true;
    return (trial.rows > 0 || is_released) && trial.deleted > 0 && trial.deleted <= waiting.deletes;
  }
  return false;
}

// Deletes reach the phones as well, and there is no mirror of theirs to compare with.
std::optional<RowHandover> SourceDelivery::guard_served(
    const std::shared_ptr<KeptRows>& rows) const {
  const std::optional<ServedLoss> loss = served_->loss(rows);
  if (!loss) return std::nullopt;
  const double percent =
      100.0 * static_cast<double>(loss->gone) / static_cast<double>(loss->before);
  const std::optional<cli::DeletesLimit>& limit = config_.guards.max_deletes;
  bool is_too_much = loss->leaves_none;
  if (limit) {
    is_too_much = is_too_much || (limit->rows && loss->gone > *limit->rows) ||
                  (limit->percent && percent > *limit->percent);
  } else {
    is_too_much =
        is_too_much || (loss->before >= outbox::kGuardedRows && percent > outbox::kGuardPercent);
  }
  if (!is_too_much) return std::nullopt;
  const Guard guard = loss->leaves_none ? Guard::kEmpty : Guard::kDeletes;
  const bool is_for_all = !config_.served || config_.served->rule.column_name().empty();
  std::string reason = "it would delete " + number(loss->gone, "row") + " of " +
                       std::to_string(loss->before) +
                       (is_for_all ? " on every phone" : " on the phones of their users");
  if (loss->leaves_none && rows->rows() > 0)
    reason += ", for no row has a user in " + config_.served->rule.column_name();
  return RowHandover{.is_held = true,
                     .guard = guard,
                     .reason = std::move(reason),
                     .what_to_do = to_let_go(guard, loss->gone),
                     .held_deletes = loss->gone,
                     .rows = rows->rows()};
}

}  // namespace weir::daemon
