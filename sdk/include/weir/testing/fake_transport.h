// FakeTransport: a Transport that answers from a script and remembers what it was asked, for tests
// of what a program does with one answer or another. FakePlatform (fake_platform.h) answers by
// itself.
//
// Costs nothing. For one thread: with ClientOptions::send_in_background set to false.
//
//   auto wire = std::make_shared<weir::testing::FakeTransport>();
//   wire->answer(503);
//   auto client = weir::Client::open({..., .send_in_background = false, .transport = wire});
#pragma once

#include <weir/transport.h>

#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace weir::testing::inline v0 {

class FakeTransport final : public Transport {
 public:
  std::vector<HttpRequest> requests;
  // Answers in turn; when they run out, 200 and an empty object.
  std::deque<Result<HttpResponse>> answers;
  // Called when a request could leave, but for its last look.
  std::function<void()> before_the_first_byte = [] {};
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
    before_the_first_byte();
    if (request.may_still_be_sent && !request.may_still_be_sent())
      return Error{.code = ErrorCode::kTimeout, .message = "too late"};
    requests.push_back(request);
    during(request);
    if (answers.empty()) return HttpResponse{.status = 200, .headers = {}, .body = "{}"};
    Result<HttpResponse> next = answers.front();
    answers.pop_front();
    return next;
  }
};

}  // namespace weir::testing::inline v0
