#include "api/platform.h"

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <utility>

#include "api/answer_table.h"
#include "text/ascii.h"
#include "text/without_key.h"

namespace weir::api {
namespace {

using pipeline::Answer;
using pipeline::AnswerKind;

std::string reading(const PageRequest& page) { return "reading data source " + page.external_id; }

std::string downloading(const FileRequest& file) {
  return "downloading file " + file.file_name + " of entry " + file.entry_id;
}

// The table of answers speaks of data sources and rows.
Error file_error(const Answer& answer, int status, const FileRequest& file) {
  Error error = error_of(answer, status, downloading(file));
  const bool is_missing =
      error.code == ErrorCode::kUnknownDataSource || error.code == ErrorCode::kMissingRow ||
      error.code == ErrorCode::kRefused ||
      (error.code == ErrorCode::kWrongRequest && (status == 200 || status == 400 || status == 404));
  if (!is_missing) return error;
  error.code = ErrorCode::kNotFound;
  error.message = downloading(file) + ": the platform answered " + std::to_string(status);
  if (!answer.message.empty()) error.message += " (" + answer.message + ")";
  error.message += ". Check the entry's id and the file's name.";
  return error;
}

bool ends_with_one_of(const std::string& name, std::initializer_list<std::string_view> endings) {
  const std::string lowered = text::lowered(name);
  return std::any_of(endings.begin(), endings.end(),
                     [&](std::string_view ending) { return lowered.ends_with(ending); });
}

// Hands an answer's bytes on as they come, but for the first ones: they are held back until they
// show whether they are a file's, or a failure's that was answered as a success.
class Receiver {
 public:
  using IsFile = std::function<Result<void>(const HttpResponse& whole)>;

  Receiver(const FileTaker& taker, IsFile is_file) : taker_(taker), is_file_(std::move(is_file)) {}

  // False when the transfer is to end; problem() says why.
  bool take(const HttpResponse& head, std::string_view bytes) {
    Result<void> taken;
    if (begun_) {
      taken = taker_.bytes(bytes);
    } else {
      held_.append(bytes);
      if (!may_be_a_failure(head)) taken = begin(head);
    }
    if (!taken) problem_ = taken.error();
    return taken.has_value();
  }

  // The head of an answer with the bytes that were held back.
  Result<void> begin(const HttpResponse& head) {
    if (std::exchange(begun_, true)) return {};
    const Result<FilePart> part = parse_file_part(head);
    if (!part) return part.error();
    if (part->from == 0) {
      const HttpResponse first{.status = head.status, .headers = head.headers, .body = held_};
      if (Result<void> file = is_file_(first); !file) return file;
    }
    if (Result<void> begun = taker_.begin(*part); !begun || held_.empty()) return begun;
    return taker_.bytes(std::exchange(held_, {}));
  }

  const std::optional<Error>& problem() const { return problem_; }

 private:
  // A web page shows itself at once; what looks like JSON is read when it is whole.
  bool may_be_a_failure(const HttpResponse& head) const {
    constexpr std::size_t kEnoughOfAPage = 256;
    if (head.status == 206 && !head.header("content-range").starts_with("bytes 0-")) return false;
    const std::string_view start = text::trimmed(held_);
    if (held_.size() > kLongestFailure || is_web_page({.headers = head.headers})) return false;
    if (start.empty() || start.front() == '{') return true;
    const bool may_be_markup = start.front() == '<' || start.front() == '\xEF';
    return may_be_markup && held_.size() < kEnoughOfAPage;
  }

  const FileTaker& taker_;
  const IsFile is_file_;
  bool begun_ = false;
  std::string held_;
  std::optional<Error> problem_;
};

// On which Weir acts itself, whoever has made the call.
bool is_about_the_budget(AnswerKind kind) {
  switch (kind) {
    case AnswerKind::kTooManyConnections:
    case AnswerKind::kLocked:
    case AnswerKind::kDailyLimit:
    case AnswerKind::kThrottled:
    case AnswerKind::kUnauthenticated:
    case AnswerKind::kUnexpected:
      return true;
    default:
      return false;
  }
}

Error redirect(const std::string& operation, int status, const std::string& where) {
  return {.code = ErrorCode::kBadResponse,
          .message = operation + ": the answer is a redirect (" + std::to_string(status) +
                     (where.empty() ? "" : " " + where) +
                     "), which is not followed. Is `url` the host alone?",
          .http_status = status,
          .may_have_been_sent = true};
}

Error web_page(const std::string& operation) {
  return {.code = ErrorCode::kBadResponse,
          .message = operation + ": the answer is a web page, not one of the platform",
          .may_have_been_sent = true};
}

// Hands the body of a success on, as it comes or, of one that the transport keeps, in the end.
class BodyReceiver {
 public:
  BodyReceiver(const BodyTaker& taker, std::string operation)
      : taker_(taker), operation_(std::move(operation)) {}

  bool take(const HttpResponse& head, std::string_view bytes) {
    const bool is_page = text::lowered(head.header("content-type")).starts_with("text/html");
    const Result<void> taken = is_page ? Result<void>(web_page(operation_)) : taker_(head, bytes);
    if (!taken) problem_ = taken.error();
    return taken.has_value();
  }

  void take_rest(HttpResponse& response) {
    if (response.status / 100 != 2 || response.body.empty() || problem_) return;
    take(response, std::exchange(response.body, {}));
  }

