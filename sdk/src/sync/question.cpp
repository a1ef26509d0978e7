#include "sync/question.h"

#include <algorithm>
#include <utility>

#include "sync/scope.h"

namespace weir::sync {
namespace {

// With every attempt another thread has recorded a change, so this many in a row do not happen.
constexpr int kAttempts = 100;

// All of what is told must be one edition, or a device could keep a row for ever that came and went
// between two. A view that others have changed meanwhile is asked for again.
Result<NamedEdition> settle_on_one(std::vector<Question>& questions, const std::string& email,
                                   const NamedEdition& at_least) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    NamedEdition edition = at_least;
    for (const Question& question : questions) {
      if (question.view.as_of.edition >= edition.edition) edition = question.view.as_of;
    }
    bool settled = true;
    for (Question& question : questions) {
      if (question.view.as_of.edition == edition.edition || question.source->holds(question.view))
        continue;
      Result<View> view = question.source->view(email);
      if (!view) return view.error();
      question.view = std::move(*view);
      settled = false;
    }
    if (settled) return edition;
  }
  return Error{.code = ErrorCode::kStoreBusy,
               .message = "the data sources change faster than they can be read"};
}

// An edition that is told as any name makes an app's LastUpdated look odd, and nothing worse.
Result<NamedEdition> settle(ChangeLog& log, std::vector<Question>& questions,
                            const std::string& email) {
  Result<NamedEdition> edition = settle_on_one(questions, email, {});
  if (!edition || !is_any_name(edition->name)) return edition;
  const Result<std::optional<NamedEdition>> named = log.name_by_clock();
  if (!named || !*named) return edition;
  return settle_on_one(questions, email, **named);
}

// What the device has can be told from what the log has of its edition.
Result<void> look_back(ChangeLog& log, Question& question, Edition now, const std::string& email,
                       const std::string& last_updated) {
  const std::optional<Edition> name = read_edition(last_updated);
  const std::optional<NamedEdition> then = name ? log.named(*name) : std::nullopt;
  const View& view = question.view;
  if (!then || then->edition < view.kept_since || then->edition > now) return {};
  question.is_unchanged = then->edition >= view.changed;
  if (question.is_unchanged) return {};
  Result<std::optional<Scopes>> scopes = question.source->scopes_at(view, email, then->edition);
  if (!scopes) return scopes.error();
  if (!*scopes) return {};
  Views views{.source = question.source->number(),
              .scopes_then = std::move(**scopes),
              .then = *then,
              .scopes_now = view.scopes,
              .now = now};
  if (!view.own.empty()) {
    views.scopes_then.push_back(view.own);
    views.scopes_now.push_back(view.own);
  }
  question.views = std::move(views);
  return {};
}

Result<Questions> settle_for(ChangeLog& log, const std::vector<LiveSource*>& sources,
                             const SyncRequest& request) {
  Questions questions;
  for (LiveSource* source : sources) {
    Result<View> view = source->view(request.email);
    if (!view) return view.error();
    questions.each.push_back({.source = source, .view = std::move(*view)});
  }
  const Result<NamedEdition> edition = settle(log, questions.each, request.email);
  if (!edition) return edition.error();
  questions.edition = *edition;
  for (std::size_t i = 0; i < questions.each.size(); ++i) {
    Result<void> looked = look_back(log, questions.each[i], edition->edition, request.email,
                                    request.items[i].last_updated);
    if (!looked) return looked.error();
  }
  return questions;
}

// The same for a device of which nothing is known.
Result<Questions> settle_anew(ChangeLog& log, const std::vector<LiveSource*>& sources,
                              const std::string& email, const SyncRequest& request) {
  SyncRequest anew = request;
  anew.email = email;
  for (SyncRequest::Item& item : anew.items) item.last_updated.clear();
  return settle_for(log, sources, anew);
}

// Of rows that depend on the user.
Result<bool> has_rows(ChangeLog& log, const Questions& questions) {
  return log.read([&](store::Statements& sql) -> Result<bool> {
    return std::any_of(questions.each.begin(), questions.each.end(), [&](const Question& question) {
      return question.source->options().rule.kind() != UserRule::Kind::kSameRowsForAll &&
             has_current(sql, question.source->number(), question.view.scopes);
    });
  });
}

Result<bool> was_ever_known(ChangeLog& log, const std::vector<LiveSource*>& sources,
                            const std::string& email) {
  return log.read([&](store::Statements& sql) -> Result<bool> {
    return std::any_of(sources.begin(), sources.end(), [&](const LiveSource* source) {
      return is_kept(sql, source->number(), scope_of_value(email, log.hash()),
                     source->user_name(email));
    });
  });
}

}  // namespace

// A device may have been answered as the one user and then as the other, so where both are known,
// what it has is not.
Result<Questions> settle_questions(ChangeLog& log, const std::vector<LiveSource*>& sources,
                                   const SyncRequest& request) {
  // Blanks alone are no user: rows without one would be theirs.
  if (folded(request.email_with_blanks).empty()) return settle_for(log, sources, request);
  const Result<Questions> plus = settle_anew(log, sources, request.email, request);
  if (!plus) return plus.error();
  const Result<bool> plus_has_rows = has_rows(log, *plus);
  if (!plus_has_rows) return plus_has_rows.error();
  if (!*plus_has_rows) {
    Result<Questions> blank = settle_anew(log, sources, request.email_with_blanks, request);
    if (!blank) return blank;
    const Result<bool> blank_has_rows = has_rows(log, *blank);
    if (!blank_has_rows || *blank_has_rows) return blank_has_rows ? blank : blank_has_rows.error();
  }
  const Result<bool> known = was_ever_known(log, sources, request.email_with_blanks);
  if (!known) return known.error();
  return *known ? settle_anew(log, sources, request.email, request)
                : settle_for(log, sources, request);
}

}  // namespace weir::sync
