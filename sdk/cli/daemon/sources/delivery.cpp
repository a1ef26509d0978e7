#include "daemon/sources/delivery.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "output/command_words.h"
#include "output/flag_words.h"
#include "output/printable.h"

namespace weir::daemon {
namespace {

constexpr std::string_view kFirst = "first";
constexpr std::string_view kReleased = "released";
constexpr std::string_view kOpenEnd = ": the text ends without a line break";
constexpr double kCutOffPercent = 10;
constexpr std::string_view kChosen = "chosen";
constexpr double kGuardPercent = 50;
constexpr std::int64_t kGuardedRows = 20;

std::string number(std::int64_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

}  // namespace

// A flag is one of weir push: weir run has none of them.
std::string SourceDelivery::in_words(std::string message) const {
  message = cli::with_flags(std::move(message));
  const std::string flag = "give --replace";
  const std::size_t at = message.find(flag);
  if (at == std::string::npos) return message;
  return message.replace(at, flag.size(),
                         "run " + cli::command("push --source " + cli::shell_word(config_.id) +
                                                   " --replace with these rows",
                                               parts_.config.name));
}

Result<RowHandover> SourceDelivery::table(RowSource& rows, const std::vector<Note>& notes,
                                          const std::optional<OpenEnd>& end) {
  if (!serves()) {
    if (!end) is_open_end_told_ = false;
    const Result<void> whole = end ? check_whole(rows, *end) : Result<void>();
    return whole ? push(rows, nullptr, notes) : Result<RowHandover>(whole.error());
  }
  Result<std::shared_ptr<KeptRows>> kept = KeptRows::read_from(rows);
  if (!kept) return kept.error();
  return table(std::move(*kept), notes, end);
}

Result<RowHandover> SourceDelivery::table(std::shared_ptr<KeptRows> rows,
                                          const std::vector<Note>& notes,
                                          const std::optional<OpenEnd>& end) {
  if (!end) is_open_end_told_ = false;
  if (const Result<void> whole = end ? check_whole(*rows, *end) : Result<void>(); !whole)
    return whole.error();
  RowHandover handover{.rows = rows->rows()};
  if (pushes()) {
    Result<RowHandover> pushed = push(*rows, rows, notes);
    if (!pushed || pushed->is_held) return pushed;
    handover = std::move(*pushed);
  } else {
    if (std::optional<RowHandover> held = guard_served(*rows)) {
      held_ = Held{.rows = std::move(rows), .notes = notes, .handover = *held};
      return *held;
    }
    handover.upserted = rows->rows();
    if (is_dry()) return handover;
    if (Result<void> noted = parts_.client.keep_notes(notes); !noted) return noted.error();
  }
  held_.reset();
  if (!serves() || is_dry()) return handover;
  if (Result<void> put = served_->put(rows); !put) return put.error();
  return handover;
}

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
  return judge({.rows = *gone, .is_much = percent > kCutOffPercent}, end);
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
  trial.max_deletes_percent = kCutOffPercent;
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

// A release is for one table. What comes after it forgets it, in the same transaction.
Result<std::vector<Note>> SourceDelivery::with_release_forgotten(std::vector<Note> notes) const {
  const Result<std::vector<Note>> released = parts_.client.notes(scope(std::string(kReleased)));
  if (!released) return released.error();
  for (const Note& note : *released)
    notes.push_back({.scope = note.scope, .name = note.name, .text = ""});
  return notes;
}

Result<RowHandover> SourceDelivery::push(RowSource& rows, const std::shared_ptr<KeptRows>& kept,
                                         const std::vector<Note>& notes) {
  DataSource source = parts_.client.data_source(config_.id);
  const Result<std::optional<FirstPublish>> first = chosen_first();
  if (!first) return first.error();
  const Result<KnownSource> known = source.known();
  if (!known) return known.error();
  if (!known->is_published && known->waiting == 0 && !*first) return hold(rows, kept, notes, true);
  // A table that passes the guards needs no release, not even the one that was released.
  const Result<std::vector<Note>> all_notes = with_release_forgotten(notes);
  if (!all_notes) return all_notes.error();
  const Result<PublishReport> report = source.publish(rows, options(*first, *all_notes));
  if (report) return done(*report);
  if (report.error().code != ErrorCode::kInvalidArgument) return report.error();
  Result<RowHandover> held = hold(rows, kept, notes, false);
  if (held) return held;
  Error error = report.error();
  error.message = in_words(std::move(error.message));
  return error;
}

// Whether the rows themselves are in order is found out by a dry run without guards.
Result<RowHandover> SourceDelivery::hold(RowSource& rows, std::shared_ptr<KeptRows> kept,
                                         const std::vector<Note>& notes, bool is_first) {
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
    const Result<PublishReport> report = parts_.client.data_source(config_.id)
                                             .publish(*kept, {.allow_empty = true,
                                                              .max_deletes = trial->deleted,
                                                              .dry_run = is_dry(),
                                                              .notes = *all_notes});
    if (!report) return report.error();
    return done(*report);
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

// Deletes reach the phones here as well, and there is no mirror to compare with.
std::optional<RowHandover> SourceDelivery::guard_served(KeptRows& rows) {
  const std::shared_ptr<KeptRows> before = served_->rows();
  if (!before || before->rows() == 0) return std::nullopt;
  const Result<std::int64_t> gone = rows.count_gone(*before);
  if (!gone) return std::nullopt;
  const double percent = 100.0 * static_cast<double>(*gone) / static_cast<double>(before->rows());
  const std::optional<cli::DeletesLimit>& limit = config_.guards.max_deletes;
  bool is_too_much = rows.rows() == 0;
  if (limit) {
    is_too_much = is_too_much || (limit->rows && *gone > *limit->rows) ||
                  (limit->percent && percent > *limit->percent);
  } else {
    is_too_much = is_too_much || (before->rows() >= kGuardedRows && percent > kGuardPercent);
  }
  if (!is_too_much) return std::nullopt;
  return RowHandover{
      .is_held = true,
      .guard = rows.rows() == 0 ? Guard::kEmpty : Guard::kDeletes,
      .reason = "it would delete " + number(*gone, "row") + " of " +
                std::to_string(before->rows()) + " on every phone",
      .what_to_do = to_let_go(rows.rows() == 0 ? Guard::kEmpty : Guard::kDeletes, *gone),
      .held_deletes = *gone,
      .rows = rows.rows()};
}

Result<RowHandover> SourceDelivery::changes(const std::vector<Change>& changes,
                                            const std::vector<Note>& notes,
                                            const std::vector<std::string>& columns) {
  const auto count = static_cast<std::int64_t>(changes.size());
  // At most so many: some may be as the platform has them already.
  if (is_dry()) {
    const std::int64_t erased =
        std::count_if(changes.begin(), changes.end(),
                      [](const Change& change) { return std::holds_alternative<Erase>(change); });
    return RowHandover{
        .are_changes = true, .rows = count, .upserted = count - erased, .deleted = erased};
  }
  const Result<ApplyReport> report =
      parts_.client.data_source(config_.id).apply(changes, {.columns = columns, .notes = notes});
  if (!report) return report.error();
  if (!changes.empty() && parts_.rows_kept) parts_.rows_kept();
  return RowHandover{.are_changes = true,
                     .rows = count,
                     .upserted = report->upserted,
                     .deleted = report->deleted,
                     .unchanged = report->unchanged,
                     .set_aside = report->set_aside};
}

Result<RowHandover> SourceDelivery::release(std::optional<FirstPublish> first) {
  if (!held_)
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = config_.id + " holds nothing, so there is nothing to release"};
  if (held_->handover.guard == Guard::kFirst && !first)
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = "it would be the first table of " + config_.id +
                            ": give --first adopt or --first replace"};
  // The guards count from then on: what it deletes is known only once the platform's rows are.
  if (held_->handover.guard == Guard::kFirst && *first == FirstPublish::kAdopt) return adopt();
  if (!pushes()) {
    const Held held = *std::exchange(held_, std::nullopt);
    if (Result<void> noted = parts_.client.keep_notes(held.notes); !noted) return noted.error();
    if (Result<void> put = served_->put(held.rows); !put) return put.error();
    return RowHandover{.rows = held.rows->rows()};
  }
  PublishOptions released{.first = first, .allow_empty = true, .notes = held_->notes};
  released.notes.push_back({.scope = scope(std::string(kReleased)),
                            .name = "table",
                            .text = held_->rows->fingerprint()});
  if (held_->handover.guard == Guard::kFirst) {
    released.notes.push_back(
        {.scope = scope(std::string(kFirst)), .name = std::string(kChosen), .text = "replace"});
  }
  const Result<PublishReport> report =
      parts_.client.data_source(config_.id).publish(*held_->rows, released);
  if (!report) return report.error();
  const std::shared_ptr<KeptRows> rows = held_->rows;
  held_.reset();
  RowHandover handover = done(*report);
  if (!serves()) return handover;
  if (Result<void> put = served_->put(rows); !put) return put.error();
  return handover;
}

Result<RowHandover> SourceDelivery::adopt() {
  const Held held = *held_;
  const Result<void> chosen = parts_.client.keep_notes(
      {{.scope = scope(std::string(kFirst)), .name = std::string(kChosen), .text = "adopt"}});
  if (!chosen) return chosen.error();
  Result<RowHandover> handover = table(held.rows, held.notes);
  if (!handover) held_ = held;
  return handover;
}

Result<std::optional<FirstPublish>> SourceDelivery::chosen_first() const {
  if (config_.guards.first) return config_.guards.first;
  const Result<std::vector<Note>> notes = parts_.client.notes(scope(std::string(kFirst)));
  if (!notes) return notes.error();
  if (notes->empty()) return std::optional<FirstPublish>();
  return std::optional(cli::first_publish_of(notes->front().text));
}

PublishOptions SourceDelivery::options(std::optional<FirstPublish> first,
                                       const std::vector<Note>& notes) const {
  PublishOptions options{
      .first = first, .guard_deletes = true, .dry_run = is_dry(), .notes = notes};
  if (config_.guards.max_deletes) {
    options.max_deletes = config_.guards.max_deletes->rows;
    options.max_deletes_percent = config_.guards.max_deletes->percent;
  }
  return options;
}

RowHandover SourceDelivery::done(const PublishReport& report) {
  const bool has_changes = report.upserted > 0 || report.deleted > 0 || report.replaces_all_rows;
  if (has_changes && !is_dry() && parts_.rows_kept) parts_.rows_kept();
  held_.reset();
  return {.rows = report.rows,
          .upserted = report.upserted,
          .deleted = report.deleted,
          .unchanged = report.unchanged,
          .set_aside = report.set_aside,
          .is_first = report.is_first,
          .replaces_all_rows = report.replaces_all_rows,
          .doubtful = report.doubtful,
          .store_was_put_back = report.store_was_put_back,
          .calls = report.calls,
          .calls_needed = report.calls_needed};
}

}  // namespace weir::daemon
