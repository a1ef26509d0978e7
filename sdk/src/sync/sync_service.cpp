#include <weir/sync/sync_service.h>

#include <algorithm>
#include <set>
#include <utility>

#include "os/guarded.h"
#include "rows/cells_codec.h"
#include "rows/row_check.h"
#include "store/owner.h"
#include "sync/scope.h"
#include "sync/service_impl.h"
#include "text/constant_time.h"

namespace weir {
namespace {

using sync::Edition;
using sync::LiveSource;
using sync::Question;
using sync::Questions;
using Kind = UserRule::Kind;

// How often the store is asked for what other processes did, when a device knows more than we do.
constexpr std::int64_t kLookEveryMs = 1000;

Error wrong(const std::string& message) {
  return {.code = ErrorCode::kInvalidConfig, .message = message};
}

Result<void> check(const SyncSource& source) {
  if (source.id.empty() || source.id.find(',') != std::string::npos)
    return wrong("the id of a data source must not be empty or have a comma: '" + source.id + "'");
  if (const auto bad = outbox::first_invalid_byte(source.id))
    return wrong("the id of a data source must be valid UTF-8, and is not at byte " +
                 std::to_string(*bad) + ": '" + source.id.substr(0, *bad) + "…'");
  if (!source.rows) return wrong("the data source " + source.id + " has no rows to serve");
  if (source.rule.kind() == Kind::kNone) {
    return wrong("the data source " + source.id +
                 " has no user rule: say which column names the user, or that all users see the "
                 "same rows");
  }
  const bool is_by_column =
      source.rule.kind() == Kind::kColumn || source.rule.kind() == Kind::kColumnValues;
  if (is_by_column && source.rule.column_name().empty())
    return wrong("the user rule of the data source " + source.id +
                 " has an empty name for its column; is a variable not set?");
  if (source.rule.kind() == Kind::kColumnValues && !source.rule.values())
    return wrong("the user rule of the data source " + source.id +
                 " has an empty function for the values of a user");
  if (source.max_deletes.value_or(0) < 0)
    return wrong("max_deletes of the data source " + source.id + " must be a number from 0 on");
  // It is false of what is no number, as 0.0 / 0.
  const bool is_number = source.max_deletes_percent.value_or(0) >= 0;
  if (!is_number)
    return wrong("max_deletes_percent of the data source " + source.id +
                 " must be a number from 0 on");
  return {};
}

Result<void> check(const SyncOptions& options) {
  if (options.company_id <= 0) return wrong("no company id is set");
  if (options.private_tokens.empty()) return wrong("no private token is set");
  for (const Secret& token : options.private_tokens) {
    if (token.empty()) return wrong("the private token from " + token.source() + " is empty");
  }
  if (options.store.empty()) return wrong("no store is set");
  if (options.sources.empty()) return wrong("no data source is set");
  if (options.retention.count() < 60) return wrong("changes must be kept for a minute at least");
  std::set<std::string> ids;
  for (const SyncSource& source : options.sources) {
    if (Result<void> usable = check(source); !usable) return usable;
    if (!ids.insert(source.id).second)
      return wrong("the data source " + source.id + " is set twice");
  }
  return {};
}

// The same for a wrong token, another company and an unknown data source, so that nobody learns
// what there is.
Error refusal() {
  return {.code = ErrorCode::kUnauthenticated,
          .message = "refused: the company, the private token or a data source is not known here"};
}

std::string in_words(const UserRule& rule) {
  switch (rule.kind()) {
    case Kind::kSameRowsForAll:
      return "all users see the same rows";
    case Kind::kColumn:
      return "users see the rows whose cell '" + rule.column_name() +
             "' is their e-mail address, upper and lower case alike";
    case Kind::kColumnValues:
      return "users see the rows whose cell '" + rule.column_name() +
             "' is one of the values that the program gives for them";
    case Kind::kSourceDecides:
      return "the source is asked with the user's e-mail address, as it came, and decides";
    case Kind::kNone:
      break;
  }
  return "nothing";
}

}  // namespace

Result<std::unique_ptr<SyncService::Impl>> SyncService::Impl::open(SyncOptions options) {
  if (Result<void> usable = check(options); !usable) return usable.error();
  if (!options.clock) options.clock = system_clock();
  options.log = os::quiet(std::move(options.log));
  Result<store::Store> store = store::open_store({.location = options.store});
  if (!store) return store.error();
  if (Result<void> ours = store::claim_for(*store->database, options.company_id, options.store);
      !ours)
    return ours.error();
  std::unique_ptr<Impl> impl(new Impl(std::move(options), std::move(*store)));
  const SyncOptions& set = impl->options_;
  Result<std::unique_ptr<sync::ChangeLog>> log =
      sync::ChangeLog::open(*impl->store_.database, set.clock, set.retention);
  if (!log) return log.error();
  impl->log_ = std::move(*log);
  for (const SyncSource& source : set.sources) {
    Result<std::unique_ptr<LiveSource>> live = LiveSource::open(source, *impl->log_, set.clock);
    if (!live) return live.error();
    impl->sources_.emplace(source.id, std::move(*live));
  }
  return impl;
}

SyncService::Impl::Impl(SyncOptions options, store::Store store)
    : options_(std::move(options)),
      company_(std::to_string(options_.company_id)),
      file_(os::id_of_file(options_.store)),
      store_(std::move(store)),
      cache_(static_cast<std::uint64_t>(options_.cache_bytes)) {}

// Everything is compared before anything is refused.
Result<std::vector<LiveSource*>> SyncService::Impl::admit(const SyncRequest& request) {
  bool known = sync::is_one_of(options_.private_tokens, request.private_token);
  known = sync::is_one_of(options_.private_tokens, request.private_token_with_blanks) || known;
  known = (request.company_id == company_) && known;
  bool user_needed = false;
  std::vector<LiveSource*> asked;
  for (const SyncRequest::Item& item : request.items) {
    const auto found = sources_.find(item.id);
    known = found != sources_.end() && known;
    if (found == sources_.end()) continue;
    asked.push_back(found->second.get());
    user_needed |= found->second->options().rule.kind() != Kind::kSameRowsForAll;
  }
  if (!known || asked.empty()) return refusal();
  if (user_needed && sync::folded(request.email).empty())
    return Error{.code = ErrorCode::kInvalidArgument, .message = "the email parameter is missing"};
  // No database could be asked for it; whose fault that is, the source's health must not tell.
  if (outbox::first_invalid_byte(request.email))
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = "the email parameter is not valid UTF-8 text, or has a NUL in it"};
  return asked;
}

