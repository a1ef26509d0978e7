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
constexpr std::string_view kChosen = "chosen";
// Rows have changed since a table was served: the text of no fingerprint.
constexpr std::string_view kBehind = "behind";

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
    return whole ? push_alone(rows, nullptr, notes) : Result<RowHandover>(whole.error());
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
  if (!serves()) return push_alone(*rows, rows, notes);
  // Rows that are pushed are checked there.
  const Result<void> servable = pushes() ? served_->check_columns(rows) : served_->check(rows);
  if (!servable) return servable.error();
  if (pushes()) return push_and_serve(rows, notes);
  if (std::optional<RowHandover> held = guard_served(rows)) {
    held_ = Held{.rows = std::move(rows), .notes = notes, .handover = *held};
    return *held;
  }
  if (is_dry()) return RowHandover{.rows = rows->rows(), .upserted = rows->rows()};
  return serve(rows, notes);
}

// Somebody who served the rows before and does so again later is behind then.
Result<RowHandover> SourceDelivery::push_alone(RowSource& rows,
                                               const std::shared_ptr<KeptRows>& kept,
                                               const std::vector<Note>& notes) {
  const Result<std::vector<Note>> all_notes = with_served(notes, "");
  if (!all_notes) return all_notes.error();
  return push(rows, kept, *all_notes, delivering_);
}

// What only the phones' guard holds is pushed as a trial: the other guards come first.
Result<RowHandover> SourceDelivery::push_and_serve(const std::shared_ptr<KeptRows>& rows,
                                                   const std::vector<Note>& notes) {
  const Result<std::vector<Note>> all_notes = with_served(notes, rows->fingerprint());
  if (!all_notes) return all_notes.error();
  const std::optional<RowHandover> held = guard_served(rows);
  if (held || is_dry()) {
    Result<RowHandover> trial = push(*rows, rows, *all_notes, Delivering::kDry);
    if (!trial || trial->is_held || !held) return trial;
    held_ = Held{.rows = rows, .notes = *all_notes, .handover = *held};
    return *held;
  }
  if (Result<void> ready = served_->prepare(*rows); !ready) return ready.error();
  Result<RowHandover> pushed = push(*rows, rows, *all_notes, delivering_);
  if (!pushed || pushed->is_held) {
    served_->withdraw();
    return pushed;
  }
  if (Result<void> put = served_->put(rows); !put) return put.error();
  return pushed;
}

// The notes come last: a process that ends before them takes the same table once more.
Result<RowHandover> SourceDelivery::serve(const std::shared_ptr<KeptRows>& rows,
                                          const std::vector<Note>& notes) {
  if (Result<void> ready = served_->prepare(*rows); !ready) return ready.error();
  if (Result<void> put = served_->put(rows); !put) return put.error();
  const Result<std::vector<Note>> all_notes = with_served(notes, rows->fingerprint());
  if (!all_notes) return all_notes.error();
  if (Result<void> noted = parts_.client.keep_notes(*all_notes); !noted) return noted.error();
  held_.reset();
  return RowHandover{.rows = rows->rows(), .upserted = rows->rows()};
}

Note SourceDelivery::served_note(const std::string& text) const {
  return {.scope = scope("served"), .name = "table", .text = text};
}

Result<std::string> SourceDelivery::served_by_the_store() const {
  const Result<std::vector<Note>> notes = parts_.client.notes(scope("served"));
  if (!notes) return notes.error();
  return notes->empty() ? std::string() : notes->front().text;
}

Result<std::vector<Note>> SourceDelivery::with_served(std::vector<Note> notes,
                                                      const std::string& text) const {
  const Result<std::string> before = served_by_the_store();
  if (!before) return before.error();
  if (*before != text) notes.push_back(served_note(text));
  return notes;
}

