#include "sync/question.h"

#include <algorithm>
#include <utility>

namespace weir::sync {
namespace {

// With every attempt another thread has recorded a change, so this many in a row do not happen.
constexpr int kAttempts = 100;

// All of what is told must be one edition, or a device could keep a row for ever that came and went
// between two. A view that others have changed meanwhile is asked for again.
Result<Edition> settle_on_one(std::vector<Question>& questions, const std::string& email) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    Edition edition = 0;
    for (const Question& question : questions) edition = std::max(edition, question.view.as_of);
    bool settled = true;
    for (Question& question : questions) {
      if (question.view.as_of == edition || question.source->holds(question.view)) continue;
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

// What the device has can be told from what the log has of its edition.
Result<void> look_back(ChangeLog& log, Question& question, Edition now, const std::string& email,
                       const std::string& last_updated) {
  const std::optional<Edition> then = read_edition(last_updated);
  const View& view = question.view;
  if (!then || *then < view.kept_since || *then > now || !log.knows(*then)) return {};
  question.is_unchanged = *then >= view.changed;
  if (question.is_unchanged) return {};
  Result<std::optional<Scopes>> scopes = question.source->scopes_at(view, email, *then);
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

}  // namespace

Result<Questions> settle_questions(ChangeLog& log, const std::vector<LiveSource*>& sources,
                                   const SyncRequest& request) {
  Questions questions;
  for (LiveSource* source : sources) {
    Result<View> view = source->view(request.email);
    if (!view) return view.error();
    questions.each.push_back({.source = source, .view = std::move(*view)});
  }
  const Result<Edition> edition = settle_on_one(questions.each, request.email);
  if (!edition) return edition.error();
  questions.edition = *edition;
  for (std::size_t i = 0; i < questions.each.size(); ++i) {
    Result<void> looked =
        look_back(log, questions.each[i], *edition, request.email, request.items[i].last_updated);
    if (!looked) return looked.error();
  }
  return questions;
}

}  // namespace weir::sync
