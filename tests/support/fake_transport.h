// FakeTransport: a Transport that answers from a script and remembers what it was asked. Not
// thread-safe.
#pragma once

#include <weir/transport.h>

#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace weir::testing {

class FakeTransport final : public Transport {
 public:
  std::vector<HttpRequest> requests;
  // Answers in turn; when they run out, 200 and an empty object.
  std::deque<Result<HttpResponse>> answers;
  // Called while a request is under way.
  std::function<void(const HttpRequest&)> during = [](const HttpRequest&) {};

  void answer(int status, std::string body = "{}") {
    answers.push_back(HttpResponse{.status = status, .headers = {}, .body = std::move(body)});
  }

  void fail(ErrorCode code, bool may_have_been_sent) {
    answers.push_back(
        Error{.code = code, .message = "played failure", .may_have_been_sent = may_have_been_sent});
  }

  Result<HttpResponse> send(const HttpRequest& request) override {
    requests.push_back(request);
    during(request);
    if (answers.empty()) return HttpResponse{.status = 200, .headers = {}, .body = "{}"};
    Result<HttpResponse> next = answers.front();
    answers.pop_front();
    return next;
  }
};

}  // namespace weir::testing
