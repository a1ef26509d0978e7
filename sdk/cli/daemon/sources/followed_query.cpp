#include "daemon/sources/followed_query.h"

#include <weir/foreign_words.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/sources/content_hash.h"
#include "daemon/sources/follow_reading.h"
#include "daemon/sources/query_origin.h"
#include "daemon/sources/timed_origin.h"

namespace weir::daemon {
namespace {

using nlohmann::json;

// Changes that are kept in one transaction.
constexpr std::size_t kMostAtOnce = 5000;

std::string shown(Milliseconds time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time).count();
  return seconds % 60 == 0 && seconds > 0 ? std::to_string(seconds / 60) + " min"
                                          : std::to_string(seconds) + " s";
}

// How far a query was followed.
struct FollowedPlace {
  std::optional<RowVersion> newest = {};
  TimePoint reconciled_at = {};
};

class FollowedQuery final : public TimedOrigin {
 public:
  FollowedQuery(const SourceConfig& config, const QueryOrigin& query, const Follow& follow,
                Timetable timetable)
      : TimedOrigin(std::move(timetable)),
        follow_(follow),
        query_hash_(
            content_hash(query.query + '\0' + follow.column + '\0' + follow.deleted.value_or(""))),
        reading_(full_address(query.database), config, query, follow) {}

 private:
  Result<OriginReading> read_now(SourceDelivery& delivery, TimePoint now,
                                 const std::stop_token& stop) override {
    const Result<std::optional<FollowedPlace>> place = load(delivery);
    if (!place) return place.error();
    // Platform Sync has no place to keep single changes in, and what is dry is compared whole: what
    // is read again within the overlap is no change.
    if (!*place || !(*place)->newest || !delivery.pushes() || delivery.is_dry())
      return read_whole(delivery, now, stop, {});
    FollowedPlace followed = **place;
    Result<OriginReading> news = follow(delivery, now, stop, followed);
    if (!news) return news;
    if (is_reconciliation_due(followed, now))
      return after(std::move(*news), read_whole(delivery, now, stop, followed));
    const Result<bool> are_behind = delivery.are_phones_behind();
    if (!are_behind) return are_behind.error();
    // A table that is held is not read again before something has changed.
    if (*are_behind && (is_changed(*news) || !delivery.held()))
      return after(std::move(*news), read_whole(delivery, now, stop, {}));
    if (const auto held = delivery.held()) news->handover = *held;
    return news;
  }

  static bool is_changed(const OriginReading& news) {
    return news.handover.upserted > 0 || news.handover.deleted > 0;
  }

  // The changes that following has found are taken, whatever becomes of the whole query.
  static Result<OriginReading> after(OriginReading news, Result<OriginReading> whole) {
    if (whole || !is_changed(news) || whole.error().code == ErrorCode::kCancelled) return whole;
    constexpr std::string_view kNothing = " Nothing was changed.";
    Error error = whole.error();
    if (error.message.ends_with(kNothing))
      error.message.resize(error.message.size() - kNothing.size());
    error.message =
        "the newest changes are taken, but not the whole query with them: " + error.message;
    news.failed = std::move(error);
    return news;
  }

  bool is_reconciliation_due(const FollowedPlace& place, TimePoint now) {
    if (!follow_.reconcile) return false;
    // One that is held is not made again all the time.
    const TimePoint last = std::max(place.reconciled_at, reconciled_at_);
    return now - last >= *follow_.reconcile || last > now;
  }

  // Changes are kept as they come. Only with the last of them the place moves on.
  Result<OriginReading> follow(SourceDelivery& delivery, TimePoint now, const std::stop_token& stop,
                               FollowedPlace& place) {
    std::vector<Change> changes;
    OriginReading total{.handover = {.are_changes = true}};
    const auto keep = [&](const std::vector<Note>& notes) -> Result<void> {
      const Result<RowHandover> kept = delivery.changes(changes, notes);
      if (!kept) return kept.error();
      changes.clear();
      total.handover.add(*kept);
      return {};
    };
    const Result<void> read = reading_.read(
        place.newest->minus(follow_.overlap), now, stop,
        [](const std::vector<std::string>&) -> Result<void> { return {}; },
        [&](const FollowedRow& row) -> Result<void> {
          if (row.is_deleted) {
            changes.emplace_back(Erase{row.cells.front()});
          } else {
            changes.emplace_back(Upsert{row.cells});
          }
          return changes.size() < kMostAtOnce ? Result<void>() : keep({});
        });
    if (!read) return read.error();
    const std::optional<RowVersion>& newest = reading_.newest();
    const bool has_moved = newest && newest->is_later_than(*place.newest);
    if (has_moved) place.newest = newest;
    if (!changes.empty() || has_moved) {
      if (Result<void> kept = keep({note(delivery, place)}); !kept) return kept.error();
    }
    total.warning = warning();
    total.remark = news_of(total.warning);
    return total;
  }