  const std::optional<Error>& problem() const { return problem_; }

 private:
  const BodyTaker& taker_;
  const std::string operation_;
  std::optional<Error> problem_;
};

}  // namespace

pipeline::Classifier classifier(std::vector<std::string> limit_words, Secret key,
                                std::shared_ptr<Clock> clock) {
  return [words = std::move(limit_words), key = std::move(key),
          clock = std::move(clock)](const HttpResponse& response) {
    std::optional<std::chrono::sys_seconds> now;
    if (clock) now = std::chrono::floor<std::chrono::seconds>(clock->now());
    return classify(response, words, key.reveal(), now);
  };
}

Platform::Platform(Send send, Options options)
    : send_(std::move(send)),
      options_(std::move(options)),
      classify_(
          classifier(options_.limit_words, options_.credentials.integration_key, options_.clock)) {}

PutAnswer Platform::put(const PutDataSource& content, const std::string& reason,
                        const Context& context) const {
  Result<HttpRequest> request = put_request(options_.credentials, content);
  if (!request) return {.error = request.error(), .kind = AnswerKind::kUnexpected};
  request->timeout = options_.call_timeout;
  request->reason = reason;
  const Result<HttpResponse> response = send_(*request, context);
  if (!response) return {.error = response.error(), .kind = AnswerKind::kUnexpected};
  const Answer answer = classify_(*response);
  if (answer.kind == AnswerKind::kOk) return {};
  return {
      .error = error_of(answer, response->status, "sending to data source " + content.external_id),
      .kind = answer.kind};
}

Result<HttpResponse> Platform::ask(HttpRequest request, const std::string& reason,
                                   const std::string& operation, const Context& context) const {
  request.timeout = options_.call_timeout;
  request.reason = reason;
  Result<HttpResponse> response = send_(request, context);
  if (!response) return response;
  const Answer answer = classify_(*response);
  if (answer.kind != AnswerKind::kOk) return error_of(answer, response->status, operation);
  return response;
}

Result<Page> Platform::page(const PageRequest& page, const std::string& reason,
                            const Context& context) const {
  const Result<HttpResponse> response =
      ask(page_request(options_.credentials, page), reason, reading(page), context);
  if (!response) return response.error();
  return parse_page(*response);
}

Result<FormPage> Platform::search(const FormSearch& search, const std::string& reason,
                                  const Context& context) const {
  const Result<HttpResponse> response =
      ask(form_search_request(options_.credentials, search), reason,
          "the search for entries of form " + search.form, context);
  if (!response) return response.error();
  return parse_form_page(*response);
}

Result<FileEnd> Platform::file(const FileRequest& file, const FileTaker& taker,
                               Milliseconds timeout, const Context& context) const {
  Receiver receiver(taker, [&](const HttpResponse& first) { return is_file(first, file); });
  HttpRequest request = file_request(options_.credentials, file);
  request.timeout = timeout;
  request.longest_silence = file.longest_silence;
  request.stop = context.stop;
  request.on_body = [&](const HttpResponse& head, std::string_view bytes) {
    return receiver.take(head, bytes);
  };
  const Result<HttpResponse> response = send_(request, context);
  if (receiver.problem()) return *receiver.problem();
  if (!response) return response.error();
  if (response->status == 416 && (file.from > 0 || file.most > 0))
    return FileEnd{.is_out_of_range = true, .size = size_when_out_of_range(*response)};
  if (response->status != 200 && response->status != 206)
    return file_error(classify_(*response), response->status, file);
  if (Result<void> begun = receiver.begin(*response); !begun) return begun.error();
  return FileEnd{};
}

// The sign-in of a network on the way, and a failure of the platform, come as a success as well.
Result<void> Platform::is_file(const HttpResponse& first, const FileRequest& file) const {
  if (!ends_with_one_of(file.file_name, {".html", ".htm", ".xhtml"}) && is_web_page(first))
    return Error{.code = ErrorCode::kBadResponse,
                 .message = downloading(file) +
                            ": the answer is a web page, not the file. Does this network ask for a "
                            "sign-in, and is `url` the platform's?",
                 .http_status = first.status,
                 .may_have_been_sent = true};
  if (ends_with_one_of(file.file_name, {".json"}) || !names_an_error(first)) return {};
  return file_error(classify_(first), first.status, file);
}

Result<HttpResponse> Platform::call(const HttpRequest& planned, const std::string& operation,
                                    const BodyTaker& taker, const Context& context) const {
  BodyReceiver receiver(taker, operation);
  HttpRequest request = planned;
  request.timeout = std::min(request.timeout, options_.call_timeout);
  if (taker) {
    request.on_body = [&](const HttpResponse& head, std::string_view bytes) {
      return receiver.take(head, bytes);
    };
  }
  Result<HttpResponse> response = send_(request, context);
  if (receiver.problem()) return *receiver.problem();
  if (!response) return response;
  if (taker) receiver.take_rest(*response);
  if (receiver.problem()) return *receiver.problem();
  const Answer answer = classify_(*response);
  if (response->status / 100 == 3) return redirect(operation, response->status, answer.message);
  if (is_about_the_budget(answer.kind)) return error_of(answer, response->status, operation);
  if (response->status / 100 != 2)
    response->body =
        text::without_key(response->body, options_.credentials.integration_key.reveal());
  return response;
}

}  // namespace weir::api