// A device may have been answered by another process that shares the store; and a store may have
// been made to start anew. When it cannot be asked, the answer is made of what is known here.
void SyncService::Impl::look_for_others(const SyncRequest& request) {
  const std::int64_t now = options_.clock->steady_now().count();
  std::int64_t last = looked_at_ms_;
  const bool is_due =
      (last == 0 || now - last >= kLookEveryMs) && looked_at_ms_.compare_exchange_strong(last, now);
  const bool is_known =
      std::all_of(request.items.begin(), request.items.end(), [&](const SyncRequest::Item& item) {
        const std::optional<Edition> name = sync::read_edition(item.last_updated);
        return !name || log_->named(*name);
      });
  if (is_due || !is_known) static_cast<void>(log_->look_again());
}

// Another service may have the file that is there now, and both would give the same LastUpdated to
// different rows.
bool SyncService::Impl::is_store_replaced() const {
  return file_ && os::id_of_file(options_.store) != file_;
}

Result<Questions> SyncService::Impl::ask(const SyncRequest& request) {
  const Result<std::vector<LiveSource*>> sources = admit(request);
  if (!sources) return sources.error();
  if (is_store_replaced()) {
    return Error{.code = ErrorCode::kStoreUnusable,
                 .message = "the store " + store::shown_location(options_.store) +
                            " was deleted or replaced while this service had it open; restart the "
                            "service"};
  }
  look_for_others(request);
  return sync::settle_questions(*log_, *sources, request);
}

Result<std::vector<Row>> SyncService::Impl::rows_of(const Question& question, Edition edition) {
  std::vector<Row> rows;
  Result<void> readable;
  const auto add = [&](const std::string& cells) {
    Result<std::vector<std::string>> row = outbox::decode_cells(cells);
    if (row) {
      rows.push_back(std::move(*row));
    } else {
      readable = row.error();
    }
  };
  for (const sync::Scope& scope : question.view.scopes) {
    const Result<std::int64_t> read = log_->page({.source = question.source->number(),
                                                  .scope = scope,
                                                  .edition = edition,
                                                  .most = sync::kOpen},
                                                 add);
    if (!read) return read.error();
  }
  if (!readable) return readable.error();
  return rows;
}

