// What a SyncService says over HTTP.
#include <algorithm>
#include <utility>

#include "os/guarded.h"
#include "sync/query_string.h"
#include "sync/service_impl.h"
#include "text/json_string.h"

namespace weir {
namespace {

using sync::AnswerBody;
using sync::AnswerPart;
using sync::EncodedText;
using sync::Encoding;
using sync::FullText;
using sync::Question;
using sync::Questions;
using sync::Told;

constexpr const char* kJson = "application/json; charset=utf-8";
constexpr const char* kText = "text/plain; version=0.0.4; charset=utf-8";

SyncHttpAnswer plain(int status, std::string text, const char* type = kJson) {
  SyncHttpAnswer answer{.status = status,
                        .headers = {{"Content-Type", type}, {"Cache-Control", "no-store"}}};
  std::vector<AnswerPart> parts(1);
  parts.front().text = std::move(text);
  answer.body = std::make_unique<AnswerBody>(std::move(parts), Encoding::kPlain);
  return answer;
}

// {"name":"value"}
std::string object(std::string_view name, std::string_view value) {
  std::string json = "{";
  if (!text::append_json_string(json, name)) return "{}";
  json += ':';
  if (!text::append_json_string(json, value)) return "{}";
  return json + '}';
}

// The platform takes any 4xx for "try again at the next sync". A fault of ours tells nothing of
// files and databases; the log does.
SyncHttpAnswer failure(const Error& error) {
  switch (error.code) {
    case ErrorCode::kUnauthenticated:
      return plain(401, object("Message", error.message));
    case ErrorCode::kInvalidArgument:
      return plain(400, object("Message", error.message));
    default:
      return plain(424, object("Message", "the rows cannot be read at present; try again later"));
  }
}

// "gzip", but not "gzip;q=0".
bool takes_gzip(std::string_view accepted) {
  for (const std::string& item : sync::items_of(accepted)) {
    const std::string_view name = std::string_view(item).substr(0, item.find(';'));
    if (!sync::same_name(name.substr(0, name.find(' ')), "gzip")) continue;
    const std::size_t quality = item.find("q=0");
    return quality == std::string::npos ||
           item.find_first_of("123456789", quality + 3) != std::string::npos;
  }
  return false;
}

std::string joined(const sync::Scopes& scopes) {
  std::string text;
  for (const std::string& scope : scopes) text += std::to_string(scope.size()) + ":" + scope;
  return text;
}

std::string cache_key(const Question& question, char kind, Encoding encoding) {
  return std::to_string(question.view.store) + "," + std::to_string(question.source->number()) +
         kind + (encoding == Encoding::kGzip ? "z" : "p");
}

}  // namespace

SyncHttpAnswer SyncService::Impl::handle(const SyncHttpRequest& request) {
  // Nothing more: a lock of the parent's may be held for ever here.
  if (is_forked()) return failure({.code = ErrorCode::kForked});
  const Milliseconds begun = options_.clock->steady_now();
  // Memory that ran out, or the author's own code: the device tries again.
  Result<SyncHttpAnswer> answer =
      os::guarded("an answer", [&]() -> Result<SyncHttpAnswer> { return route(request); });
  if (!answer) {
    if (options_.log) options_.log(LogLevel::kError, "sync failed: " + answer.error().message);
    answer = failure({.code = ErrorCode::kUnavailable});
  }
  metrics_.count(answer->status, options_.clock->steady_now() - begun);
  return std::move(*answer);
}

SyncHttpAnswer SyncService::Impl::route(const SyncHttpRequest& request) {
  const std::string_view path = request.target.substr(0, request.target.find('?'));
  const bool is_sync = path == "/" || path == "/api/v2/datasources";
  if (!is_sync && path != "/healthz" && path != "/metrics")
    return plain(404, object("Message", "there is nothing here"));
  if (request.method != "GET" && request.method != "HEAD") {
    SyncHttpAnswer answer = plain(405, object("Message", "only GET and HEAD are answered"));
    answer.headers.emplace_back("Allow", "GET, HEAD");
    return answer;
  }
  if (path == "/healthz") return health();
  if (path == "/metrics") return metrics();
  return sync(request, path.size() == request.target.size()
                           ? std::string_view{}
                           : request.target.substr(path.size() + 1));
}

SyncHttpAnswer SyncService::Impl::sync(const SyncHttpRequest& request, std::string_view query) {
  const Result<SyncRequest> parsed = parse_sync_request(query);
  if (!parsed) return failure(parsed.error());
  const Encoding encoding =
      takes_gzip(request.accept_encoding) ? Encoding::kGzip : Encoding::kPlain;
  const Result<Questions> questions = ask(*parsed);
  Result<SyncHttpAnswer> answer =
      questions ? encoded(*questions, encoding) : Result<SyncHttpAnswer>(questions.error());
  if (answer) return std::move(*answer);
  SyncHttpAnswer failed = failure(answer.error());
  if (failed.status == 424 && options_.log)
    options_.log(LogLevel::kWarning, answer.error().message);
  return failed;
}

Result<SyncHttpAnswer> SyncService::Impl::encoded(const Questions& questions, Encoding encoding) {
  std::vector<AnswerPart> parts(1);
  for (const Question& question : questions.each) {
    Result<AnswerPart> part = part_of(question, encoding, questions.edition.edition);
    if (!part) return part.error();
    const bool is_told = part->made || (part->encoded && part->encoded->size > 0);
    metrics_.count(!is_told         ? Told::kUnchanged
                   : question.views ? Told::kDifference
                                    : Told::kAllRows);
    if (!is_told) continue;
    if (parts.size() > 1) parts.push_back({.text = ","});
    parts.push_back(std::move(*part));
  }
  const bool changed = parts.size() > 1;
  parts.front().text = R"({"LastUpdated":")" + sync::edition_text(questions.edition.name) +
                       (changed ? R"(","DataSources":[)" : "\"}");
  if (changed) parts.push_back({.text = "]}"});
  // A text this short gets longer by gzip.
  const Encoding used = changed ? encoding : Encoding::kPlain;
  SyncHttpAnswer answer{.headers = {{"Content-Type", kJson},
                                    {"Cache-Control", "no-store"},
                                    {"Vary", "Accept-Encoding"}}};
  if (used == Encoding::kGzip) answer.headers.emplace_back("Content-Encoding", "gzip");
  answer.body = std::make_unique<AnswerBody>(std::move(parts), used);
  return answer;
}