Result<bool> SourceDelivery::are_phones_behind() const {
  if (!serves()) return false;
  const Result<std::string> taken = served_by_the_store();
  if (!taken) return taken.error();
  const std::shared_ptr<KeptRows> served = served_->rows();
  return !served || served->fingerprint() != *taken;
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
                                         const std::vector<Note>& notes, Delivering delivering) {
  DataSource source = parts_.client.data_source(config_.id);
  const Result<std::optional<FirstPublish>> first = chosen_first();
  if (!first) return first.error();
  const Result<KnownSource> known = source.known();
  if (!known) return known.error();
  if (!known->is_published && known->waiting == 0 && !*first)
    return hold(rows, kept, notes, delivering, true);
  // A table that passes the guards needs no release, not even the one that was released.
  const Result<std::vector<Note>> all_notes = with_release_forgotten(notes);
  if (!all_notes) return all_notes.error();
  const Result<PublishReport> report =
      source.publish(rows, options(*first, *all_notes, delivering));
  if (report) return done(*report, delivering);
  if (report.error().code != ErrorCode::kInvalidArgument) return report.error();
  Result<RowHandover> held = hold(rows, kept, notes, delivering, false);
  if (held) return held;
  Error error = report.error();
  error.message = in_words(std::move(error.message));
  return error;
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
  const Result<std::string> served = served_by_the_store();
  if (!served) return served.error();
  std::string after = serves() ? *served : "";
  if (serves() && !changes.empty()) after = kBehind;
  ApplyOptions options{.columns = columns, .notes = notes};
  if (after != *served) options.notes.push_back(served_note(after));
  const Result<ApplyReport> report = parts_.client.data_source(config_.id).apply(changes, options);
  if (!report) return report.error();
  if (!changes.empty() && parts_.rows_kept) parts_.rows_kept();
  // Of what is read again, as within an overlap, phones have all already.
  const bool is_same = report->upserted == 0 && report->deleted == 0;
  if (serves() && is_same && after != *served) {
    const Result<void> kept = parts_.client.keep_notes({served_note(*served)});
    if (!kept) return kept.error();
  }
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
  const Held held = *held_;
  if (!pushes()) return serve(held.rows, held.notes);
  const Result<std::optional<FirstPublish>> chosen = chosen_first();
  if (!chosen) return chosen.error();
  PublishOptions released{
      .first = first ? first : *chosen, .allow_empty = true, .notes = held.notes};
  released.notes.push_back(
      {.scope = scope(std::string(kReleased)), .name = "table", .text = held.rows->fingerprint()});
  if (held.handover.guard == Guard::kFirst) {
    released.notes.push_back(
        {.scope = scope(std::string(kFirst)), .name = std::string(kChosen), .text = "replace"});
  }
  if (Result<void> ready = serves() ? served_->prepare(*held.rows) : Result<void>(); !ready)
    return ready.error();
  const Result<PublishReport> report =
      parts_.client.data_source(config_.id).publish(*held.rows, released);
  if (!report) {
    if (serves()) served_->withdraw();
    return report.error();
  }
  RowHandover handover = done(*report, delivering_);
  const Result<void> put = serves() ? served_->put(held.rows) : Result<void>();
  if (put) return handover;
  held_ = held;
  return put.error();
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
                                       const std::vector<Note>& notes,
                                       Delivering delivering) const {
  PublishOptions options{.first = first,
                         .guard_deletes = true,
                         .dry_run = delivering == Delivering::kDry,
                         .notes = notes};
  if (config_.guards.max_deletes) {
    options.max_deletes = config_.guards.max_deletes->rows;
    options.max_deletes_percent = config_.guards.max_deletes->percent;
  }
  return options;
}

RowHandover SourceDelivery::done(const PublishReport& report, Delivering delivering) {
  const bool has_changes = report.upserted > 0 || report.deleted > 0 || report.replaces_all_rows;
  if (has_changes && delivering != Delivering::kDry && parts_.rows_kept) parts_.rows_kept();
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