Result<SyncAnswer> SyncService::Impl::answer(const SyncRequest& request) {
  const Result<Questions> questions = ask(request);
  if (!questions) return questions.error();
  SyncAnswer answer{.last_updated = sync::edition_text(questions->edition.name)};
  for (const Question& question : questions->each) {
    if (question.is_unchanged) continue;
    SyncSourceAnswer told{.id = question.source->id()};
    std::optional<sync::Difference> changed;
    if (question.views) {
      Result<std::optional<sync::Difference>> difference = log_->difference(*question.views);
      if (!difference) return difference.error();
      changed = std::move(*difference);
    }
    if (!changed) {
      Result<std::vector<Row>> rows = rows_of(question, questions->edition.edition);
      if (!rows) return rows.error();
      told.rows = std::move(*rows);
    } else {
      if (changed->empty()) continue;
      told.deleted_keys = std::move(changed->deleted_keys);
      for (const std::string& cells : changed->new_rows) {
        Result<std::vector<std::string>> row = outbox::decode_cells(cells);
        if (!row) return row.error();
        told.new_rows.push_back(std::move(*row));
      }
    }
    answer.sources.push_back(std::move(told));
  }
  return answer;
}

Result<LiveSource*> SyncService::Impl::find(const std::string& source_id) {
  const auto found = sources_.find(source_id);
  if (found != sources_.end()) return found->second.get();
  return Error{.code = ErrorCode::kUnknownDataSource,
               .message = "there is no data source " + source_id + " in this service"};
}

Result<SyncExplanation> SyncService::Impl::explain(const std::string& email,
                                                   const std::string& source_id) {
  const Result<LiveSource*> source = find(source_id);
  if (!source) return source.error();
  const SyncRequest request{.items = {{.id = source_id}}, .email = email};
  Result<Questions> questions = sync::settle_questions(*log_, {*source}, request);
  if (!questions) return questions.error();
  const Question& question = questions->each.front();
  Result<std::vector<std::string>> columns = (*source)->columns();
  if (!columns) return columns.error();
  Result<std::vector<Row>> rows = rows_of(question, questions->edition.edition);
  if (!rows) return rows.error();
  return SyncExplanation{.rule = in_words((*source)->options().rule),
                         .columns = std::move(*columns),
                         .rows = std::move(*rows),
                         .last_updated = sync::edition_text(log_->name_of(question.view.changed)),
                         .kept_since = sync::edition_text(question.view.kept_since)};
}

Result<void> SyncService::Impl::replaced(const std::string& source_id, const std::string& entry_id,
                                         const std::string& key, const std::string& email) {
  const Result<LiveSource*> source = find(source_id);
  if (!source) return source.error();
  return (*source)->replaced(entry_id, key, email);
}

Result<void> SyncService::Impl::check_sources() {
  for (const auto& [id, source] : sources_) {
    if (Result<void> readable = source->check(); !readable) return readable;
  }
  return {};
}

Result<void> SyncService::Impl::start_anew() { return log_->start_anew(); }

Result<void> SyncService::Impl::require_own_process() const {
  if (!is_forked()) return {};
  return Error{.code = ErrorCode::kForked,
               .message =
                   "this service was opened before fork(), by the parent process; open one in the "
                   "child"};
}

SyncService::SyncService(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SyncService::SyncService(SyncService&&) noexcept = default;
SyncService& SyncService::operator=(SyncService&& other) noexcept {
  SyncService moved(std::move(other));
  impl_.swap(moved.impl_);
  return *this;
}

// What is the parent's stays untouched.
SyncService::~SyncService() {
  if (impl_ && impl_->is_forked()) static_cast<void>(impl_.release());
}

Result<SyncService> SyncService::open(SyncOptions options) {
  Result<std::unique_ptr<Impl>> impl = Impl::open(std::move(options));
  if (!impl) return impl.error();
  return SyncService(std::move(*impl));
}

SyncHttpAnswer SyncService::handle(const SyncHttpRequest& request) {
  return impl_->handle(request);
}

Result<SyncAnswer> SyncService::answer(const SyncRequest& request) {
  if (Result<void> own = impl_->require_own_process(); !own) return own.error();
  return impl_->answer(request);
}

Result<void> SyncService::replaced(const std::string& source_id, const std::string& entry_id,
                                   const std::string& key, const std::string& email) {
  if (Result<void> own = impl_->require_own_process(); !own) return own;
  return impl_->replaced(source_id, entry_id, key, email);
}

Result<SyncExplanation> SyncService::explain(const std::string& email,
                                             const std::string& source_id) {
  if (Result<void> own = impl_->require_own_process(); !own) return own.error();
  return impl_->explain(email, source_id);
}

Result<void> SyncService::check_sources() {
  if (Result<void> own = impl_->require_own_process(); !own) return own;
  return impl_->check_sources();
}

Result<void> SyncService::start_anew() {
  if (Result<void> own = impl_->require_own_process(); !own) return own;
  return impl_->start_anew();
}

}  // namespace weir