Result<AnswerPart> SyncService::Impl::part_of(const Question& question, Encoding encoding,
                                              sync::Edition edition) {
  if (question.is_unchanged) return AnswerPart{};
  if (!question.views) return all_rows(question, encoding, edition);
  Result<std::optional<AnswerPart>> part = difference(question, encoding);
  if (!part) return part.error();
  if (*part) return std::move(**part);
  return all_rows(question, encoding, edition);
}

Result<AnswerPart> SyncService::Impl::all_rows(const Question& question, Encoding encoding,
                                               sync::Edition edition) {
  const auto text = [&] {
    return std::make_unique<FullText>(*log_, question.source->id(), question.source->number(),
                                      question.view.scopes, edition);
  };
  const Result<std::shared_ptr<const EncodedText>> cached = cache_.get(
      cache_key(question, 'F', encoding) + joined(question.view.scopes), question.view.rows_changed,
      [&] {
        return encode(*text(), encoding, static_cast<std::uint64_t>(options_.cache_bytes) / 4);
      });
  if (!cached) return cached.error();
  AnswerPart part;
  if ((*cached)->is_too_large) {
    part.made = text();
  } else {
    part.encoded = *cached;
  }
  return part;
}

Result<std::optional<AnswerPart>> SyncService::Impl::difference(const Question& question,
                                                                Encoding encoding) {
  const sync::Views& views = *question.views;
  bool is_forgotten = false;
  const auto text = [&]() -> Result<std::unique_ptr<sync::DifferenceText>> {
    Result<std::optional<sync::Difference>> difference = log_->difference(views);
    if (!difference) return difference.error();
    is_forgotten = !*difference;
    if (is_forgotten) return Error{.code = ErrorCode::kNotFound};
    return std::make_unique<sync::DifferenceText>(question.source->id(), std::move(**difference));
  };
  const std::string key = cache_key(question, 'D', encoding) + std::to_string(views.then.name) +
                          "," + joined(views.scopes_then) + joined(views.scopes_now);
  const Result<std::shared_ptr<const EncodedText>> cached =
      cache_.get(key, question.view.changed, [&]() -> Result<std::shared_ptr<const EncodedText>> {
        const auto made = text();
        if (!made) return made.error();
        return encode(**made, encoding, static_cast<std::uint64_t>(options_.cache_bytes) / 4);
      });
  AnswerPart part;
  if (cached && !(*cached)->is_too_large) {
    part.encoded = *cached;
    return std::optional(std::move(part));
  }
  if (cached) {
    auto made = text();
    if (made) {
      part.made = std::move(*made);
      return std::optional(std::move(part));
    }
    if (!is_forgotten) return made.error();
  }
  if (is_forgotten) return std::optional<AnswerPart>();
  return cached.error();
}

SyncHttpAnswer SyncService::Impl::health() const {
  if (is_store_replaced())
    return plain(503, object("status", "the store was replaced; restart the service"));
  for (const auto& [id, source] : sources_) {
    if (const std::optional<Milliseconds> taken = source->reading_overdue()) {
      return plain(503, object("status", "the data source " + id + " has been reading for " +
                                             std::to_string(taken->count() / 1000) + " s"));
    }
    if (!source->problem().empty()) return plain(503, object("status", "a source cannot be read"));
  }
  return plain(200, object("status", "ok"));
}

SyncHttpAnswer SyncService::Impl::metrics() {
  std::vector<sync::SourceGauge> gauges;
  for (const auto& [id, source] : sources_)
    gauges.push_back({.id = id,
                      .is_readable = source->problem().empty() && !source->reading_overdue(),
                      .changed = source->changed()});
  return plain(200, metrics_.text(gauges, cache_.bytes()), kText);
}

}  // namespace weir