  // `followed`: up to where it was followed right before; then what is found beside that is told.
  Result<OriginReading> read_whole(SourceDelivery& delivery, TimePoint now,
                                   const std::stop_token& stop,
                                   const std::optional<FollowedPlace>& followed) {
    Result<KeptRowsWriter> writer = KeptRowsWriter::make();
    if (!writer) return writer.error();
    std::int64_t newer = 0;
    const Result<void> read = reading_.read(
        std::nullopt, now, stop,
        [&](const std::vector<std::string>& columns) { return writer->begin(columns); },
        [&](const FollowedRow& row) -> Result<void> {
          if (followed && row.version && row.version->is_later_than(*followed->newest)) ++newer;
          return row.is_deleted ? Result<void>() : writer->add(row.cells);
        });
    if (!read) return read.error();
    Result<std::shared_ptr<KeptRows>> rows = writer->finish();
    if (!rows) return rows.error();
    FollowedPlace place{.newest = reading_.newest(), .reconciled_at = now};
    if (followed && (!place.newest || followed->newest->is_later_than(*place.newest)))
      place.newest = followed->newest;
    reconciled_at_ = now;
    const Result<std::int64_t> before = waiting(delivery);
    if (!before) return before.error();
    Result<OriginReading> whole =
        reading_of(delivery.table(std::move(*rows), {note(delivery, place)}));
    if (!whole) return whole;
    whole->warning = warning();
    whole->remark = news_of(whole->warning);
    const Result<std::int64_t> after = waiting(delivery);
    if (!followed || whole->handover.is_held || !after) return whole;
    whole->reconciled = std::max<std::int64_t>(0, *after - *before - newer);
    if (whole->reconciled > 0)
      whole->remark = "the reconciliation found " + std::to_string(whole->reconciled) +
                      " changes that following had not seen: rows that were deleted, or commits "
                      "later than the overlap of " +
                      shown(follow_.overlap) + "; a longer overlap finds late ones sooner";
    return whole;
  }

  static Result<std::int64_t> waiting(SourceDelivery& delivery) {
    const Result<KnownSource> known = delivery.known();
    if (!known) return known.error();
    return known->waiting;
  }

  std::string warning() const {
    std::string text;
    if (reading_.without_version() > 0)
      text = std::to_string(reading_.without_version()) + " rows have no version in '" +
             follow_.column + "', such as the one with key " +
             foreign_words(reading_.example_without()) +
             "; only a reconciliation sees their changes";
    if (reading_.ahead() > 0)
      text += (text.empty() ? "" : "; ") + std::to_string(reading_.ahead()) +
              " rows have a version in the future, such as the one with key " +
              foreign_words(reading_.example_ahead()) + "; the query is not followed up to there";
    return text;
  }

  // Told once, as long as it stays the same.
  std::string news_of(const std::string& warning) {
    if (warning == told_) return "";
    told_ = warning;
    return warning;
  }

  Note note(const SourceDelivery& delivery, const FollowedPlace& place) const {
    const json text = {{"version", place.newest ? place.newest->text() : ""},
                       {"reconciled_ms", place.reconciled_at.time_since_epoch().count()},
                       {"query", query_hash_}};
    return {.scope = delivery.scope("follow"), .name = "place", .text = text.dump()};
  }

  Result<std::optional<FollowedPlace>> load(const SourceDelivery& delivery) const {
    const Result<std::vector<Note>> notes = delivery.client().notes(delivery.scope("follow"));
    if (!notes) return notes.error();
    const auto none = [] { return std::optional<FollowedPlace>(); };
    if (notes->empty()) return none();
    const json text = json::parse(notes->front().text, nullptr, false);
    if (!text.is_object() || text.value("query", "") != query_hash_) return none();
    return std::optional(FollowedPlace{
        .newest = RowVersion::parse(text.value("version", "")),
        .reconciled_at = TimePoint(Milliseconds(text.value("reconciled_ms", std::int64_t{0})))});
  }

  const Follow follow_;
  const std::string query_hash_;
  FollowReading reading_;
  TimePoint reconciled_at_ = {};  // tried in this process
  std::string told_;
};

}  // namespace

std::unique_ptr<OriginReader> make_followed_query(const SourceConfig& config,
                                                  const QueryOrigin& query, const Follow& follow,
                                                  Timetable timetable) {
  return std::make_unique<FollowedQuery>(config, query, follow, std::move(timetable));
}

}  // namespace weir::daemon
